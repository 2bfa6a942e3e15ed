"""Decides how a list is read in several windows of time at once: where they end, which is asked next, what is given.

The list begins as one window, the whole range, which is read page by page. Its pages show how dense it is. A task that
has nothing to do takes a piece off: from a range that nobody reads yet, or from a window that turns out to be long. A
piece is to hold a few pages by the density that was seen nearest to it, so all that is known of the list is used, and
nothing is assumed that a later page cannot correct.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from operator import attrgetter
from typing import Any, Generic, TypeVar

from attrs import define, field, frozen

from ..pages import Trail

T = TypeVar("T")

PAGES_HELD = 5
"""How many pages are held for each task at most: those that arrived before the consumer got to them."""

AIMS = (0.9, 1.85, 2.8, 3.8)
"""How many pages a window is to hold: a bit less than a whole number, or it would often take one request more."""

NEAR = 3
"""Seconds from a boundary within which items may be in both windows."""

SHORTEST = 30
"""Seconds that a window lasts at least: what lies within one of its ends may come twice."""

LONG = 1.5
"""By how many pages more than a window would be given anew one must be left for a piece of it to be taken off."""

MOST_EXTRA = 0.25
"""How much of the requests that a list takes anyway may be added to them."""

EXTRA_FIRST = 6
"""How many more may be added in any case, once a list is known to have four pages: enough for 8 windows to begin."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def seconds(moment: datetime) -> float:
    """A moment as seconds since 1970."""
    return (moment - _EPOCH) / timedelta(seconds=1)


@define(eq=False)
class Boundary:
    """The moment where two windows meet: half a second after a whole one, since batches have whole ones.

    Both windows are asked for a second beyond it, so nothing falls between them: whether the server counts the ends of
    a range as part of it or not, and whether it takes times exactly or cuts them down to seconds. Items that are shown
    near the boundary may be in either window, or in both.
    """

    second: int
    newer: set[str] = field(factory=set[str])
    """The IDs of the items near it that the newer window gave."""
    older: set[str] = field(factory=set[str])
    """And the older one."""

    @property
    def to(self) -> str:
        """Up to where the older window is asked for."""
        return _text(self.second + 1, 501)

    @property
    def from_(self) -> str:
        """Down to where the newer window is asked for."""
        return _text(self.second - 1, 499)


def _text(second: int, milliseconds: int) -> str:
    moment = _EPOCH + timedelta(seconds=second, milliseconds=milliseconds)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


@define(eq=False)
class Window(Generic[T]):
    """A part of the range of time, and what of it has been read: from the newest to the oldest."""

    newest: Boundary | None
    """None for the end of the whole range, as `oldest`."""
    oldest: Boundary | None
    asked_oldest: Boundary | None = None
    """Down to where the server was asked, which is further than `oldest` if a piece was taken off since."""
    begun: bool = False
    done: bool = False
    in_flight: bool = False
    """Whether a page of it is being fetched."""
    cursor: str | None = None
    trail: Trail = field(factory=Trail)
    pages: deque[tuple[list[T], str]] = field(factory=deque[tuple[list[T], str]])
    """The items of those that were not given yet, and the IDs of their requests."""
    top: float = math.inf
    """Where its items begin, in seconds."""
    position: float = math.inf
    """How far it was read."""
    count: int = 0
    """How many items it had so far."""
    last_rate: float = 0.0
    """Items a second on its last page."""
    full_pages: int = 0

    @property
    def rate(self) -> float | None:
        """How many items a second there are about where it was read to; None where nothing is known."""
        if self.top == math.inf or not (self.count or self.done):
            return None
        mean = rate_of(self.count, self.top - self.position)
        return mean if 2 / 3 < self.last_rate / mean < 3 / 2 else self.last_rate


def rate_of(count: int, span: float) -> float:
    """Items a second. Where there was none, half a one is taken, for a rate has to be above zero."""
    return max(count, 0.5) / max(span, 1e-3)


def aim(pages_left: float, n: int) -> float:
    """How many pages a window is to hold, so that the last ones are shared by all tasks."""
    share = math.ceil(pages_left / n) if pages_left < n * len(AIMS) else len(AIMS)
    return AIMS[max(share, 1) - 1]


def most_extra(pages: int, n: int) -> float:
    """How many requests may be added to those that a list takes that is known to have at least so many pages."""
    if n == 1:
        return 0.0
    first = 0 if pages < 2 else 1 if pages < 4 else min(max(n - 2, 1), EXTRA_FIRST)
    return MOST_EXTRA * pages + first


@frozen(kw_only=True)
class Place:
    """Where a reading got to."""

    list: str
    """What the list is recognized by."""
    second: int
    """The last item that was given was created half a second after this one, or before."""
    given: tuple[str, ...]
    """The IDs of the items near it that were given."""


