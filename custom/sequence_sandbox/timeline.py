"""Keeps what happened in the order in which it happened, and finds a page of it without looking at the rest."""

from __future__ import annotations

import heapq
import itertools
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import Generic, Protocol, TypeVar


class Event(Protocol):
    """Something that happened."""

    @property
    def id(self) -> str: ...

    @property
    def created(self) -> datetime: ...


E = TypeVar("E", bound=Event)


class Timeline(Generic[E]):
    """Events from the oldest to the newest, with for each account or rule the places of those that concern it."""

    def __init__(self) -> None:
        self._events: list[E] = []
        self._places: dict[str, int] = {}
        self._concerning: dict[str, array[int]] = {}

    def __len__(self) -> int:
        return len(self._events)

    def __iter__(self) -> Iterator[E]:
        return iter(self._events)

    def add(self, event: E, concerned: Iterable[str]) -> None:
        """Add an event, not older than the newest, that concerns some accounts or rules."""
        place = len(self._events)
        self._events.append(event)
        self._places[event.id] = place
        for identifier in {*concerned}:
            self._concerning.setdefault(identifier, array("L")).append(place)

    def newest(self, count: int) -> list[E]:
        """So many of the newest events, the newest first."""
        return self._events[: -count - 1 : -1]

    def get(self, identifier: str) -> E | None:
        place = self._places.get(identifier)
        return None if place is None else self._events[place]

    def page(
        self,
        concerning: str,
        *,
        keep: Callable[[E], bool],
        start: datetime | None,
        end: datetime | None,
        after: E | None,
        size: int,
    ) -> tuple[list[E], bool]:
        """The newest events of a range of time (both ends included) that are older than `after`, and if there are more.

        The costs are those of the page, wherever in the timeline it is, as long as `keep` keeps most of what it sees.
        """
        places = self._concerning.get(concerning, array("L"))
        newest = len(places) if end is None else bisect_right(places, end, key=self._created)
        oldest = 0 if start is None else bisect_left(places, start, key=self._created)
        if after is not None:
            newest = min(newest, bisect_left(places, self._places[after.id]))
        found: list[E] = []
        for index in range(newest - 1, oldest - 1, -1):
            event = self._events[places[index]]
            if keep(event):
                if len(found) == size:
                    return found, True
                found.append(event)
        return found, False

    def select(
        self, concerning: Iterable[str], *, start: datetime | None = None, end: datetime | None = None
    ) -> Iterator[E]:
        """The events of a range of time (both ends included) that concern any of some accounts, from the newest on."""
        ranges = [self._range(self._concerning[one], start, end) for one in {*concerning} if one in self._concerning]
        places = heapq.merge(*ranges, reverse=True) if len(ranges) != 1 else ranges[0]
        return (self._events[place] for place, _ in itertools.groupby(places))

    def _range(self, places: array[int], start: datetime | None, end: datetime | None) -> Iterator[int]:
        newest = len(places) if end is None else bisect_right(places, end, key=self._created)
        oldest = 0 if start is None else bisect_left(places, start, key=self._created)
        return (places[index] for index in range(newest - 1, oldest - 1, -1))

    def _created(self, place: int) -> datetime:
        return self._events[place].created
