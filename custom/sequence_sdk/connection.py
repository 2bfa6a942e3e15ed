"""Holds what clients share: a transport, the limits, the clock, and what runs on them."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Awaitable, Callable, Collection, Generator, Iterable
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

import anyio

from . import errors
from .background import BackgroundCall, Run, event_loop, loop_time, start
from .clock import Clock
from .deadlines import Deadlines
from .key_memory import KeyMemory
from .rate_limit import Limiter
from .retries import RetryBudget

if TYPE_CHECKING:
    from .transport import Adapter

T = TypeVar("T")

UNKNOWN_FOR = 10.0
"""Seconds for which an ID that was just received may not be found yet."""

_PROCESS = os.urandom(4).hex()
"""What every identifier begins with that a client of this process makes."""


def same_request_id(digest: str) -> str:
    """The identifier that all calls of this process have with one idempotency key and request."""
    return f"{_PROCESS}{digest}"


def is_for_another(request_ids: Collection[str], found: str) -> bool:
    """Whether a response is known to be for another request than the one with these identifiers."""
    named = {found, *map(str.strip, found.split(","))}  # a gateway may have added the header once more
    return named.isdisjoint(request_ids) and any(one.startswith(_PROCESS) for one in named)


class Connection:
    """What clients share: connections, limits, and what runs on them."""

    _loop: object = None
    """The event loop that this belongs to, once it was used."""

    def __init__(self, transport: Adapter, limiter: Limiter, clock: Clock) -> None:
        self.transport = transport
        self.limiter = limiter
        self.clock = clock
        self.budget = RetryBudget()
        self.closed = False
        self._runs: Collection[Run[Any]] = ()
        self.deadlines = Deadlines()
        """The scopes of what runs on this."""
        self.now: Callable[[], float] = clock.monotonic
        """Seconds, by the client's clock."""
        self._process = os.getpid()
        self._loop_now: Callable[[], float] = anyio.current_time
        self.keys = KeyMemory()
        self._made: dict[object, float] = {}
        """When what was made lately was made, by its ID."""
        self._name = f"{_PROCESS}{os.urandom(6).hex()}"
        self._numbers = itertools.count(1)

    def check(self, operation: str) -> None:
        """See to it that this can be used here and now.

        Raises:
            ConfigurationError: It is closed, or belongs to another process or event loop.
        """
        if self.closed:
            raise errors.ConfigurationError(f"{operation}: this client is closed; make a new one, or close it later")
        unusable = self.transport.unusable(self.check_place(operation))
        if unusable is not None:
            raise errors.ConfigurationError(f"{operation}: {unusable}")

    def check_place(self, operation: str) -> object:
        """See to it that this is the process and the event loop that this belongs to, and give the event loop.

        Raises:
            ConfigurationError: It is another one.
        """
        if os.getpid() != self._process:
            raise errors.ConfigurationError(
                f"{operation}: this client was made before the process forked, and its connections belong to the "
                "parent; make a new client in each process"
            )
        loop = event_loop()
        if self._loop is None and vars(self).setdefault("_loop", loop) is loop:  # which only one of two threads gets
            self._loop_now, self.now = loop_time(), self.clock.reader()
            self.deadlines.bind(loop)
            if self.now == self._loop_now:
                self.now = self._loop_now
            self.limiter.now = self.now
        elif self._loop is not loop:
            raise errors.ConfigurationError(
                f"{operation}: this client was used in another event loop before, to which its connections belong; "
                "make a new client in each event loop"
            )
        return loop

    def make_request_id(self) -> str:
        """An identifier for a call: nobody else makes the same, and a response to another call of ours shows by it."""
        return f"{self._name}-{next(self._numbers)}"

    def remember(self, ids: Iterable[object]) -> None:
        """Take note of the IDs of what was made now."""
        for id in ids:
            now = self.now()
            self._made = {one: when for one, when in self._made.items() if now < when + UNKNOWN_FOR}
            self._made[id] = now

    def made_lately(self, ids: Iterable[object]) -> bool:
        """Whether one of these was made so lately that it may not be found yet."""
        return any(isinstance(id, str) and self.now() < self._made.get(id, -math.inf) + UNKNOWN_FOR for id in ids)

    def start(self, call: Callable[[], Awaitable[T]]) -> BackgroundCall[T]:
        """Run a call in the background until it ends, its result is dropped, or the connections are closed."""
        run = start(call)
        self._runs = (*(one for one in self._runs if not one.ended.is_set()), run)
        return BackgroundCall(run)

    @contextmanager
    def until(self, deadline: float) -> Generator[anyio.CancelScope]:
        """A scope that is cancelled at a moment of the client's clock, and when this is closed."""
        scope = self.begin(deadline)
        try:
            with scope:
                yield scope
        finally:
            self.deadlines.end(scope)

    def begin(self, deadline: float) -> anyio.CancelScope:
        """The same scope, to be entered; whoever asked for it gives it to `deadlines.end` afterwards."""
        return self.deadlines.begin(deadline if self.now is self._loop_now else self.in_loop(deadline))

    def move(self, scope: anyio.CancelScope, deadline: float) -> None:
        """Let a scope be cancelled at another moment."""
        self.deadlines.move(scope, self.in_loop(deadline))

    def in_loop(self, deadline: float) -> float:
        """A moment of the client's clock on that of the event loop."""
        if self.now is self._loop_now or deadline == math.inf:
            return deadline
        return self._loop_now() + deadline - self.now()

    async def aclose(self) -> None:
        """End what runs, and close the connections unless they were given from outside.

        Raises:
            ConfigurationError: They belong to another event loop.
        """
        if self._loop is not None and self._loop is not event_loop():
            raise errors.ConfigurationError(
                "this client was used in another event loop, to which its connections belong: close it there"
            )
        self.closed = True
        for run in self._runs:
            run.cancel()
        self.deadlines.cancel()
        with anyio.CancelScope(shield=True):  # or closing in a cancelled task would leave everything open
            for run in self._runs:
                await run.ended.wait()
            await self.limiter.aclose()
            await self.transport.aclose()
