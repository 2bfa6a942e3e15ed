"""Runs one call in the background, on asyncio or trio, for as long as somebody wants its result.

Task groups cannot do this: a page is fetched ahead while the consumer of a list runs code of its own, and the
consumer may leave its loop at any moment, without telling anybody.
"""

from __future__ import annotations

import contextlib
import contextvars
import importlib
import sys
from collections.abc import Awaitable, Callable
from typing import Any, Generic, TypeVar

import anyio

T = TypeVar("T")

_tasks: set[object] = set()  # asyncio itself refers to its tasks weakly


class Run(Generic[T]):
    """A call in flight, seen from the task that runs it."""

    def __init__(self, call: Callable[[], Awaitable[T]]) -> None:
        self._call = call
        self._scope = anyio.CancelScope()
        self._cancel = in_this_loop(self._scope.cancel)
        self.ended = anyio.Event()
        self.outcome: T | Exception | None = None

    async def __call__(self) -> None:
        try:
            with self._scope:
                self.outcome = await self._call()
        except Exception as error:  # it is raised where the result is asked for
            self.outcome = error
        finally:
            self.ended.set()

    def cancel(self) -> None:
        """Cancel the call if it is still running. Any thread may do so, as the garbage collector runs in any."""
        if not self.ended.is_set():
            self._cancel()


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
    run, trio = Run(call), _trio()
    if trio is not None:
        trio.spawn_system_task(run, name="sequence_sdk", context=contextvars.copy_context())
    else:
        task = event_loop().create_task(run(), name="sequence_sdk")
        _tasks.add(task)
        task.add_done_callback(_tasks.discard)
    return run


def event_loop() -> Any:
    """The event loop that this runs in: asyncio's, or what stands for trio's."""
    trio = _trio()
    if trio is not None:
        return trio.current_trio_token()
    asyncio = sys.modules.get("asyncio") or importlib.import_module("asyncio")  # it is slow to load
    return asyncio.get_running_loop()


def in_this_loop(function: Callable[[], object]) -> Callable[..., None]:
    """What runs a function in the event loop that this runs in, from any thread, unless the loop is gone by then."""
    loop = event_loop()
    run_soon = loop.call_soon_threadsafe if _trio() is None else loop.run_sync_soon

    def run(*_: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop is gone
            run_soon(function)

    return run


def loop_time() -> Callable[[], float]:
    """The clock of the event loop that this runs in: `anyio.current_time`, without looking for the loop each time."""
    trio = _trio()
    clock: Callable[[], float] = event_loop().time if trio is None else trio.current_clock().current_time
    return clock


def _trio() -> Any:
    """Trio's part for libraries, if this runs in a task of trio's; trio is not imported for that."""
    trio = sys.modules.get("trio")
    return trio.lowlevel if trio is not None and trio.lowlevel.in_trio_task() else None
