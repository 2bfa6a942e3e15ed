"""Records which permissions a program's clients need. Python runs this first where its folder is on the path.

`sequence permissions record` puts it there. What is needed is written at every call, not at the end, since a program
may be killed, or be a process that another one began.
"""

from __future__ import annotations

import functools
import importlib.util
import json
import os
import sys
import threading
from contextlib import suppress
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from typing import Any, Final, cast

RECORD_TO: Final = "SEQUENCE_RECORD_TO"
HERE = Path(__file__).parent


class Recording:
    """What clients of one API are given as their permissions: it records, and asks those that the program declared."""

    def __init__(self, recorded: Any, declared: Any, keep: Any) -> None:
        self._recorded, self._declared, self._keep = recorded, declared, keep

    def of(self, contract: Any) -> Recording:
        """The same, with the part of the declared permissions that is of the client's API."""
        return Recording(self._recorded, self._declared and self._declared.of(contract), self._keep)

    def check(self, needed: Any) -> Any:
        """What the declared permissions lack, and this takes note."""
        self._keep(lambda: self._recorded.check(needed))
        return None if self._declared is None else self._declared.check(needed)

    def learn(self, operation: Any, response: object) -> None:
        """Take note of a response."""
        self._keep(lambda: self._recorded.learn(operation, response))
        if self._declared is not None:
            self._declared.learn(operation, response)


def _image() -> str:
    """What names a process, and what it runs: another one may have its ID later, and it may run something else."""
    return f"{os.getpid()}-{os.urandom(8).hex()}"


def record(client: Any, recorded: Any, folder: Path) -> None:
    """Let all clients of a class record into one set of permissions, and write that after each change."""
    made, lock, api = client.__init__, threading.RLock(), client.contract.short_name
    written, image = [""], [_image()]

    def begin() -> None:
        written[0], image[0] = "", _image()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(after_in_child=begin)

    def keep(change: Any) -> None:
        with lock:
            change()
            part = {"api": api, "entries": recorded.to_json(), "unresolved": recorded.unresolved}
            text = json.dumps(part)
            if text == written[0]:
                return
            file = folder / f"{image[0]}.{api}.json"
            with suppress(OSError):  # the command that asked for it has ended
                file.with_suffix(".new").write_text(text, encoding="utf-8")
                file.with_suffix(".new").replace(file)
                written[0] = text

    @functools.wraps(made)
    def init(self: Any, *args: Any, permissions: Any = None, **options: Any) -> None:
        if permissions is None or hasattr(permissions, "of"):  # what else there is, the client refuses
            permissions = Recording(recorded, permissions, keep)
        given: list[Any] = [options, args]
        del args, options  # no traceback through this frame may show the key
        made(self, *given.pop(), permissions=permissions, **given.pop())

    client.__init__ = init


class OnImport:
    """Begins to record when the SDK is executed: programs without it are not slower, and some only look for it."""

    def find_spec(self, name: str, *where: Any) -> ModuleSpec | None:
        """Find the SDK as it would be found without this, and record once it is executed."""
        if name != "sequence_sdk":
            return None
        others = (
            finder.find_spec(name, *where)
            for finder in sys.meta_path
            if finder is not cast("Any", self) and hasattr(finder, "find_spec")
        )
        spec = next((found for found in others if found is not None), None)
        if spec is not None and spec.loader is not None:
            execute = spec.loader.exec_module

            def execute_and_record(module: Any) -> None:
                execute(module)
                folder = Path(os.environ[RECORD_TO])
                record(module.SequenceClient, module.Permissions.recording(), folder)
                record(module.PlatformClient, module.platform.Permissions.recording(), folder)

            spec.loader.exec_module = execute_and_record  # type: ignore[method-assign]
        return spec


def run_the_other() -> None:
    """Run the `sitecustomize` that would have been found without this one."""
    others = [folder for folder in sys.path if Path(folder) != HERE]
    spec = PathFinder.find_spec("sitecustomize", others)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


if RECORD_TO in os.environ:
    sys.meta_path.insert(0, cast("Any", OnImport()))
run_the_other()
