"""Runs one call in the background, on asyncio or trio, for as long as somebody wants its result.

Task groups cannot do this: a page is fetched ahead while the consumer of a list runs code of its own, and the
consumer may leave its loop at any moment, without telling anybody.
"""

from __future__ import annotations

import contextlib
import contextvars
import sys
import threading
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import anyio

if TYPE_CHECKING:
    import asyncio  # is slow to load, and there where it is used

T = TypeVar("T")

_tasks: set[asyncio.Task[None]] = set()  # asyncio itself refers to its tasks weakly


class Run(Generic[T]):
    """A call in flight, seen from the task that runs it."""

    def __init__(self, call: Callable[[], Awaitable[T]]) -> None:
        self._call = call
        self._scope = anyio.CancelScope()
        self._thread = threading.get_ident()
        self.ended = anyio.Event()
        self.loop: object = None
        """The event loop that it runs in."""
        self.outcome: T | Exception | None = None
        self.soon: Callable[[Callable[[], object]], object] | None = None
        """Runs a function in the thread of the event loop."""

    async def __call__(self) -> None:
        try:
            with self._scope:
                self.outcome = await self._call()
        except Exception as error:  # it is raised where the result is asked for
            self.outcome = error
        finally:
            self.ended.set()

    def cancel(self) -> None:
        """Cancel the call if it is still running; from another thread too, where the garbage collector may run."""
        if self.ended.is_set():
            return
        with contextlib.suppress(RuntimeError):  # the event loop is gone, and the call with it
            if threading.get_ident() == self._thread and self.loop is _event_loop_or_none():
                self._scope.cancel()
            elif self.soon is not None:
                self.soon(self._scope.cancel)


class BackgroundCall(Generic[T]):
    """A call in flight, seen from whoever wants its result. Dropped without having been awaited, it is cancelled."""

    def __init__(self, run: Run[T]) -> None:
        self._run = run

    def __del__(self) -> None:
        self._run.cancel()

    async def result(self) -> T | None:
        """What the call gives; None where it was cancelled."""
        try:
            await self._run.ended.wait()
        finally:
            self._run.cancel()
        outcome = self._run.outcome
        if isinstance(outcome, Exception):
            raise outcome
        return outcome


def start(call: Callable[[], Awaitable[T]]) -> Run[T]:
    """Begin a call in a task of its own, in the caller's context."""
    run = Run(call)
    run.loop = event_loop()
    lowlevel = _trio()
    if lowlevel is not None:
        run.soon = lowlevel.current_trio_token().run_sync_soon
        lowlevel.spawn_system_task(run, name="sequence_sdk", context=contextvars.copy_context())
    else:
        import asyncio  # noqa: PLC0415

        loop = asyncio.get_running_loop()
        run.soon = loop.call_soon_threadsafe
        task = loop.create_task(run(), name="sequence_sdk")
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)
    return run


def event_loop() -> object:
    """The event loop that this runs in: asyncio's, or what stands for trio's."""
    import asyncio  # noqa: PLC0415

    lowlevel = _trio()
    return asyncio.get_running_loop() if lowlevel is None else lowlevel.current_trio_token()


def _event_loop_or_none() -> object:
    try:
        return event_loop()
    except RuntimeError:
        return None


def loop_time() -> Callable[[], float]:
    """The clock of the event loop that this runs in: `anyio.current_time`, without looking for the loop each time."""
    import asyncio  # noqa: PLC0415

    lowlevel = _trio()
    return asyncio.get_running_loop().time if lowlevel is None else lowlevel.current_clock().current_time


def _trio() -> Any:
    """Trio's part for libraries, if this runs in a task of trio's; trio is not imported for that."""
    trio = sys.modules.get("trio")
    if trio is None:
        return None
    try:
        trio.lowlevel.current_task()
    except RuntimeError:
        return None
    return trio.lowlevel
