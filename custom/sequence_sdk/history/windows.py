"""Decides how a list is read in several windows of time at once: where they end, which is asked next, what is given.

The list begins as one window, the whole range, which is read page by page. Its pages show how dense it is. A task that
has nothing to do cuts the nearest window that is long: what it keeps is to hold a few pages by its density so far, and
the rest is a window of its own, which is read from then on. Nothing is assumed that a later page cannot correct.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import pairwise, takewhile
from operator import attrgetter
from typing import Any, Generic, TypeVar

from attrs import define, field, frozen

from sequence_runtime import Call

from ..trails import Trail

T = TypeVar("T")

PAGES_HELD = 5
"""How many pages are held for each task at most: those that arrived before the consumer got to them."""

AIMS = (0.9, 1.85, 2.8, 3.8)
"""How many pages a window is to hold: a bit less than a whole number, or it would often take one request more."""

SHOWN_LATER = 2
"""Seconds from a boundary that an item of the older window may be shown above it: times may be shown less exactly than
they are compared."""

NEAR = 3
"""Seconds from a boundary within which items may be in both windows."""

SHORTEST = 30
"""Seconds that a window lasts at least: what lies within one of its ends may come twice."""

LONG = 0.7
"""By how many pages more than it would keep a window is long."""

LONG_AT_LAST = 1.0
"""How many pages a window has left that is long where a task would have nothing to do otherwise: more takes two
requests anyway."""

MOST_EXTRA = 0.25
"""How much of the requests that a list takes anyway may be added to them."""

EXTRA_FIRST = 6
"""How many more may be added in any case, once a list is known to have four pages: enough for 8 windows to begin. A
third of them once it has two, and looks longer."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def seconds(moment: datetime) -> float:
    """A moment as seconds since 1970."""
    return (moment - _EPOCH).total_seconds()


@define(eq=False)
class Boundary:
    """The moment where two windows meet: half a second after a whole one, since batches have whole ones.

    Both windows are asked for a second beyond it, so nothing falls between them: whether the server counts the ends of
    a range as part of it or not, and whether it takes times exactly or cuts them down to seconds. Items that are shown
    near the boundary may be in either window, or in both.
    """

    second: int
    seen: set[str] = field(factory=set[str])
    """The IDs of the items near it that arrived in either window."""

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
    asked_oldest: Boundary | None
    """Down to where the server is asked, which is further than `oldest` if the window was cut since."""
    bottom: float = -math.inf
    """Where it ends, in seconds."""
    position: float = math.inf
    """How far it was read: the time of the last item, in seconds; before, the latest that an item may have."""
    rate: float = 0.0
    """Items a second about where it was read to; 0 where nothing is known."""
    in_flight: bool = False
    """Whether a page of it is being fetched."""
    done: bool = False
    next: Call[Any, list[T]] | None = None
    """The call for its next page; None before the first."""
    trail: Trail | None = None
    pages: deque[tuple[list[T], str]] = field(factory=deque[tuple[list[T], str]])
    """The items of those that were not given yet, and the IDs of their requests."""

    @classmethod
    def behind(cls, newest: Boundary, oldest: Boundary | None, bottom: float, rate: float = 0.0) -> Window[T]:
        """A window that nothing of has been read, between two boundaries."""
        return cls(newest, oldest, oldest, bottom, position=newest.second + SHOWN_LATER, rate=rate)

    def go_on(self, times: list[float]) -> None:
        """Take note of how far a page with items of these times leads, and how dense it is."""
        if not times and not self.done:
            return
        begin = times[0] if times and self.position == math.inf else self.position
        self.position = self.bottom if self.done else times[-1]
        rate = max(len(times), 0.5) / max(begin - self.position, 1e-3)  # above zero, whatever is there
        alike = self.rate * 2 / 3 < rate < self.rate * 3 / 2
        self.rate = (self.rate + rate) / 2 if alike else rate

    def pages_left(self, size: int) -> float:
        """How many pages of so many items are left, by its density."""
        if self.done or not self.rate:
            return 0.0
        return self.rate * max(self.position - self.bottom, 0.0) / size


