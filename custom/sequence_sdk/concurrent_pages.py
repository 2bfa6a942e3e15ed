"""Fetches several pages of a list at once, as `windows` decides, and gives them in the list's order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from hashlib import blake2b
from typing import Generic, TypeVar

import anyio
from attrs import evolve

from sequence_api_client import Operation, Request

from .background import BackgroundCall
from .errors import APIConnectionError, InvalidArgumentError
from .pages import ListResponse, Page, next_request, pagination_error, to_page
from .pagination import Items, Tally
from .session import Session
from .tokens import pack, unpack
from .windows import Place, Window, Windows, seconds

T = TypeVar("T")

CURSOR = "window1_"
"""What the cursors of concurrent reading begin with: a later form of them will begin otherwise."""

EARLIEST, LATEST = -60_000_000_000, 250_000_000_000
"""Seconds since 1970 that a cursor may lead to: from the year 68 to the year 9892."""


class ConcurrentItems(Items[T]):
    """The items of a list, of which several pages are fetched at once."""

    def __init__(self, pages: ConcurrentPages[T]) -> None:
        super().__init__(pages)
        self._source = pages

    def pages(self) -> AsyncIterator[Page[T]]:
        """The pages that hold these items: read either the pages or the items.

        Their `end_cursor` is for `concurrently(after=…)`. There is one page at least, and the last has no next one.
        """
        self._source.with_cursors = True
        return self._source


class ConcurrentPages(AsyncIterator[Page[T]]):
    """The pages of a list, of which several are fetched at once.

    Not an async generator, as the pages that are read one after the other: dropped, it cancels what it fetches.
    """

    def __init__(
        self,
        session: Session,
        operation: Operation[ListResponse[T]],
        request: Request,
        *,
        n: int,
        after: str | None,
        tally: Tally,
    ) -> None:
        self._session = session
        self._operation = operation
        self._reading = Reading(session, operation, request, n=n, after=after, tally=tally)
        self._fetching: BackgroundCall[None] | None = None
        self._busy = False
        self._closed = False
        self._last: Page[T] | None = None
        self.with_cursors = False
        """Whether pages have cursors: making them takes time."""

    async def __anext__(self) -> Page[T]:
        if self._busy:
            raise RuntimeError(f"{self._operation.id}: two tasks iterate over the same iterator; give each its own")
        self._busy = True
        try:
            self._last = await self._page()
        finally:
            self._busy = False
        return self._last

    async def _page(self) -> Page[T]:
        reading = self._reading
        while not self._closed:
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

    def __init__(
        self,
        session: Session,
        operation: Operation[ListResponse[T]],
        request: Request,
        *,
        n: int,
        after: str | None,
        tally: Tally,
    ) -> None:
        self._session = session
        self._operation = operation
        self._request = request
        self._tally = tally
        self._list = fingerprint(operation.id, request)
        place = None if after is None else unpack(CURSOR, after, Place, "concurrently")
        if place is not None and place.list != self._list:
            raise InvalidArgumentError(f"{operation.id}: after is a cursor of another list, with other arguments")
        if place is not None and not EARLIEST <= place.second <= LATEST:
            raise InvalidArgumentError(f"{operation.id}: after is a cursor to no moment of the calendar")
        oldest = seconds(datetime.fromisoformat(request.query["from"]))
        self.windows: Windows[T] = Windows(oldest, int(request.query["first"]), n, place)
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
            await self._fetch_page(window)
        except BaseException as error:  # it is raised where the consumer gets to it
            ending = anyio.get_cancelled_exc_class(), GeneratorExit, BaseExceptionGroup  # trio may group cancellations
            if isinstance(error, ending) and not isinstance(error, Exception):
                raise
            self.failure = self.failure or error
            scope.cancel()
        self._room.set()
        self._arrived.set()

    async def _fetch_page(self, window: Window[T]) -> None:
        response = await self._session.exchange(self._operation, window_request(self._request, window))
        page = to_page(response)
        before = self.windows.items
        try:
            window.trail.add(page)
            self.windows.arrived(
                window,
                page.data,
                page.end_cursor,
                done=not page.has_next_page,
                request_id=response.request_id,
            )
            window.trail.onward(page)
        except ValueError as problem:
            raise pagination_error(self._operation, str(problem), page, response) from None
        self._tally.add(response, self.windows.items - before, self._session.connection.now())


def window_request(request: Request, window: Window[T]) -> Request:
    """The request for the next page of a window; `request` is the one for the first page of the list."""
    query = dict(request.query)
    if window.asked_oldest is not None:
        query["from"] = window.asked_oldest.from_
    if window.newest is not None:
        query["to"] = earlier(window.newest.to, query.get("to"))
    found = evolve(request, query=query)
    return found if window.cursor is None else next_request(found, window.cursor)


def fingerprint(operation: str, request: Request) -> str:
    """What a list is recognized by: all of its arguments but those that say how much of it is read."""
    query = sorted((name, value) for name, value in request.query.items() if name not in {"first", "from", "to"})
    return blake2b(repr((operation, request.path, query)).encode(), digest_size=8).hexdigest()


def earlier(moment: str, other: str | None) -> str:
    """The earlier of two moments in the form that requests have."""
    return moment if other is None else min(moment, other, key=datetime.fromisoformat)
