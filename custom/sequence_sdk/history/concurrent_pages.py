"""Fetches several pages of a list at once, as `windows` decides, and gives them in the list's order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from hashlib import blake2b
from typing import Any, Generic, TypeVar

import anyio

from sequence_runtime import Call

from ..background import BackgroundCall
from ..errors import APIConnectionError, InvalidArgumentError
from ..exchange import exchange
from ..pages import Page, after, pagination_error, to_page, with_query
from ..pagination import Tally
from ..session import APIResponse, Session
from ..tokens import pack, unpack
from .windows import Place, Window, Windows, seconds

T = TypeVar("T")

CURSOR = "window1_"
"""What the cursors of concurrent reading begin with: a later form of them will begin otherwise."""

EARLIEST, LATEST = -60_000_000_000, 250_000_000_000
"""Seconds since 1970 that a cursor may lead to: from the year 68 to the year 9892."""


class ConcurrentPages(AsyncIterator[Page[T]]):
    """The pages of a list, of which several are fetched at once.

    Not an async generator, as the pages that are read one after the other: dropped, it cancels what it fetches.
    """

    def __init__(self, session: Session, call: Call[Any, list[T]], *, n: int, after: str | None, tally: Tally) -> None:
        self._session = session
        self._id = call.operation.id
        self._reading = Reading(session, call, n=n, after=after, tally=tally)
        self._fetching: BackgroundCall[None] | None = None
        self._busy = False
        self._closed = False
        self._last: Page[T] | None = None
        self.with_cursors = False
        """Whether pages have cursors: making them takes time."""

    async def __anext__(self) -> Page[T]:
        if self._busy:
            raise RuntimeError(f"{self._id}: two tasks iterate over the same iterator; give each its own")
        self._busy = True
        try:
            self._last = await self._page()
        finally:
            self._busy = False
        return self._last

    async def _page(self) -> Page[T]:
        reading = self._reading
        while not self._closed:
            self._session.connection.check_place(self._id)
            page = reading.take(with_cursor=self.with_cursors)
            if page is not None:
                return page
            if reading.failure is not None:
                if reading.ended.is_set():
                    raise reading.failure
                await reading.ended.wait()  # what arrives until then may still come before it
                continue
            if reading.windows.given:
                if self._last is not None and not self._last.has_next_page:
                    break
                # No page is left, although the last one said so, or there was none at all.
                cursor = None if self._last is None else self._last.end_cursor
                return Page(data=[], has_next_page=False, end_cursor=cursor, request_id="")
            if self._fetching is None:
                # Cancelled before, it may have a moment to go; its pages that did not arrive are then asked for anew.
                await reading.ended.wait()
                self._begin()
            elif reading.ended.is_set():
                raise APIConnectionError(
                    f"{self._id}: the client was closed while pages were fetched",
                    operation=self._id,
                    request_id="",
                )
            try:
                await reading.changed()
            except BaseException:  # cancelled: nobody may ever ask again
                self._fetching = None
                raise
        raise StopAsyncIteration

    def _begin(self) -> None:
        """Let pages be fetched, unless this was closed meanwhile."""
        if not self._closed:
            self._reading.ended = anyio.Event()
            self._fetching = self._session.connection.start(self._reading.run)

    async def aclose(self) -> None:
        """Stop, as leaving the loop does: what is being fetched is cancelled."""
        self._closed = True
        self._fetching = None
        self._reading.wake()


class Reading(Generic[T]):
    """What the task that fetches and the one that consumes share. It does not know the latter, which may be dropped."""

    def __init__(self, session: Session, call: Call[Any, list[T]], *, n: int, after: str | None, tally: Tally) -> None:
        operation, query = call.operation, call.request.query
        if operation.timeline is None or operation.pages is None:
            raise InvalidArgumentError(f"{operation.id}: this list cannot be divided up by time")
        self._session = session
        self._call = call
        self._timeline = operation.timeline
        self._tally = tally
        bounds = {operation.pages.size, operation.timeline.oldest, operation.timeline.newest}
        self._list = fingerprint(call, bounds)
        place = None if after is None else unpack(CURSOR, after, Place, "concurrently")
        if place is not None and place.list != self._list:
            raise InvalidArgumentError(f"{operation.id}: after is a cursor of another list, with other arguments")
        if place is not None and not EARLIEST <= place.second <= LATEST:
            raise InvalidArgumentError(f"{operation.id}: after is a cursor to no moment of the calendar")
        oldest = seconds(datetime.fromisoformat(query[operation.timeline.oldest]))
        size = int(query[operation.pages.size])
        self.windows: Windows[T] = Windows(oldest, size, n, place, moment=operation.timeline.moment)
        self.failure: BaseException | None = None
        self.ended = anyio.Event()
        self.ended.set()
        self._arrived = anyio.Event()
        self._room = anyio.Event()

    def take(self, *, with_cursor: bool) -> Page[T] | None:
        """The next page in order, if it is there."""
        taken = self.windows.take()
        self._room.set()
        if taken is None:
            return None
        return Page(
            data=taken[0],
            has_next_page=not self.windows.given,
            end_cursor=pack(CURSOR, self.windows.place(self._list)) if with_cursor else None,
            request_id=taken[1],
        )

    def wake(self) -> None:
        """Let the consumer look again."""
        self._arrived.set()

    async def changed(self) -> None:
        """Wait until a page has arrived, or all has ended."""
        if not self.ended.is_set():
            self._arrived = anyio.Event()
            await self._arrived.wait()

    async def run(self) -> None:
        """Fetch pages until all are there, or one cannot be had."""
        try:
            async with anyio.create_task_group() as group:
                while not self.windows.read:
                    while (window := self.windows.next()) is not None:
                        group.start_soon(self._fetch, window, group.cancel_scope)
                    self._room = anyio.Event()
                    await self._room.wait()
        finally:
            self.windows.abandon()
            self.ended.set()
            self._arrived.set()

    async def _fetch(self, window: Window[T], scope: anyio.CancelScope) -> None:
        try:
            response = await exchange(self._session, self._call_for(window))
            self._arrive(window, response)
        except Exception as error:
            self._fail(error, scope)
        self._room.set()
        self._arrived.set()

    def _arrive(self, window: Window[T], response: APIResponse[Any]) -> None:
        page = to_page(self._call, response)
        before = self.windows.items
        try:
            window.trail.add(page)
            done = not page.has_next_page
            self.windows.arrived(window, page.data, page.end_cursor, done=done, request_id=response.request_id)
            window.trail.onward(page)
        except ValueError as problem:
            raise pagination_error(self._call, str(problem), response) from None
        try:
            self._tally.add(response, self.windows.items - before, self._session.connection.now())
        except BaseException as error:  # whatever it is, the consumer gets it, and no event loop
            raise _Told(error) from None

    def _fail(self, error: Exception, scope: anyio.CancelScope) -> None:
        """End the reading by an error, which is raised where the consumer gets to it."""
        self.failure = self.failure or (error.error if isinstance(error, _Told) else error)
        scope.cancel()

    def _call_for(self, window: Window[T]) -> Call[Any, list[T]]:
        """The call for the next page of a window."""
        query, timeline = self._call.request.query, self._timeline
        call = self._call
        if window.asked_oldest is not None:
            call = with_query(call, **{timeline.oldest: window.asked_oldest.from_})
        if window.newest is not None:
            call = with_query(call, **{timeline.newest: earlier(window.newest.to, query.get(timeline.newest))})
        return call if window.cursor is None else after(call, window.cursor)


class _Told(Exception):
    """Carries what the caller's progress function has raised."""

    def __init__(self, error: BaseException) -> None:
        self.error = error


def fingerprint(call: Call[Any, list[T]], bounds: set[str]) -> str:
    """What a list is recognized by: all of its arguments but those that say how much of it is read."""
    query = sorted((name, value) for name, value in call.request.query.items() if name not in bounds)
    return blake2b(repr((call.operation.id, call.request.path, query)).encode(), digest_size=8).hexdigest()


def earlier(moment: str, other: str | None) -> str:
    """The earlier of two moments in the form that requests have."""
    return moment if other is None else min(moment, other, key=datetime.fromisoformat)