def aim(pages_left: float, n: int) -> float:
    """How many pages a window is to hold, so that the last ones are shared by all tasks."""
    share = max(math.ceil(pages_left / n), 1)
    return AIMS[min(share, len(AIMS)) - 1]


def most_extra(pages: int, n: int) -> float:
    """How many requests may be added to those that a list takes that is known to have at least so many pages."""
    first = 0 if pages < 2 else EXTRA_FIRST // 3 if pages < 4 else EXTRA_FIRST
    return MOST_EXTRA * pages + min(n - 1, first)


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
        self, oldest: float, size: int, n: int, place: Place | None = None, *, moment: str = "created_at", lap: int = 0
    ) -> None:
        """A range as one window.

        Args:
            oldest: Where the range ends, in seconds.
            size: How many items a page is asked to hold.
            n: How many pages are fetched at once at most.
            place: Where an earlier reading got to, to go on there.
            moment: The member of an item that the list is sorted by.
            lap: How many items of a page the one before it holds already.
        """
        self._moment: Callable[[Any], datetime] = attrgetter(moment)
        self._lap = lap
        self._size = max(size - lap, 1)
        """How many items a page adds."""
        self._n = n
        self._given: deque[tuple[float, str]] = deque()
        """The times and IDs of the items near the last that was given."""
        whole = Window[T](None, None, None, oldest)
        if place is not None:
            self._given += [(place.second + 0.5, id) for id in place.given]
            # What is shown as earlier than the last item may be later in truth: a second more is asked for.
            whole = Window[T].behind(Boundary(place.second + 1, set(place.given)), None, oldest)
        self._windows = [whole]
        self._requests = 1
        """How many requests all windows take at least."""
        self.items = 0
        """How many items arrived, each counted once."""

    @property
    def read(self) -> bool:
        """Whether there is nothing left to be fetched."""
        return all(window.done for window in self._windows)

    @property
    def given(self) -> bool:
        """Whether everything was given."""
        return all(window.done and not window.pages for window in self._windows)

    @property
    def in_flight(self) -> int:
        """How many pages are being fetched."""
        return sum(window.in_flight for window in self._windows)

    @property
    def held(self) -> int:
        """How many pages arrived and were not given yet."""
        return sum(len(window.pages) for window in self._windows)

    def next(self) -> Window[T] | None:
        """A window whose next page is to be fetched now, and is then counted as in flight."""
        in_flight = self.in_flight
        if in_flight >= self._n:
            return None
        window = self._next(PAGES_HELD * self._n - self.held - in_flight)
        if window is not None:
            window.in_flight = True
        return window

    def arrived(
        self,
        window: Window[T],
        items: Sequence[T],
        next: Call[Any, list[T]] | None,
        *,
        done: bool,
        request_id: str = "",
    ) -> None:
        """Take a page of a window, with the call for its next.

        Raises:
            ValueError: It is not what was asked for; the text says how.
        """
        times = [seconds(self._moment(item)) for item in items]
        problem = misplaced(window, times)
        if problem is not None:
            raise ValueError(problem)
        if items and not done and self.items == 0:
            # The server's pages may be smaller than what it was asked for.
            self._size = max(min(self._size, len(items) - self._lap), 1)
        # What is older than the window is for the next one, which was asked for all of it.
        end = -math.inf if window.oldest is None else window.oldest.second
        kept = [(item, time) for item, time in zip(items, times, strict=True) if time >= end]
        self.items += len(kept)
        for boundary in filter(None, (window.newest, window.oldest)):
            near = {_id(item) for item, time in kept if abs(time - boundary.second) <= NEAR}
            self.items -= len(near & boundary.seen)
            boundary.seen |= near
        if kept:
            window.pages.append(([item for item, _ in kept], request_id))
        window.in_flight = False
        window.next = next
        window.done = done or len(kept) < len(items)
        self._requests += not window.done
        window.go_on([time for _, time in kept])
        for older in self._windows[self._windows.index(window) + 1 :]:
            if older.next or older.done:
                break
            older.rate = window.rate  # the nearest that is known

    def take(self) -> tuple[list[T], str] | None:
        """The items of the next page, and its request ID; None where it has not arrived, or there is none any more."""
        while self._windows and (self._windows[0].pages or self._windows[0].done):
            if not self._windows[0].pages:
                del self._windows[0]
                continue
            page, request_id = self._windows[0].pages.popleft()
            seen = {id for _, id in self._given if id}
            page = [item for item in page if _id(item) not in seen]
            if page:
                self._remember(page)
                return page, request_id
        return None

    def place(self, list: str) -> Place:
        """Where the items that were given end, at least one; `list` is what the list is recognized by."""
        return Place(list=list, second=_second(self._given[-1][0]), given=tuple(id for _, id in self._given))

    def _remember(self, given: list[T]) -> None:
        """Remember those items that are given which are near the last one, and forget those that are far from it."""
        end = _second(seconds(self._moment(given[-1]))) + 1 + NEAR
        times = ((seconds(self._moment(one)), _id(one)) for one in reversed(given))
        self._given += reversed(list(takewhile(lambda one: one[0] <= end, times)))
        while self._given[0][0] > end:
            self._given.popleft()

    def abandon(self) -> None:
        """Count all that is in flight as not asked for."""
        for window in self._windows:
            window.in_flight = False

    def _next(self, room: int) -> Window[T] | None:
        """The nearest window that can go on, or the rest of the nearest one that is long, cut off from it.

        Windows are looked at as far as all pages before them find room while the consumer is kept waiting for the
        newest one: what is far away must not take the place of what the consumer needs first. Where there is no room,
        only what the consumer waits for goes on.
        """
        left = [window.pages_left(self._size) for window in self._windows]
        share = aim(sum(left), self._n)
        # Where nothing is long any more, all but the next page of a window keeps one task more busy.
        for keep, long in ((share, share + LONG), (AIMS[0], LONG_AT_LAST)):
            for index, window in enumerate(self._windows):
                if index and sum(left[1:index]) >= room:
                    break
                if not window.done and not window.in_flight and (room > 0 or not window.pages):
                    return window
                if room > 0 and left[index] > long:
                    older = self._cut(window, keep)
                    if older is not None:
                        return older
        return None

    def _cut(self, window: Window[T], keep: float) -> Window[T] | None:
        """Let a window end behind so many pages more, and give the new window behind it; None if it stays whole."""
        # Nothing read so far is near the boundary.
        second = math.floor(window.position - max(keep * self._size / window.rate, SHORTEST))
        if second <= window.bottom + SHORTEST or not self._worth_one_more():
            return None
        older = Window[T].behind(Boundary(second), window.oldest, window.bottom, window.rate)
        self._windows.insert(self._windows.index(window) + 1, older)
        window.oldest, window.bottom = older.newest, second + 0.5
        self._requests += 1
        return older

    def _worth_one_more(self) -> bool:
        """Whether one window more is worth its request, even if all that are not read to their end hold nothing more.

        A window takes a request for each of its pages but the last, which the list takes anyway, and one for the last,
        with whatever it holds.
        """
        # Behind the oldest page that arrived and is not the last of its window, there is one item more for certain.
        more = next((not window.done for window in reversed(self._windows) if window.done or window.next), False)
        pages = max(1, math.ceil((self.items + more - self._lap) / self._size))
        likely = self.items / self._size + sum(window.pages_left(self._size) for window in self._windows)
        return self._requests + 1 - pages <= min(most_extra(pages, self._n), MOST_EXTRA * (likely - 1))


def misplaced(window: Window[T], times: list[float]) -> str | None:
    """What is wrong with a page whose items are of these times; None if it can be of this window."""
    newest, oldest = window.newest, window.asked_oldest
    if times and (
        (newest is not None and times[0] > newest.second + SHOWN_LATER)
        or (oldest is not None and times[-1] < oldest.second - 1)
    ):
        return "holds results of another time than was asked for"
    if any(newer < older for newer, older in pairwise([window.position, *times])):
        return "is not sorted from the newest to the oldest"
    return None


def _second(time: float) -> int:
    """That of the boundary at a moment, or behind it."""
    return math.ceil(time - 0.5)


def _id(item: object) -> str:
    return getattr(item, "id", "")
