"""Fetches several pages of a list at once, as `windows` decides, and gives them in the list's order."""

from __future__ import annotations

from datetime import datetime
from hashlib import blake2b
from typing import Any, Generic, TypeVar

import anyio

from sequence_runtime import Call

from ..background import BackgroundCall
from ..errors import APIConnectionError, InvalidArgumentError
from ..exchange import exchange
from ..pages import Page, Window as PageWindow, pagination_error, style, to_page, with_query
from ..pagination import PageIterator, Tally
from ..session import APIResponse, Session
from ..tokens import pack, unpack
from ..trails import trail
from .windows import Place, Window, Windows, seconds

T = TypeVar("T")

CURSOR = "window1_"
"""What the cursors of concurrent reading begin with: a later form of them will begin otherwise."""

EARLIEST, LATEST = -60_000_000_000, 250_000_000_000
"""Seconds since 1970 that a cursor may lead to: from the year 68 to the year 9892."""


class ConcurrentPages(PageIterator[T]):
    """The pages of a list, of which several are fetched at once. Dropped, it cancels what it fetches."""

    def __init__(self, session: Session, call: Call[Any, list[T]], *, n: int, after: str | None, tally: Tally) -> None:
        super().__init__(session, call.operation.id)
        self._reading = Reading(session, call, n=n, after=after, tally=tally)
        self._run: BackgroundCall[None] | None = None
        self._closed = False
        self._last: Page[T] | None = None
        self.with_cursors = False
        """Whether pages have cursors: making them takes time."""

    async def _page(self) -> Page[T]:
        reading = self._reading
        while not self._closed:
            self._session.connection.check_place(self._id)
            page = reading.take(with_cursor=self.with_cursors)
            if page is None and not reading.running:
                page = self._end()
            if page is not None:
                self._last = page
                return page
            try:
                await reading.changed.wait()
            except BaseException:  # cancelled: nobody may ever ask again
                self._run = None
                raise
        raise StopAsyncIteration

    def _end(self) -> Page[T] | None:
        """Raise what ended the reading, or begin it: also anew, where the consumer was cancelled before."""
        reading = self._reading
        if reading.failure is not None:
            raise reading.failure
        if reading.windows.given:
            if self._last is not None and not self._last.has_next_page:
                raise StopAsyncIteration
            # No page is left, although the last one said so, or there was none at all.
            cursor = None if self._last is None else self._last.end_cursor
            return Page(data=[], has_next_page=False, end_cursor=cursor, request_id="", window=reading.window)
        if self._run is not None:
            raise APIConnectionError(
                f"{self._id}: the client was closed while pages were fetched", operation=self._id, request_id=""
            )
        reading.running = True
        self._run = self._session.connection.start(reading.run)
        return None

    async def aclose(self) -> None:
        """Stop, as leaving the loop does: what is being fetched is cancelled."""
        self._closed = True
        self._run = None
        self._reading.tell()


