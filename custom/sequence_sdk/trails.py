"""Decides how a list is followed: what of a page is new, what is asked for next, and when it leads nowhere."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import islice, pairwise
from operator import attrgetter
from typing import Any, Generic, Protocol, TypeVar

from attrs import evolve
from msgspec import Struct, field

from sequence_runtime import Call, Timeline, checks

from .pages import Page, style, with_query

T = TypeVar("T")

EMPTY_PAGES = 100
"""How many pages without a result may follow each other before a list counts as one that has no end."""

RECENT = 10_000
"""How many results are remembered, so that none is given twice: enough for all that a server may repeat by mistake."""

SECOND = timedelta(seconds=1)
"""By how much less exactly times may be shown than they are compared."""

PASSES = 3
"""How often a list that has no times is read to find it unchanged."""


class Step(Struct, Generic[T], frozen=True):
    """What a page comes to."""

    pages: tuple[Page[T], ...] = ()
    """What can be given now, in the list's order."""
    next: Call[Any, list[T]] | None = None
    """What is asked for next; None at the end."""
    problem: str | None = None
    """Why the list cannot be followed any further, behind these pages."""


class Trail(Protocol):
    """What is remembered of a list's pages to follow it."""

    def take(self, call: Call[Any, list[T]], page: Page[T]) -> Step[T]:
        """Take the page that a call brought."""
        ...


def trail(call: Call[Any, list[Any]]) -> Trail:
    """What follows a list, by what its operation says."""
    if style(call).resumes:
        begins_at = call.request.query.get(style(call).position)
        return CursorTrail(set[str]() if begins_at is None else {str(begins_at)})
    timeline = call.operation.timeline
    return SnapshotTrail() if timeline is None else TimeTrail(call, timeline)


def at(call: Call[Any, list[T]], position: str) -> Call[Any, list[T]]:
    """The call for the page at a position: behind a cursor, or of a number."""
    return with_query(call, **{style(call).position: position})


def number(call: Call[Any, list[T]]) -> int:
    """Which page is asked for, counted from 1."""
    return int(str(call.request.query.get(style(call).position, "1")))


def ids_of(items: Iterable[object]) -> list[str]:
    return [str(id) for item in items if (id := getattr(item, "id", None)) is not None]


class CursorTrail(Struct):
    """Goes from cursor to cursor, and not in a circle."""

    cursors: set[str] = field(default_factory=set[str])
    """Those that pages were asked for with, or will be."""
    firsts: set[str] = field(default_factory=set[str])
    """Of every page the ID of its first item."""
    recent: dict[str, None] = field(default_factory=dict[str, None])
    """The IDs of the last items."""
    empty_pages: int = 0
    """How many pages in a row had no item."""

    def take(self, call: Call[Any, list[T]], page: Page[T]) -> Step[T]:
        ids = ids_of(page.data)
        held = frozenset(ids)
        if len(held) < len(ids) or not (self.recent.keys().isdisjoint(held) and self.firsts.isdisjoint(held)):
            return Step(problem="repeats results")
        if page.has_next_page and page.end_cursor in self.cursors:
            return Step(problem="repeats a cursor")
        self.firsts.update(ids[:1])
        self.recent.update(dict.fromkeys(ids))
        for id in tuple(islice(self.recent, max(0, len(self.recent) - RECENT))):
            del self.recent[id]
        self.empty_pages = 0 if page.data else self.empty_pages + 1
        if not page.has_next_page:
            return Step((page,))
        if not page.end_cursor:
            return Step((page,), problem="has a next page, but no cursor to it")
        if self.empty_pages >= EMPTY_PAGES:
            return Step((page,), problem=f"is the {self.empty_pages}th in a row without a result")
        self.cursors.add(page.end_cursor)
        return Step((page,), at(call, page.end_cursor))