class Windows(Generic[T]):
    """A range of time in windows, from the newest to the oldest; without those whose items were all given."""

    def __init__(
        self, oldest: float, size: int, n: int, place: Place | None = None, *, moment: str = "created_at"
    ) -> None:
        """A range as one window.

        Args:
            oldest: Where the range ends, in seconds.
            size: How many items a page is asked to hold.
            n: How many pages are fetched at once at most.
            place: Where an earlier reading got to, to go on there.
            moment: The member of an item that the list is sorted by.
        """
        # What is shown as earlier than the last item may be later in truth: a second more is asked for.
        newest = None if place is None else Boundary(place.second + 1, newer=set(place.given))
        self._oldest = oldest
        self._moment: Callable[[Any], datetime] = attrgetter(moment)
        self._size = size
        self._n = n
        self._windows: list[Window[T]] = [Window(newest=newest, oldest=None)]
        self._given: deque[tuple[float, str]] = deque()
        """The times and IDs of the items near the last that was given."""
        if place is not None:
            self._given += [(place.second + 0.5, id) for id in place.given]
        self._opened = 1  # windows, also those that were given
        self._full_pages = 0
        self.items = 0
        """How many items arrived, each counted once."""
        self.in_flight = 0
        """How many pages are being fetched."""
        self.held = 0
        """How many pages arrived and were not given yet."""
        self._newer_rate: float | None = None

    @property
    def read(self) -> bool:
        """Whether there is nothing left to be fetched."""
        return all(window.done for window in self._windows)

    @property
    def given(self) -> bool:
        """Whether everything was given."""
        return not self._windows

    def next(self) -> Window[T] | None:
        """A window whose next page is to be fetched now, and is then counted as in flight."""
        if self.in_flight >= self._n:
            return None
        near = self._near()
        for window in self._windows[:near]:
            if window.begun and not window.done and not window.in_flight:
                return self._ask(window)
        return self._begin_another(near) if near else None

    def arrived(
        self, window: Window[T], items: Sequence[T], cursor: str | None, *, done: bool, request_id: str = ""
    ) -> None:
        """Take a page of a window, with the cursor to its next.

        Raises:
            ValueError: It is not what was asked for; the text says how.
        """
        times = [seconds(self._moment(item)) for item in items]
        ids: list[str] = [getattr(item, "id", "") for item in items]
        problem = misplaced(window, times)
        if problem is not None:
            raise ValueError(problem)
        window.in_flight = False
        self.in_flight -= 1
        window.cursor = cursor
        newest, oldest = window.newest, window.oldest
        if window.position == math.inf and times:
            window.top = window.position = times[0]
        kept: list[T] = []
        new = 0
        for item, id, time in zip(items, ids, times, strict=True):
            if oldest is not None and time < oldest.second:
                done = True  # from here on it is for the next window, which was asked for all of this
                break
            twice = False
            if newest is not None and time >= newest.second:
                newest.older.add(id)
                twice = id in newest.newer
            if oldest is not None and time <= oldest.second + NEAR:
                oldest.newer.add(id)
                twice = twice or id in oldest.older
            kept.append(item)
            new += not twice
        end = times[-1] if times else window.position
        if done:
            end = self._bottom(window)
        if times or done:
            window.last_rate = rate_of(len(kept), window.position - end)
        if not done and len(times) < self._size and self.items == 0 and times:
            self._size = len(times)  # the server's pages are smaller than what it was asked for
        window.count += len(kept)
        window.position = end
        window.done = done
        window.full_pages += not done
        self._full_pages += not done
        self.items += new
        if kept:
            window.pages.append((kept, request_id))
            self.held += 1

    def take(self) -> tuple[list[T], str] | None:
        """The items of the next page, and its request ID; None where it has not arrived, or there is none any more."""
        self._leave_what_is_given()
        while self._windows and self._windows[0].pages:
            window = self._windows[0]
            self.held -= 1
            page, request_id = window.pages.popleft()
            if window.newest is not None:
                seen = window.newest.newer
                page = [item for item in page if getattr(item, "id", "") not in seen]
            self._leave_what_is_given()
            if page:
                self._remember(page)
                return page, request_id
        return None

    def _leave_what_is_given(self) -> None:
        """Go on to the newest window that holds something, or is still to be read."""
        while self._windows and self._windows[0].done and not self._windows[0].pages:
            self._newer_rate = self._windows.pop(0).rate

    def place(self, list: str) -> Place:
        """Where the items that were given end, at least one; `list` is what the list is recognized by."""
        return Place(list=list, second=self._last_second(), given=tuple(id for _, id in self._given))

    def _remember(self, given: list[T]) -> None:
        """Remember items that are given, and forget those that are far from the last one."""
        self._given += [(seconds(self._moment(one)), getattr(one, "id", "")) for one in given]
        end = self._last_second() + 1 + NEAR
        while self._given[0][0] > end:
            self._given.popleft()

    def _last_second(self) -> int:
        """The second of the boundary at the last item that was given, or behind it."""
        return math.ceil(self._given[-1][0] - 0.5)

    def abandon(self) -> None:
        """Count all that is in flight as not asked for."""
        self.in_flight = 0
        for window in self._windows:
            window.in_flight = False

    def _ask(self, window: Window[T]) -> Window[T]:
        if not window.begun:
            window.begun = True
            window.asked_oldest = window.oldest
            if window.newest is not None:
                window.top = window.position = window.newest.second + 0.5
        window.in_flight = True
        self.in_flight += 1
        return window

    def _near(self) -> int:
        """How many windows are near enough to the consumer to be read now.

        A window is if all pages before it, and what is held of those behind it, find room while the consumer is kept
        waiting for the newest one: what is far away must not take the place of what the consumer needs first.
        """
        room = PAGES_HELD * self._n - self.held - self.in_flight
        if room <= 0:  # the consumer waits for the newest one, so that goes on
            return int(bool(self._windows) and not self._windows[0].pages and not self._windows[0].in_flight)
        before = 0.0
        for index, (left, _) in enumerate(self._estimates()):
            if before > room:
                return index
            before += left if index else 0
        return len(self._windows)

    def _begin_another(self, near: int) -> Window[T] | None:
        """Begin a window that nobody reads, as near to the consumer as there is one, or take one off another."""
        estimates = self._estimates()
        keep = aim(sum(left for left, _ in estimates), self._n)
        for index, (left, rate) in enumerate(estimates[:near]):
            if not self._windows[index].begun:
                if left > keep:
                    self._cut(index, rate, keep)
                return self._ask(self._windows[index])
            if left > keep + LONG and self._cut(index, rate, keep):
                return self._begin_another(near + 1)
        index, (left, rate) = max(enumerate(estimates[:near]), key=lambda one: one[1][0])
        return self._begin_another(near + 1) if left > 2 and self._cut(index, rate, keep) else None

    def _estimates(self) -> list[tuple[float, float]]:
        """How many pages are left in each window, and how many items a second it has: by the density nearest to it."""
        found: list[tuple[float, float]] = []
        rate = self._newer_rate
        for window in self._windows:
            rate = window.rate or rate
            left = 0.0
            if rate is not None and not window.done:
                left = rate * max(self._top(window) - self._bottom(window), 0.0) / self._size
            found.append((left, rate or 0.0))
        return found

    def _cut(self, index: int, rate: float, pages: float) -> bool:
        """Let a window hold so many pages, and another one the rest; say whether that could be done."""
        window = self._windows[index]
        top = self._top(window)
        second = math.floor(top - pages * self._size / rate)
        second = min(second, math.floor(top) - SHORTEST)  # nothing read so far is near the boundary
        if second <= self._bottom(window) + SHORTEST:
            return False
        after = self._windows[index + 1] if index + 1 < len(self._windows) else None
        boundary = Boundary(second)
        if after is not None and not after.begun:
            after.newest = window.oldest = boundary
            return True
        if not self._may_open():
            return False
        self._windows.insert(index + 1, Window(newest=boundary, oldest=window.oldest))
        window.oldest = boundary
        self._opened += 1
        return True

    def _may_open(self) -> bool:
        """Whether one window more is worth it, even if all that are not read to their end hold nothing more.

        A window takes a request for each of its pages but the last, which the list takes anyway, and one for the last,
        with whatever it holds.
        """
        pages = max(1, math.ceil((self.items + self._more()) / self._size))
        likely = self.items / self._size + sum(left for left, _ in self._estimates())
        return self._full_pages + self._opened + 1 - pages <= min(most_extra(pages, self._n), MOST_EXTRA * (likely - 1))

    def _more(self) -> int:
        """How many items there are, for certain, beside those that arrived."""
        more, nothing_older = 0, True
        for window in reversed(self._windows):
            if window.full_pages and not window.done:
                # The item that its next page begins with; if a piece was taken off since, that may be the piece's.
                more += nothing_older or window.oldest is window.asked_oldest
            nothing_older = nothing_older and not window.count
        return more

    def _top(self, window: Window[T]) -> float:
        return window.position if window.begun or window.newest is None else window.newest.second + 0.5

    def _bottom(self, window: Window[T]) -> float:
        return self._oldest if window.oldest is None else window.oldest.second + 0.5


def misplaced(window: Window[T], times: list[float]) -> str | None:
    """What is wrong with a page whose items are of these times; None if it can be of this window."""
    if any(newer < older for newer, older in pairwise([window.position, *times] if window.count else times)):
        return "is not sorted from the newest to the oldest"
    newest, oldest = window.newest, window.asked_oldest
    # Times may be shown less exactly than they are compared.
    if times and (
        (newest is not None and times[0] > newest.second + 2) or (oldest is not None and times[-1] < oldest.second - 1)
    ):
        return "holds results of another time than was asked for"
    return None