class Reading(Generic[T]):
    """What the task that fetches and the one that consumes share. It does not know the latter, which may be dropped."""

    def __init__(self, session: Session, call: Call[Any, list[T]], *, n: int, after: str | None, tally: Tally) -> None:
        operation, query = call.operation, call.request.query
        assert operation.timeline is not None  # noqa: S101 - nothing else is read in windows
        self._session = session
        self._call = call
        self._timeline = operation.timeline
        self._tally = tally
        size = style(call).size
        self._list = fingerprint(call, {size, self._timeline.oldest, self._timeline.newest})
        place = None if after is None else self._unpack(after)
        oldest = seconds(datetime.fromisoformat(str(query[self._timeline.oldest])))
        items, lap = int(str(query[size])), 0 if style(call).resumes else 1
        self.windows: Windows[T] = Windows(oldest, items, n, place, moment=self._timeline.moment, lap=lap)
        self.running = False
        self.window: PageWindow | None = None
        """Which part of the time the list covers, as the API said last."""
        self.failure: BaseException | None = None
        self.changed = anyio.Event()
        """Is set when a page arrives or is given, and when the reading ends; another one then takes its place."""

    def _unpack(self, cursor: str) -> Place:
        place = unpack(CURSOR, cursor, Place, "concurrently")
        if place.list != self._list:
            raise InvalidArgumentError(
                f"{self._call.operation.id}: after is a cursor of another list, with other arguments"
            )
        if not EARLIEST <= place.second <= LATEST:
            raise InvalidArgumentError(f"{self._call.operation.id}: after is a cursor to no moment of the calendar")
        return place

    def tell(self) -> None:
        """Let both tasks look again."""
        self.changed.set()
        self.changed = anyio.Event()

    def take(self, *, with_cursor: bool) -> Page[T] | None:
        """The next page in order, if it is there."""
        taken = self.windows.take()
        self.tell()  # there may be room for another page, even if there was none to take
        if taken is None:
            return None
        items, request_id = taken
        return Page(
            data=items,
            has_next_page=not self.windows.given,
            end_cursor=pack(CURSOR, self.windows.place(self._list)) if with_cursor else None,
            request_id=request_id,
            window=self.window,
        )

    async def run(self) -> None:
        """Fetch pages until all are there, or one cannot be had."""
        try:
            async with anyio.create_task_group() as group:
                while not self.windows.read:
                    while (window := self.windows.next()) is not None:
                        group.start_soon(self._fetch, window, group.cancel_scope)
                    await self.changed.wait()
        finally:
            self.windows.abandon()
            self.running = False
            self.tell()

    async def _fetch(self, window: Window[T], scope: anyio.CancelScope) -> None:
        """Fetch the next page of a window; an error ends the reading, and is raised where the consumer gets to it."""
        call = self._call_for(window)
        try:
            response = await exchange(self._session, call)
        except Exception as error:
            self.failure = self.failure or error
        else:
            try:
                self._arrive(window, call, response)
            except BaseException as error:  # whatever `progress` raises, the consumer gets it, and no event loop
                self.failure = self.failure or error
        if self.failure is not None:
            scope.cancel()
        self.tell()

    def _arrive(self, window: Window[T], call: Call[Any, list[T]], response: APIResponse[Any]) -> None:
        page, before = to_page(call, response), self.windows.items
        if window.trail is None:
            window.trail = trail(call)
        self.window = page.window or self.window
        step = window.trail.take(call, page)
        items = [item for one in step.pages for item in one.data]
        try:
            if step.problem is None or step.pages:
                done = step.next is None and step.problem is None
                self.windows.arrived(window, items, step.next, done=done, request_id=response.request_id)
        except ValueError as problem:
            raise pagination_error(call, str(problem), response) from None
        if step.problem is not None:
            raise pagination_error(call, step.problem, response)
        self._tally.add(response, page, self.windows.items - before, self._session.connection.now())

    def _call_for(self, window: Window[T]) -> Call[Any, list[T]]:
        """The call for the next page of a window."""
        if window.next is not None:
            return window.next
        query, timeline = self._call.request.query, self._timeline
        bounds: dict[str, str] = {}
        if window.asked_oldest is not None:
            bounds[timeline.oldest] = window.asked_oldest.from_
        if window.newest is not None:
            end = str(query.get(timeline.newest, window.newest.to))
            bounds[timeline.newest] = min(window.newest.to, end, key=datetime.fromisoformat)
        return with_query(self._call, **bounds)


def fingerprint(call: Call[Any, list[T]], bounds: set[str]) -> str:
    """What a list is recognized by: all of its arguments but those that say how much of it is read."""
    query = sorted((name, value) for name, value in call.request.query.items() if name not in bounds)
    return blake2b(repr((call.operation.id, call.request.path, query)).encode(), digest_size=8).hexdigest()
