"""Tells the time: all of the SDK that waits, expires or is measured asks one clock, which tests can replace."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import anyio
from msgspec import Struct

from .background import loop_time

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")
_BOOTTIME: int | None = getattr(time, "CLOCK_BOOTTIME", None)
_PROCESS = os.urandom(8).hex()


class Moment(Struct, frozen=True, kw_only=True):
    """A moment by every clock of the machine: any one of them may stand still or be set back."""

    wall: datetime
    """UTC."""
    monotonic: float
    """Seconds; it may stand still while the machine is suspended."""
    boottime: float | None
    """Seconds, suspends included, where the system has such a clock."""
    machine: str
    """Which start of which machine the last two belong to: those of another one mean nothing here."""

    def until(self, later: Moment) -> timedelta:
        """The time to a later moment, by the clock that shows the most of it."""
        spans = [(later.wall - self.wall).total_seconds(), 0.0]
        if self.machine == later.machine:
            spans.append(later.monotonic - self.monotonic)
            if self.boottime is not None and later.boottime is not None:
                spans.append(later.boottime - self.boottime)
        return timedelta(seconds=max(spans))


class Clock:
    """The time as a client sees it. A test gives a client one of its own, so that it need not wait:

        class FastClock(Clock):
            skipped = 0.0

            def now(self):
                return super().now() + timedelta(seconds=self.skipped)

            def monotonic(self):
                return super().monotonic() + self.skipped

            async def sleep(self, seconds):
                self.skipped += seconds

        SequenceClient(clock=FastClock())

    How long a server may take to respond is measured by the event loop, whatever the clock says.
    """

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    def now(self) -> datetime:
        """The date and time, UTC."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Seconds since some moment, never fewer than before: by default the clock of the event loop."""
        return anyio.current_time()

    def reader(self) -> Callable[[], float]:
        """What `monotonic` gives, without looking for the event loop each time; it is asked for in that event loop."""
        return loop_time() if type(self).monotonic is Clock.monotonic else self.monotonic

    async def sleep(self, seconds: float) -> None:
        """Wait."""
        await anyio.sleep(seconds)

    def moment(self) -> Moment:
        """The present, by every clock."""
        return Moment(
            wall=self.now(),
            monotonic=time.monotonic(),
            boottime=None if _BOOTTIME is None else time.clock_gettime(_BOOTTIME),
            machine=_machine(),
        )


SYSTEM_CLOCK = Clock()
"""The clocks of this machine."""


@cache
def _machine() -> str:
    """A name of this start of this machine; where the system has none, of this process."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError):
        return _PROCESS
