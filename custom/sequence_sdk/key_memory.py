"""Remembers what a client did with each idempotency key, so that later calls with it know what may have been done."""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Protocol

from attrs import define

if TYPE_CHECKING:
    from .clock import Moment

REMEMBERED = 10_000
"""How many keys are remembered: those that were used last, and all of calls in flight."""


class Sender(Protocol):
    """A call in flight, as far as others with its key must know it."""

    @property
    def may_have_sent(self) -> bool:
        """Whether it may have done what it asks for."""
        ...


@define(eq=False)
class KeyUse:
    """What is known of the calls that send the same request with the same idempotency key."""

    digest: str
    """What stands for the key and the request: 16 hexadecimal digits."""
    first_sent: Moment | None = None
    """When the first attempt of the first of them began, here or where it was resumed from."""
    first_used: datetime | None = None
    """When (UTC) the key was used first, where its owner has said so."""
    may_be_done: bool = False
    """Whether a call that ended did it, or may have done it."""
    in_flight: tuple[Sender, ...] = ()

    def may_be_done_by_others(self, call: Sender) -> bool:
        """Whether another call may have done what this one asks for."""
        return self.may_be_done or any(other.may_have_sent for other in self.in_flight if other is not call)

    def begin(self, call: Sender) -> None:
        self.in_flight = (*self.in_flight, call)

    def end(self, call: Sender) -> None:
        self.in_flight = tuple(other for other in self.in_flight if other is not call)


class KeyMemory:
    """The uses of idempotency keys, by key and request."""

    def __init__(self) -> None:
        self._uses: OrderedDict[str, KeyUse] = OrderedDict()

    def use(self, key: str, path: str, content: bytes | None) -> KeyUse:
        """What is known of a key together with a request."""
        digest = blake2b(b" ".join((key.encode(), path.encode(), content or b"")), digest_size=8).hexdigest()
        use = self._uses.get(digest)
        if use is None:
            use = self._uses[digest] = KeyUse(digest)
        self._uses.move_to_end(digest)
        if len(self._uses) > REMEMBERED:
            oldest = next((one for one, other in self._uses.items() if not other.in_flight and other is not use), None)
            if oldest is not None:
                del self._uses[oldest]
        return use
