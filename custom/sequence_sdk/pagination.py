"""Follows a list page by page, one page ahead of its consumer."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from attrs import frozen

from sequence_api_client import Operation, Request

from .background import BackgroundCall
from .errors import APIConnectionError, InvalidArgumentError, PaginationError
from .pages import ListResponse, Page, Trail, next_request, pagination_error, to_page, with_page_size
from .session import APIResponse, Session

if TYPE_CHECKING:
    from .concurrent_pages import ConcurrentItems

T = TypeVar("T")

MOST_AT_ONCE = 32
"""How many pages of a list may be fetched at once."""


@frozen(kw_only=True)
class Progress:
    """How far a list has been read."""

    items: int
    """How many results arrived."""
    pages: int
    requests: int
    """How many requests were sent for these pages, repeated ones included."""
    waited: float
    """Seconds of waiting for the rate limit; requests that wait at the same time count once."""


class Tally:
    """Counts the pages that arrive, and says so to whoever wants to know."""

    def __init__(self, tell: Callable[[Progress], object] | None) -> None:
        self._tell = tell
        self._progress = Progress(items=0, pages=0, requests=0, waited=0.0)
        self._waited_until = -math.inf

    def add(self, response: APIResponse[ListResponse[T]], items: int, now: float) -> None:
        """Count a page with so many results that did not arrive before; `now` is in seconds."""
        if self._tell is not None:
            before = self._progress
            began = max(now - response.elapsed, self._waited_until)
            ended = max(now - response.elapsed + response.waited, began)
            self._waited_until = ended
            self._progress = Progress(
                items=before.items + items,
                pages=before.pages + 1,
                requests=before.requests + response.attempts,
                waited=before.waited + ended - began,
            )
            try:
                self._tell(self._progress)
            except StopAsyncIteration as error:  # which would end the list
                raise RuntimeError("progress raised StopAsyncIteration") from error


class Pager(Generic[T]):
    """A list that is read page by page, as it is iterated over.

        async for transfer in sequence.transfers.list(account_id="acc_01HDEF0123"):
            print(transfer.created_at, transfer.amount_in_cents)

    The next page is fetched while the current one is consumed. Every iteration reads the list anew.
    """

    def __init__(self, session: Session, operation: Operation[ListResponse[T]], request: Request) -> None:
        self._session = session
        self._operation = operation
        self._request = with_page_size(request)

    def __aiter__(self) -> AsyncIterator[T]:
        """Every result of the list.

        Raises:
            PaginationError: The server's cursors do not lead on.
            APIError: A page could not be fetched.
        """
        return Items(self._pages(ahead=True))

    def pages(self) -> AsyncIterator[Page[T]]:
        """Every page of the list, as a `Page` of `data`, `has_next_page`, `end_cursor` and `request_id`.

        Raises:
            PaginationError: The server's cursors do not lead on.
            APIError: A page could not be fetched.
        """
        return self._pages(ahead=True)

    def concurrently(
        self, n: int = 8, *, after: str | None = None, progress: Callable[[Progress], object] | None = None
    ) -> ConcurrentItems[T]:
        """Every result of a long list, as iterating over it gives them, read in up to `n` windows of time at once.

            async for transfer in pager.concurrently(8):
                print(transfer.id)

        For lists with `from_`; without `to`, they end now. The windows follow from how dense the results are. That
        takes a few requests more than reading page by page: at most a quarter of them, and 6, and those for results
        within a second of where two windows meet, where the server takes times less exactly than to a millisecond. At
        most `5 * n` pages are held that the consumer has not come to; leaving the loop cancels what is being fetched.

        `.pages()` of it gives pages. Their `end_cursor` is for `after` here, and not for the list itself.

        Args:
            n: How many pages are fetched at once, 1 to 32.
            after: The `end_cursor` of a page of an earlier call, to go on behind it.
            progress: Is called after every page that arrived.

        Raises:
            InvalidArgumentError: `n` is no such number, `after` no such cursor, or the list was asked for without
                `from_`, or with `after`; nothing was sent.
            PaginationError: The server's cursors do not lead on, or its pages are not what was asked for.
            APIError: A page could not be fetched. All others are given up; what is complete before it is given first.
        """
        if not isinstance(n, int) or isinstance(n, bool) or not 1 <= n <= MOST_AT_ONCE:
            raise InvalidArgumentError(f"n must be a whole number from 1 to {MOST_AT_ONCE}, not {n!r}")
        query = self._request.query
        if "from" not in query:
            raise InvalidArgumentError(
                f"{self._operation.id}: from_ must be given, or there is no end to divide the list up to"
            )
        if "after" in query:
            raise InvalidArgumentError(
                f"{self._operation.id}: after cannot be given to the list; concurrently(after=…) has cursors of its own"
            )
        from .concurrent_pages import ConcurrentItems, ConcurrentPages  # noqa: PLC0415 - it builds upon this module

        return ConcurrentItems(
            ConcurrentPages(self._session, self._operation, self._request, n=n, after=after, tally=Tally(progress))
        )

    async def collect(
        self, limit: int | None = None, *, progress: Callable[[Progress], object] | None = None
    ) -> list[T]:
        """The results in a list: all of them, or the first `limit`.

        Args:
            limit: How many at most.
            progress: Is called after every page that arrived.

        Raises:
            InvalidArgumentError: `limit` is no whole number of 0 or more.
            PaginationError: The server's cursors do not lead on.
            APIError: A page could not be fetched.
        """
        if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 0):
            raise InvalidArgumentError(f"limit must be a whole number of 0 or more, not {limit!r}")
        collected: list[T] = []
        # Nothing is consumed meanwhile, so nothing is won by fetching ahead.
        pages = self._pages(ahead=False, progress=progress)
        while limit is None or len(collected) < limit:
            try:
                page = await anext(pages)
            except StopAsyncIteration:
                break
            collected += page.data
        return collected[:limit]

    def _pages(self, *, ahead: bool, progress: Callable[[Progress], object] | None = None) -> _Pages[T]:
        return _Pages(self._session, self._operation, self._request, ahead=ahead, tally=Tally(progress))

    def __repr__(self) -> str:
        return f"<Pager of {self._operation.id}>"


class _Pages(AsyncIterator[Page[T]]):
    """Pages one after the other.

    Not an async generator: dropped half-way, one of those lives on until its event loop gets round to closing it.
    """

    def __init__(
        self, session: Session, operation: Operation[ListResponse[T]], request: Request, *, ahead: bool, tally: Tally
    ) -> None:
        self._session = session
        self._operation = operation
        self._next: Request | None = request
        self._ahead = ahead
        self._tally = tally
        self._fetching: BackgroundCall[APIResponse[ListResponse[T]]] | None = None
        self._trail = Trail({request.query["after"]} if "after" in request.query else set[str]())
        self._arrived: Page[T] | None = None
        self._failure: PaginationError | None = None
        self._busy = False
        self.headers: Mapping[str, str] = {}
        """Those that the last page came with."""

    async def __anext__(self) -> Page[T]:
        if self._busy:
            raise RuntimeError(f"{self._operation.id}: two tasks iterate over the same iterator; give each its own")
        if self._arrived is None:
            if self._failure is not None:
                raise self._failure
            if self._next is None:
                raise StopAsyncIteration
            self._busy = True
            try:
                response = await self._fetch(self._next)
            finally:
                self._busy = False
            self._arrived = self._take(response)
            # If this raises, the page is given next time.
            self._tally.add(response, len(self._arrived.data), self._session.connection.now())
        page, self._arrived = self._arrived, None
        return page

    def _take(self, response: APIResponse[ListResponse[T]]) -> Page[T]:
        """The page in a response; what follows it is then known."""
        request, page = self._next, to_page(response)
        if request is None:  # closed meanwhile
            raise StopAsyncIteration
        self.headers = response.headers
        try:
            self._trail.add(page)
        except ValueError as problem:
            self._failure = pagination_error(self._operation, str(problem), page, response)
            raise self._failure from None
        try:
            cursor = self._trail.onward(page)
        except ValueError as problem:  # it is raised where the next page would be given
            self._failure = pagination_error(self._operation, str(problem), page, response)
            return page
        self._next = None if cursor is None else next_request(request, cursor)
        if self._ahead and self._next is not None:
            exchange = partial(self._session.exchange, self._operation, self._next)
            self._fetching = self._session.connection.start(exchange)
        return page

    async def _fetch(self, request: Request) -> APIResponse[ListResponse[T]]:
        """The page that was fetched ahead, or else fetched now. Whatever fails can be tried again."""
        fetching, self._fetching = self._fetching, None
        if fetching is None:
            return await self._session.exchange(self._operation, request)
        response = await fetching.result()
        if response is None:
            raise APIConnectionError(
                f"{self._operation.id}: the client was closed while a page was fetched",
                operation=self._operation.id,
                request_id=request.headers.get("X-Request-ID", ""),
            )
        return response

    async def aclose(self) -> None:
        """Stop, as leaving the loop does: a page being fetched ahead is cancelled."""
        self._next = self._fetching = self._arrived = None


class PageIterator(Protocol[T]):
    """Gives pages, until it is closed."""

    def __aiter__(self) -> AsyncIterator[Page[T]]: ...

    async def __anext__(self) -> Page[T]: ...

    async def aclose(self) -> None: ...


class Items(AsyncIterator[T]):
    """The items of pages, one after the other."""

    def __init__(self, pages: PageIterator[T]) -> None:
        self._pages = pages
        self._items: Iterator[T] = iter(())

    async def __anext__(self) -> T:
        while True:
            for item in self._items:
                return item
            self._items = iter((await anext(self._pages)).data)

    async def aclose(self) -> None:
        """Stop, as leaving the loop does: a page being fetched ahead is cancelled."""
        self._items = iter(())
        await self._pages.aclose()
