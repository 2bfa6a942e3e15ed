"""Clocks that tests turn, so that they need not wait."""

from __future__ import annotations

from datetime import datetime, timedelta

import anyio
import anyio.lowlevel
from msgspec.structs import replace

from sequence_sdk import Clock, Moment


class SkippingClock(Clock):
    """A clock that is turned by hand, and on which waiting takes no time: it is skipped."""

    def __init__(self) -> None:
        self.wall_ahead = self.monotonic_ahead = self.boottime_ahead = 0.0
        self.slept: list[float] = []

    def advance(self, seconds: float) -> None:
        self.wall_ahead += seconds
        self.monotonic_ahead += seconds
        self.boottime_ahead += seconds

    def suspend(self, seconds: float) -> None:
        """Let the machine sleep, during which its monotonic clock stands still."""
        self.wall_ahead += seconds
        self.boottime_ahead += seconds

    def now(self) -> datetime:
        return super().now() + timedelta(seconds=self.wall_ahead)

    def monotonic(self) -> float:
        return super().monotonic() + self.monotonic_ahead

    def moment(self) -> Moment:
        moment = super().moment()
        assert moment.boottime is not None
        return replace(
            moment,
            monotonic=moment.monotonic + self.monotonic_ahead,
            boottime=moment.boottime + self.boottime_ahead,
        )

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.advance(seconds)
        await anyio.lowlevel.checkpoint()


class StandingClock(Clock):
    """A clock on which no time passes but that of waiting."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    async def sleep(self, seconds: float) -> None:
        await anyio.lowlevel.checkpoint()
        self.seconds += seconds
