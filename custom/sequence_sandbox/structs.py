"""Makes structs of JSON that was read, in several threads at once."""

from __future__ import annotations

import threading
from typing import TypeVar

import msgspec

T = TypeVar("T")

_lock = threading.Lock()
_learned: set[object] = set()


def convert(members: object, into: type[T], *, strict: bool = True) -> T:
    """What JSON is, as a struct has it.

    msgspec learns a class, and those of its members, when it is first asked for it: two threads that ask at that moment
    may end the process (0.22). Several sandboxes in one process are several threads.

    Raises:
        msgspec.ValidationError: It is something else.
        RecursionError: It is nested too deeply.
    """
    if into not in _learned:
        with _lock:
            msgspec.json.Decoder(into)
            _learned.add(into)
    return msgspec.convert(members, into, strict=strict)
