"""Remembers what a client did with each idempotency key, so that later calls with it know what may have been done."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, Protocol

from attrs import define, field

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
    """What became of the calls that sent the same request with the same idempotency key."""

    first_sent: Moment | None = None
    """When the first attempt of the first of them began."""
    open: bool = False
    """Whether a call that ended may have done it, and nothing since says what it did."""
    in_flight: list[Sender] = field(factory=list[Sender])

    def may_be_done(self, call: Sender) -> bool:
        """Whether another call may have done what this one asks for."""
        return self.open or any(other.may_have_sent for other in self.in_flight if other is not call)


class KeyMemory:
    """The uses of idempotency keys, by key and request."""

    def __init__(self) -> None:
        self._uses: OrderedDict[tuple[str, str, bytes | None], KeyUse] = OrderedDict()

    def use(self, key: str, path: str, content: bytes | None) -> KeyUse:
        """What is remembered of a key together with a request."""
        use = self._uses.setdefault((str(key), path, content), KeyUse())
        self._uses.move_to_end((str(key), path, content))
        while len(self._uses) > REMEMBERED:
            oldest = next(iter(self._uses))
            if self._uses[oldest].in_flight:
                break
            del self._uses[oldest]
        return use

    def forget(self, key: str, path: str, content: bytes | None) -> None:
        """Drop what nobody will ask for again: a key that the SDK made for one call, of which nothing is open."""
        self._uses.pop((str(key), path, content), None)
