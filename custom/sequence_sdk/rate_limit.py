"""Decides when a request may be sent, so that the API's limit is kept and not run into."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

import anyio
from attrs import field, frozen
from msgspec import Struct

from .clock import SYSTEM_CLOCK, Clock
from .settings import check_count, check_seconds

AT_ONCE = 100
"""How many requests of a client are in flight at most, whatever the limit: as many as HTTP clients have connections.
More would stand in line in their pools, which is slow, and not in the order of asking."""


@frozen
class RateLimit:
    """A limit of requests in a time, such as `RateLimit(100, per=60)`.

    Up to `requests` are sent at once; their slots come back evenly, all of them within `per` seconds. Requests without
    a slot wait for one, first come, first served.

    Raises:
        ConfigurationError: A number is not above zero.
    """

    requests: int = 100
    per: float = field(default=60.0, kw_only=True)
    """Seconds."""

    def __attrs_post_init__(self) -> None:
        check_count(f"{type(self).__name__}: requests", self.requests, minimum=1)
        check_seconds(f"{type(self).__name__}: per", self.per)

    def limiter(self, clock: Clock = SYSTEM_CLOCK) -> Limiter:
        """What keeps the limit for one client."""
        return Limiter(Bucket(self.requests, self.requests / self.per), clock)


class Bucket(Struct):
    """The requests that count against a limit: those in flight, and those that ended, which drain evenly.

    The server counts a request at some moment between its sending and its response. This counts it from its sending
    and drains it from its response on, so it never counts fewer than the server, whatever the delays between the two.
    """

    capacity: float
    """Requests; infinite where only pauses count."""
    rate: float
    """Requests that drain in a second."""
    in_flight: int = 0
    ended: float = 0.0
    """Requests that ended and have not drained yet."""
    drained: float = -math.inf
    """Until when they have: seconds on the client's clock."""
    paused: float = -math.inf
    """Until when nobody may pass."""

    def take(self, now: float) -> float:
        """Take a slot and give 0, or give the seconds to wait: infinite where only a response makes a slot."""
        self._drain(now)
        if now < self.paused:
            return self.paused - now
        if self.in_flight >= AT_ONCE or self.in_flight + 1 > self.capacity:
            return math.inf
        lacking = 1 + self.in_flight + self.ended - self.capacity
        if lacking <= 1e-9:  # seconds do not add up exactly
            self.in_flight += 1
            return 0.0
        return lacking / self.rate

    def give_back(self, now: float) -> None:
        """Let a request that was in flight count as finished."""
        self._drain(now)
        self.in_flight -= 1
        self.ended += 1

    def pause(self, now: float, seconds: float) -> None:
        """Let nobody pass for some seconds. The server has counted more than this did: then only one is free."""
        self._drain(now)
        self.paused = max(self.paused, now + seconds)
        if math.isfinite(self.capacity):
            self.ended = max(self.ended, self.capacity - 1 - self.in_flight)
            self.drained = self.paused

    def _drain(self, now: float) -> None:
        if now > self.drained:
            self.ended = max(0.0, self.ended - (now - self.drained) * self.rate) if self.ended else 0.0
            self.drained = now


class Limiter:
    """Lets requests pass, for all tasks of a client."""

    def __init__(self, bucket: Bucket, clock: Clock = SYSTEM_CLOCK) -> None:
        self._bucket = bucket
        self._clock = clock
        self.now: Callable[[], float] = clock.monotonic
        """Seconds, by the client's clock. Whoever knows the event loop gives one that need not look for it."""
        self._turn: anyio.Lock | None = None
        """Handed on in the order of asking; made when somebody has to wait, which most clients never do."""
        self._ended: anyio.Event | None = None

    def acquire_now(self) -> bool:
        """Take a turn if there is one at once, and nobody stands in line for it."""
        return not (self._turn and self._turn.locked()) and not self._bucket.take(self.now())

    async def acquire(self) -> float:
        """Wait for a turn, in the order of asking, and give the seconds that it took.

        Cancelled meanwhile, it has taken nothing.
        """
        began = self.now()
        self._turn = self._turn or anyio.Lock()
        async with self._turn:
            while wait := self._bucket.take(now := self.now()):
                if wait < math.inf:  # no response makes it shorter: what ends has to drain as well
                    await self._clock.sleep(wait)
                else:
                    self._ended = anyio.Event()
                    await self._ended.wait()
        return now - began

    async def release(self) -> None:
        """Say that a request that had its turn has ended."""
        self._bucket.give_back(self.now())
        if self._ended is not None:
            self._ended.set()

    async def pause(self, seconds: float) -> None:
        """Let nobody pass for as long as the server asks, and only one at a time then."""
        self._bucket.pause(self.now(), seconds)

    async def aclose(self) -> None:
        """Give up what it needs to do so."""


def pauses_only(clock: Clock = SYSTEM_CLOCK) -> Limiter:
    """A limiter without a limit in time: it still pauses when the server asks for it."""
    return Limiter(Bucket(math.inf, 1.0), clock)


class _Documented(RateLimit):
    """Stands for the limit of the API that a client is of."""

    def __repr__(self) -> str:
        return "RateLimit of the API"


DOCUMENTED: Final[RateLimit] = _Documented()
"""What a client keeps to if it is given no other limit."""
