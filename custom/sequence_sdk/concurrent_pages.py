"""Fetches several pages of a list at once, as `windows` decides, and gives their items in the list's order."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from datetime import datetime
from typing import Generic, TypeVar

import anyio
from attrs import evolve

from sequence_api_client import Operation, Request

from .background import BackgroundCall
from .errors import APIConnectionError
from .pagination import ListAnswer, Tally, next_cursor, next_request, pagination_error, to_page
from .session import Session
from .windows import Window, Windows, seconds

T = TypeVar("T")


class ConcurrentItems(AsyncIterator[T]):
    """The items of a list, of which several pages are fetched at once.

    Not an async generator, as the pages that are read one after the other: dropped, it cancels what it fetches.
    """

    def __init__(
        self, session: Session, operation: Operation[ListAnswer[T]], request: Request, n: int, tally: Tally
    ) -> None:
        self._session = session
        self._operation = operation
        self._reading = Reading(session, operation, request, n, tally)
        self._fetching: BackgroundCall[None] | None = None
        self._items: Iterator[T] = iter(())
        self._busy = False
        self._closed = False

    async def __anext__(self) -> T:
        if self._busy:
            raise RuntimeError(f"{self._operation.id}: two tasks iterate over the same iterator; give each its own")
        for item in self._items:
            return item
        self._busy = True
        try:
            self._items = iter(await self._page())
        finally:
            self._busy = False
        return next(self._items)  # no page is given that is empty

    async def _page(self) -> list[T]:
        reading = self._reading
        while not self._closed:
            page = reading.take()
            if page is not None:
                return page
            if reading.failure is not None:
                if reading.ended.is_set():
                    raise reading.failure
                await reading.ended.wait()  # what arrives until then may still come before it
                continue
            if reading.windows.given:
                break
            if self._fetching is None:
                # Cancelled before, it may have a moment to go; its pages that did not arrive are then asked for anew.
                await reading.ended.wait()
                reading.ended = anyio.Event()
                self._fetching = self._session.connection.start(reading.run)
            elif reading.ended.is_set():
                raise APIConnectionError(
                    f"{self._operation.id}: the client was closed while pages were fetched",
                    operation=self._operation.id,
                    request_id="",
                )
            try:
                await reading.changed()
            except BaseException:  # cancelled: nobody may ever ask again
                self._fetching = None
                raise
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """Stop, as leaving the loop does: what is being fetched is cancelled."""
        self._closed = True
        self._items = iter(())
        self._fetching = None


class Reading(Generic[T]):
    """What the task that fetches and the one that consumes share. It does not know the latter, which may be dropped."""

    def __init__(
        self, session: Session, operation: Operation[ListAnswer[T]], request: Request, n: int, tally: Tally
    ) -> None:
        self._session = session
        self._operation = operation
        self._request = request
        self._tally = tally
        oldest = seconds(datetime.fromisoformat(request.query["from"]))
        self.windows: Windows[T] = Windows(oldest, int(request.query["first"]), n)
        self.failure: Exception | None = None
        self.ended = anyio.Event()
        self.ended.set()
        self._arrived = anyio.Event()
        self._room = anyio.Event()

    def take(self) -> list[T] | None:
        """The next page in order, if it is there."""
        page = self.windows.take()
        self._room.set()
        return page

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
            await self._fetch_page(window)
        except Exception as error:  # it is raised where the consumer gets to it
            self.failure = self.failure or error
            scope.cancel()
        self._room.set()
        self._arrived.set()

    async def _fetch_page(self, window: Window[T]) -> None:
        response = await self._session.exchange(self._operation, window_request(self._request, window))
        page = to_page(response)
        before = self.windows.items
        empty_pages = 0 if page.data else window.empty_pages + 1
        cursor: str | None = None
        problem: ValueError | None = None
        try:
            cursor = next_cursor(page, window.cursors, empty_pages)
        except ValueError as error:
            problem = error
        try:
            if problem is None or page.end_cursor not in window.cursors:  # or it may be a page that was there before
                self.windows.arrived(window, page.data, cursor, done=not page.has_next_page)
        except ValueError as error:
            problem = error
        if problem is not None:
            raise pagination_error(self._operation, str(problem), page, response) from None
        window.empty_pages = empty_pages
        if cursor is not None:
            window.cursors.add(cursor)
        self._tally.add(response, self.windows.items - before)


def window_request(request: Request, window: Window[T]) -> Request:
    """The request for the next page of a window; `request` is the one for the first page of the list."""
    query = dict(request.query)
    if window.asked_oldest is not None:
        query["from"] = window.asked_oldest.text
    if window.newest is not None:
        query["to"] = window.newest.text
    found = evolve(request, query=query)
    if window.cursor is None:
        return found if window.newest is None else evolve(found, headers=next_request(found, "").headers)
    return next_request(found, window.cursor)
