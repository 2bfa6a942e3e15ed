"""Decides whether there is a next page, and follows a list page by page, one page ahead of its consumer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from attrs import evolve, frozen

from sequence_api_client import Operation, Request

from .background import BackgroundCall
from .errors import APIConnectionError, InvalidArgumentError, PaginationError
from .session import APIResponse, Session

if TYPE_CHECKING:
    from sequence_api_client.models import PageInfo

T = TypeVar("T")

PAGE_SIZE = 100
"""How many results a page is asked to hold: the most that the API allows, for the fewest requests."""

MOST_AT_ONCE = 32
"""How many pages of a list may be fetched at once."""

EMPTY_PAGES = 100
"""How many pages without a result may follow each other before a list counts as one that has no end."""


class ListAnswer(Protocol[T]):
    """The answer of a paginated operation."""

    @property
    def data(self) -> list[T]: ...

    @property
    def page_info(self) -> PageInfo: ...


@frozen(kw_only=True)
class Page(Generic[T]):
    """One page of a list."""

    data: list[T]
    has_next_page: bool
    end_cursor: str | None
    """The cursor of the last result: `after=` resumes behind it."""
    request_id: str


@frozen(kw_only=True)
class Progress:
    """How far a list has been read."""

    items: int
    """How many results arrived."""
    pages: int
    requests: int
    """How many requests were sent for these pages, repeated ones included."""
    waited: float
    """Seconds that they waited for the rate limit, all together."""


class Tally:
    """Counts the pages that arrive, and says so to whoever wants to know."""

    def __init__(self, tell: Callable[[Progress], object] | None) -> None:
        self._tell = tell
        self._progress = Progress(items=0, pages=0, requests=0, waited=0.0)

    def add(self, response: APIResponse[ListAnswer[T]], items: int) -> None:
        """Count a page with so many results that did not arrive before."""
        if self._tell is not None:
            before = self._progress
            self._progress = Progress(
                items=before.items + items,
                pages=before.pages + 1,
                requests=before.requests + response.attempts,
                waited=before.waited + response.waited,
            )
            self._tell(self._progress)


def with_page_size(request: Request) -> Request:
    """The request for a first page, as large as the API allows unless its size was given."""
    return evolve(request, query={**request.query, "first": request.query.get("first", str(PAGE_SIZE))})


def to_page(response: APIResponse[ListAnswer[T]]) -> Page[T]:
    answer = response.data
    return Page(
        data=answer.data,
        has_next_page=answer.page_info.has_next_page,
        end_cursor=answer.page_info.end_cursor,
        request_id=response.request_id,
    )


def next_cursor(page: Page[T], seen: set[str], empty_pages: int) -> str | None:
    """The cursor that the next page comes after; None behind the last page.

    `seen` are the cursors used so far, `empty_pages` is how many pages in a row were empty, this one included.

    Raises:
        ValueError: There is no cursor though there is a next page, or it leads nowhere; the text says which.
    """
    if not page.has_next_page:
        return None
    if not page.end_cursor:
        raise ValueError("has a next page, but no cursor to it")
    if page.end_cursor in seen:
        raise ValueError("repeats a cursor")
    if empty_pages >= EMPTY_PAGES:
        raise ValueError(f"is the {empty_pages}th in a row without a result")
    return page.end_cursor


def next_request(request: Request, cursor: str) -> Request:
    """The request for the page after a cursor. A request ID that the caller gave is for the first page."""
    headers = {name: value for name, value in request.headers.items() if name != "X-Request-ID"}
    return evolve(request, query={**request.query, "after": cursor}, headers=headers)


def pagination_error(
    operation: Operation[ListAnswer[T]], problem: str, page: Page[T], response: APIResponse[ListAnswer[T]]
) -> PaginationError:
    return PaginationError(
        f"{operation.id}: the list cannot be followed: the page {problem}. It is in .page "
        f"(request {response.request_id})",
        operation=operation.id,
        request_id=response.request_id,
        page=page,
        status_code=response.status_code,
        headers=response.headers,
        content=response.content,
    )


class Pager(Generic[T]):
    """A list that is read page by page, as it is iterated over.

        async for transfer in sequence.transfers.list(account_id="acc_01HDEF0123"):
            print(transfer.created_at, transfer.amount_in_cents)

    The next page is fetched while the current one is consumed. Every iteration reads the list anew.
    """

    def __init__(self, session: Session, operation: Operation[ListAnswer[T]], request: Request) -> None:
        self._session = session
        self._operation = operation
        self._request = with_page_size(request)

    def __aiter__(self) -> AsyncIterator[T]:
        """Every result of the list.

        Raises:
            PaginationError: The server's cursors do not lead on.
            APIError: A page could not be fetched.
        """
        return _Items(self._pages(ahead=True))

    def pages(self) -> AsyncIterator[Page[T]]:
        """Every page of the list, as a `Page` of `data`, `has_next_page`, `end_cursor` and `request_id`.

        Raises:
            PaginationError: The server's cursors do not lead on.
            APIError: A page could not be fetched.
        """
        return self._pages(ahead=True)

    def concurrently(self, n: int = 8, *, progress: Callable[[Progress], object] | None = None) -> AsyncIterator[T]:
        """Every result of a long list, as iterating over it gives them, read in up to `n` windows of time at once.

        For lists with `from_`; without `to`, they end now. The windows follow from how dense the results are. That
        takes a few requests more than reading page by page: at most a quarter of them, and 6. At most `5 * n` pages are
        held that the consumer has not come to; leaving the loop cancels what is being fetched.

        Args:
            n: How many pages are fetched at once, 1 to 32.
            progress: Is called after every page that arrived.

        Raises:
            InvalidArgumentError: `n` is no such number, or the list was asked for without `from_`, or with `after`;
                nothing was sent.
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
                f"{self._operation.id}: after cannot be given: windows of time have cursors of their own"
            )
        if n == 1:
            return _Items(self._pages(ahead=True, progress=progress))
        from .concurrent_pages import ConcurrentItems  # noqa: PLC0415 - it builds upon this module

        return ConcurrentItems(self._session, self._operation, self._request, n, Tally(progress))

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
        self, session: Session, operation: Operation[ListAnswer[T]], request: Request, *, ahead: bool, tally: Tally
    ) -> None:
        self._session = session
        self._operation = operation
        self._next: Request | None = request
        self._ahead = ahead
        self._tally = tally
        self._fetching: BackgroundCall[APIResponse[ListAnswer[T]]] | None = None
        self._seen = {request.query["after"]} if "after" in request.query else set[str]()
        self._empty_pages = 0
        self._failure: PaginationError | None = None
        self._busy = False

    async def __anext__(self) -> Page[T]:
        if self._busy:
            raise RuntimeError(f"{self._operation.id}: two tasks iterate over the same iterator; give each its own")
        if self._failure is not None:
            raise self._failure
        if self._next is None:
            raise StopAsyncIteration
        self._busy = True
        try:
            response = await self._fetch(self._next)
        finally:
            self._busy = False
        page = to_page(response)
        self._tally.add(response, len(page.data))
        self._empty_pages = 0 if page.data else self._empty_pages + 1
        try:
            cursor = next_cursor(page, self._seen, self._empty_pages)
        except ValueError as problem:
            self._failure = pagination_error(self._operation, str(problem), page, response)
            if page.end_cursor in self._seen:  # then the page may be one that was there before
                raise self._failure from None
            return page
        if cursor is None:
            self._next = None
            return page
        self._seen.add(cursor)
        self._next = next_request(self._next, cursor)
        if self._ahead:
            exchange = partial(self._session.exchange, self._operation, self._next)
            self._fetching = self._session.connection.start(exchange)
        return page

    async def _fetch(self, request: Request) -> APIResponse[ListAnswer[T]]:
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
        self._next = self._fetching = None


class _Items(AsyncIterator[T]):
    """The items of pages, one after the other."""

    def __init__(self, pages: _Pages[T]) -> None:
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
