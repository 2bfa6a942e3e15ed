"""Lets identical reads that are under way at the same time share one request."""

from __future__ import annotations

import copy
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, TypeVar

from attrs import define

from .background import Run

T = TypeVar("T")


@define
class _Flight:
    """A call under way, and how many wait for it."""

    run: Run[Any]
    waiting: int = 0


class Flights:
    """The calls under way, by what they ask for."""

    def __init__(self, run: Callable[[Callable[[], Awaitable[Any]]], Run[Any]]) -> None:
        """Make it with what runs a call in the background."""
        self._run = run
        self._flights: dict[Hashable, _Flight] = {}

    async def share(self, key: Hashable, call: Callable[[], Awaitable[T]]) -> T | None:
        """What a call gives: of the one under way if there is one, or else of a new one; None where it was cancelled.

        It runs in a task of its own, so that no caller's cancellation ends it for the others; with the last caller that
        leaves it ends, too. What it raises each caller gets as a copy, for tracebacks of their own.
        """
        flight = self._flights.get(key)
        if flight is None:
            flight = self._flights[key] = _Flight(self._run(call))
        flight.waiting += 1
        try:
            await flight.run.ended.wait()
        finally:
            flight.waiting -= 1
            if self._flights.get(key) is flight and (flight.run.ended.is_set() or not flight.waiting):
                del self._flights[key]
            if not flight.waiting:
                flight.run.cancel()
        outcome = flight.run.outcome
        if isinstance(outcome, Exception):
            raise copy.copy(outcome) from outcome.__cause__
        return outcome
