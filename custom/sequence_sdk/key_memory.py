"""Remembers what a client did with each idempotency key, so that later calls with it know what may have been done."""

from __future__ import annotations

from collections import OrderedDict
from typing import Protocol

from msgspec import Struct

from .age import Age

REMEMBERED = 10_000
"""How many keys are remembered: those whose calls left something open, those that were used last, and all in flight."""


class Sender(Protocol):
    """A call in flight, as far as others with its key must know it."""

    digest: str
    """What stands for its key and its request."""

    @property
    def may_have_sent(self) -> bool:
        """Whether it may have done what it asks for."""
        ...

    @property
    def succeeded(self) -> bool:
        """Whether it is known to have done it."""
        ...


class KeyUse(Struct, eq=False):
    """What is known of the calls with an idempotency key. Its age is the key's, all else is of one request with it."""

    age: Age = Age()
    open: tuple[str, ...] = ()
    """The requests that may have been done, by their digests."""
    done: tuple[str, ...] = ()
    """And those that were."""
    in_flight: tuple[Sender, ...] = ()

    def may_be_done_by_others(self, call: Sender) -> bool:
        """Whether other calls may have done what this one asks for."""
        return (
            call.digest in self.open
            or call.digest in self.done
            or any(one.may_have_sent for one in self.in_flight if one is not call and one.digest == call.digest)
        )

    def open_up(self, digest: str) -> None:
        """Take note that a request may have been done."""
        if digest not in self.open:
            self.open = (*self.open, digest)

    def begin(self, call: Sender) -> None:
        self.in_flight = (*self.in_flight, call)

    def end(self, call: Sender) -> None:
        self.in_flight = tuple(other for other in self.in_flight if other is not call)
        if call.succeeded:  # which settles it, and no refusal of a later call may deny it
            self.open = tuple(digest for digest in self.open if digest != call.digest)
            self.done = (*(digest for digest in self.done if digest != call.digest), call.digest)
        elif call.may_have_sent:
            self.open_up(call.digest)


class KeyMemory:
    """The uses of idempotency keys."""

    def __init__(self) -> None:
        self._uses: OrderedDict[str, KeyUse] = OrderedDict()

    def use(self, key: str) -> KeyUse:
        """What is known of a key."""
        use = self._uses.setdefault(str(key), KeyUse())
        self._uses.move_to_end(str(key))
        while len(self._uses) > REMEMBERED and (oldest := self._oldest(use)) is not None:
            del self._uses[oldest]
        return use

    def _oldest(self, but: KeyUse) -> str | None:
        """The key to forget first: the one used longest ago of those that left nothing open, or else of all others."""
        idle = (item for item in self._uses.items() if item[1] is not but and not item[1].in_flight)
        first = next(idle, None)
        if first is None or not first[1].open:
            return first and first[0]
        return next((key for key, use in idle if not use.open), first[0])
