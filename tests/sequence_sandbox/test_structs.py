"""Structs are made of JSON in several threads at once, as several sandboxes of one process do."""

from __future__ import annotations

import subprocess
import sys

PROGRAM = """
import sys, threading
from msgspec import Struct, ValidationError
from sequence_sandbox.structs import convert

sys.setswitchinterval(1e-6)
for number in range(60):
    space = {"Struct": Struct, "__name__": __name__}
    exec('''
class Leaf(Struct):
    name: "str"
    more: "dict[str, int] | None" = None

class Branch(Struct):
    leaves: "list[Leaf]"
    branches: "list[Branch]" = []

class Tree(Struct):
    root: "Branch"
    leaf: "Leaf | None" = None
''', space)
    globals().update(space)
    barrier, found = threading.Barrier(6), []

    def work(into):
        barrier.wait()
        leaf = {"name": "a", "more": {"b": 1}}
        members = {"root": {"leaves": [leaf]}, "leaf": leaf} if into is Tree else {"leaves": [leaf]}
        found.append(convert(members, into))

    threads = [threading.Thread(target=work, args=(space[name],)) for name in ("Tree", "Branch") * 3]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 6, found
print("done")
"""


def test_threads_that_ask_for_new_structs_at_once_get_them() -> None:
    shown = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60, check=False)
    assert (shown.stdout, shown.returncode) == ("done\n", 0), shown.stderr
