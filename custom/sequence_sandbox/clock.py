"""Decides what time it is in a sandbox: a time that tests control, or one that runs."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

START = datetime(2024, 4, 24, tzinfo=UTC)
"""When a clock that stands still begins: the day after the newest of the documented data."""
END = datetime(2200, 1, 1, tzinfo=UTC)
"""Where every clock stops: what is computed from a time has room before the calendar ends."""

FARTHEST = 100 * 365 * 24 * 3600
"""Seconds in a hundred years, by which no test needs to advance a clock."""


def iso(moment: datetime) -> str:
    """A moment as the API writes it: ISO 8601 in UTC, with fractions of a second only where there are any."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


class Clock:
    """A clock that stands still until it is set forward, or one that runs; it never goes back but by `reset`.

    sandbox.clock.advance(60)
    sandbox.clock.set(datetime(2024, 5, 1, tzinfo=UTC))
    sandbox.clock.run(speed=60)
    sandbox.clock.freeze()
    """

    def __init__(self, *, start: datetime | None = None, running: bool = False, speed: float = 1.0) -> None:
        """Make one that stands still, or one that runs.

        Args:
            start: When it begins; without it, 24 April 2024 where it stands still, and now where it runs.
            running: Whether it runs.
            speed: How many seconds pass on it in a second, where it runs.

        Raises:
            ValueError: The speed is not a number above zero, or the start is without a time zone or out of range.
        """
        if start is not None and (not isinstance(start, datetime) or start.tzinfo is None or not START <= start <= END):
            raise ValueError(
                f"a clock begins between {iso(START)} and {iso(END)}, in a time zone such as UTC, not at {start}"
            )
        self._start = start
        self._made_running, self._made_speed = running, _checked(speed)
        self._state: tuple[datetime, float, float]
        """What it was last set to, when by the machine's clock, and its speed: one value, which threads can share."""
        self.observers: list[Callable[[], object]] = []
        """Told that it shows another time, or runs at another speed."""
        self.begun = 0
        """How often it was begun anew: who waits for a time of before waits no longer."""
        self.reset()

    def __repr__(self) -> str:
        return f"<Clock {iso(self.now())}, {f'speed {self.speed:g}' if self.is_running else 'still'}>"

    def now(self) -> datetime:
        """The time, UTC."""
        base, read, speed = self._state
        passed = (time.monotonic() - read) * speed
        return base + timedelta(seconds=min(passed, (END - base).total_seconds()))

    @property
    def speed(self) -> float:
        """How many seconds pass on it in a second; 0 where it stands still."""
        return self._state[2]

    @property
    def setting(self) -> object:
        """Another value each time that the clock is set, advanced, run, frozen or reset, and the same in between."""
        return self._state

    @property
    def is_running(self) -> bool:
        return self.speed > 0

    def seconds_until(self, moment: datetime) -> float:
        """How many seconds of the wall clock pass until a moment: on a clock that stands still, more than one waits."""
        speed = self.speed
        return max(0.0, (moment - self.now()).total_seconds() / speed) if speed else float(FARTHEST)

    def advance(self, seconds: float) -> None:
        """Set the clock forward.

        Raises:
            ValueError: That would be backwards, or beyond the year 2199.
        """
        if not 0 <= seconds <= FARTHEST:
            raise ValueError(f"a clock can be set forward only, and by {FARTHEST} seconds at most, not by {seconds}")
        now = self.now()
        self._set(now, now + timedelta(seconds=seconds))

    def set(self, moment: datetime) -> None:
        """Set the clock forward to a moment.

        Raises:
            ValueError: That would be backwards, or beyond the year 2199, or it is a moment without a time zone.
        """
        if moment.tzinfo is None:
            raise ValueError("a moment needs a time zone, such as UTC")
        try:
            utc = moment.astimezone(UTC)
        except OverflowError:
            raise ValueError("a moment must be within the years 1 to 9999, in UTC too") from None
        self._set(self.now(), utc)

    def begin(self, moment: datetime) -> None:
        """Show a moment, be it earlier: only where all data are replaced, too."""
        self.begun += 1
        self._state = moment.astimezone(UTC), time.monotonic(), self.speed

    def freeze(self) -> None:
        """Let it stand still from now on."""
        self._show(self.now(), 0.0)

    def run(self, speed: float = 1.0) -> None:
        """Let it run on from the time that it shows.

        Args:
            speed: How many seconds pass on it in a second.

        Raises:
            ValueError: The speed is not a number above zero.
        """
        self._show(self.now(), _checked(speed))

    def reset(self) -> None:
        """Let it be as it was made: by itself, this is no way back for what has happened in a sandbox."""
        self.begun += 1
        base = self._start or (datetime.now(UTC) if self._made_running else START)
        self._state = base, time.monotonic(), self._made_speed if self._made_running else 0.0

    def _set(self, now: datetime, moment: datetime) -> None:
        if not now <= moment <= END:
            raise ValueError(f"a clock can be set forward only, from {iso(now)} to {iso(END)} at most")
        self._show(moment, self.speed)

    def _show(self, moment: datetime, speed: float) -> None:
        self._state = moment, time.monotonic(), speed
        for observer in self.observers:
            observer()


def _checked(speed: float) -> float:
    if not 0 < speed <= FARTHEST:
        raise ValueError(f"the speed of a clock must be above 0, not {speed}")
    return speed