class TimeTrail:
    """Goes from time to time: what appears or leaves meanwhile shifts the numbers of pages, and no times.

    The next page is the first one of what is as old as the last item, up to a second newer, or older; what of it is
    known is left out. Only where a whole page lies within that second is one of a number asked for. It overlaps with
    what is known, and where it begins with something else, the one before it is asked for: so nothing is between them.
    """

    def __init__(self, call: Call[Any, list[Any]], timeline: Timeline) -> None:
        self._style = style(call)
        self._size = call.request.query[self._style.size]
        self._largest = self._style.largest
        """How many items the server's pages may hold."""
        self._newest = timeline.newest
        self._moment: Callable[[Any], datetime] = attrgetter(timeline.moment)
        self._known: dict[str, datetime] = {}
        """The times of the items near the last one, by their IDs."""
        self._reached: datetime | None = None
        """The time of the last item."""
        self._ids: list[str] = []
        """Those of the last page, as it came."""
        self._empty_pages = 0

    def take(self, call: Call[Any, list[T]], page: Page[T]) -> Step[T]:
        times, ids = list(map(self._moment, page.data)), ids_of(page.data)
        if any(newer < older for newer, older in pairwise(times)):
            return Step(problem="is not sorted from the newest to the oldest")
        if len(set(ids)) < len(ids) or (page.has_next_page and ids and ids == self._ids):
            return Step(problem="repeats results")
        self._ids = ids
        if number(call) > 1 and (not ids or ids[0] not in self._known):
            return Step(next=at(call, str(number(call) - 1)))
        given = evolve(page, data=self._fresh(page.data))
        try:
            return self._give(call, page, given)
        except (ValueError, OverflowError):
            return Step(problem="has a time at the end of the calendar")

    def _give(self, call: Call[Any, list[T]], page: Page[T], given: Page[T]) -> Step[T]:
        """Give what is new, and go on behind the page that came."""
        self._note(page.data)
        self._empty_pages = 0 if given.data else self._empty_pages + 1
        if not page.has_next_page:
            return Step((given,))
        if not page.data or self._empty_pages >= EMPTY_PAGES:
            return Step((given,), problem="leads to nothing new")
        return Step((given,), self._behind(call, page))

    def _behind(self, call: Call[Any, list[T]], page: Page[T]) -> Call[Any, list[T]]:
        """The call for what comes behind a page that holds something."""
        asked = call.request.query.get(self._newest)
        first, last = (self._moment(page.data[index]) for index in (0, -1))
        if first > last + SECOND:
            to = last + SECOND if asked is None else min(last + SECOND, datetime.fromisoformat(str(asked)))
            call = with_query(at(call, "1"), **{self._newest: checks.moment(self._newest, to)})
            return with_query(call, **{self._style.size: self._size})
        if asked is None:  # what appears from now on must not be in front of it
            window = first + SECOND if page.window is None or page.window.to is None else page.window.to
            call = with_query(call, **{self._newest: checks.moment(self._newest, min(first + SECOND, window))})
        held = len(page.data)
        if held < int(str(call.request.query[self._style.size])):
            self._largest = min(self._largest, held)
        size, position = overlapping(held * number(call), self._largest)
        return with_query(at(call, str(position)), **{self._style.size: str(size)})

    def _fresh(self, items: Iterable[T]) -> list[T]:
        """Those that are not known; what is newer than the last one has appeared since, and comes too late."""
        return [
            item
            for item in items
            if getattr(item, "id", None) not in self._known
            and (self._reached is None or self._moment(item) <= self._reached)
        ]

    def _note(self, items: Sequence[Any]) -> None:
        """Take note of items, and forget those that are far from the last one."""
        if items:
            last = self._moment(items[-1])
            self._reached = reached = last if self._reached is None else min(last, self._reached)
            self._known.update((item.id, self._moment(item)) for item in items)
            near = reached + 2 * SECOND
            self._known = {id: moment for id, moment in self._known.items() if moment <= near}


def overlapping(known: int, largest: int) -> tuple[int, int]:
    """The size and the number of a page that begins a bit before the end of so many items, and reaches far beyond it.

    Args:
        known: How many items are known.
        largest: How many a page may hold.
    """
    begin = known - max(1, min(largest // 10, known // 2))
    size = max(range(1, largest + 1), key=lambda size: begin // size * size + size)
    return size, begin // size + 1


class SnapshotTrail:
    """Reads a list that has no times until two passes over its pages agree; one page is whole in any case."""

    def __init__(self) -> None:
        self._passes: list[set[str]] = []
        self._pages: list[Page[Any]] = []
        self._ids: list[str] = []

    def take(self, call: Call[Any, list[T]], page: Page[T]) -> Step[T]:
        ids = ids_of(page.data)
        if len(set(ids)) < len(ids) or (ids and ids == self._ids and self._pages):
            return Step(problem="repeats results")
        self._ids = ids
        if not (page.has_next_page or self._pages or self._passes):
            return Step((page,))
        seen = {id for earlier in self._pages for id in ids_of(earlier.data)}
        new = [item for item in page.data if getattr(item, "id", None) not in seen]
        self._pages.append(evolve(page, data=new))
        if page.has_next_page:
            empty = all(not one.data for one in self._pages[-EMPTY_PAGES:]) and len(self._pages) >= EMPTY_PAGES
            problem = f"is the {EMPTY_PAGES}th in a row without a new result" if empty else None
            return Step(problem=problem) if problem else Step(next=at(call, str(number(call) + 1)))
        self._passes.append(seen.union(ids))
        if self._passes[-2:-1] == self._passes[-1:]:
            return Step(tuple(self._pages))
        if len(self._passes) == PASSES:
            return Step(problem=f"ends a list that was another one each of the {PASSES} times that it was read")
        self._pages, self._ids = [], []
        return Step(next=at(call, "1"))
