"""Decides what time it is in a sandbox: a time that tests control, or the wall clock's."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

START = datetime(2024, 4, 24, tzinfo=UTC)
"""When a clock that stands still begins: the day after the newest of the documented data."""


FARTHEST = 100 * 365 * 24 * 3600
"""Seconds in a hundred years, by which no test needs to advance a clock."""


def iso(moment: datetime) -> str:
    """A moment as the API writes it: ISO 8601 in UTC, with fractions of a second only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Clock:
    """A clock that stands still unless it is advanced, or one that begins at the wall clock's time, runs, and can be
    set forward.
    """

    def __init__(self, *, running: bool = False, speed: float = 1.0) -> None:
        """Start it; `speed` is how many seconds pass on it in a second, where it runs.

        Raises:
            ValueError: The speed is not a number above zero.
        """
        if not 0 < speed <= FARTHEST:
            raise ValueError(f"the speed of a clock must be above 0, not {speed}")
        self._start = datetime.now(UTC) if running else START
        self._started = time.monotonic()
        self._speed = speed if running else 0.0
        self._advanced = timedelta()

    def now(self) -> datetime:
        passed = (time.monotonic() - self._started) * self._speed
        return self._start + timedelta(seconds=passed) + self._advanced

    @property
    def is_running(self) -> bool:
        return self._speed > 0

    def seconds_until(self, moment: datetime) -> float:
        """How many seconds of the wall clock pass until a moment, on a clock that runs."""
        return max(0.0, (moment - self.now()).total_seconds() / self._speed)

    def advance(self, seconds: float) -> None:
        """Set the clock forward.

        Raises:
            ValueError: That would be backwards.
        """
        if not 0 <= seconds <= FARTHEST:
            raise ValueError(f"a clock can be set forward only, and by {FARTHEST} seconds at most, not by {seconds}")
        self._advanced += timedelta(seconds=seconds)
