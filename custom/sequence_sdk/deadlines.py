"""Cancels scopes at their deadlines: one timer does for all of them, since most calls end long before theirs."""

from __future__ import annotations

import math
import weakref
from typing import Any

import anyio

SPARED = 2e-6
"""Seconds for each scope by which a deadline may be late, so that looking through all scopes stays cheap."""


class Deadlines:
    """Scopes that were begun and have not ended, in one event loop, and when each is to be cancelled."""

    _loop: Any = None
    """What sets timers; None where the event loop is trio's, which has none."""
    _timer: Any = None
    _due = math.inf
    """When the timer goes off."""

    def __init__(self) -> None:
        self._of: dict[anyio.CancelScope, float] = {}
        self._scope = anyio.CancelScope

    def bind(self, loop: Any) -> None:
        """Take note of the event loop that this runs in."""
        self._loop = loop if hasattr(loop, "call_at") else None
        self._scope = type(anyio.CancelScope())  # that of the event loop, which anyio would look for each time

    def begin(self, deadline: float) -> anyio.CancelScope:
        """A scope, to be entered at once, that is cancelled at a moment of the event loop; `end` forgets it."""
        scope = self._scope()
        self._of[scope] = deadline
        if self._loop is None or deadline < self._due:
            self.move(scope, deadline)
        return scope

    def move(self, scope: anyio.CancelScope, deadline: float) -> None:
        """Cancel a scope at another moment."""
        self._of[scope] = deadline
        if self._loop is None:
            scope.deadline = deadline
        elif deadline < self._due:
            self._set_timer(deadline)

    def end(self, scope: anyio.CancelScope) -> None:
        """Forget a scope."""
        del self._of[scope]

    def cancel(self) -> None:
        """Cancel all of them now."""
        for scope in tuple(self._of):
            scope.cancel()
        self._set_timer(math.inf)

    def __del__(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _set_timer(self, due: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._due = due
        # The event loop must not keep alive what nobody else does.
        self._timer = self._loop.call_at(due, _go_off, weakref.ref(self)) if due < math.inf else None

    def cancel_due(self) -> None:
        """Cancel those whose deadline is reached."""
        now = self._loop.time()
        reached, due = max(self._due, now), math.inf  # a timer may go off within the resolution of its clock
        for scope, deadline in tuple(self._of.items()):
            if deadline <= reached:
                scope.cancel()
            else:
                due = min(due, deadline)
        self._set_timer(max(due, now + len(self._of) * SPARED))


def _go_off(timed: weakref.ref[Deadlines]) -> None:
    deadlines = timed()
    if deadlines is not None:
        deadlines.cancel_due()
