"""Decides whether there is a next page, and follows a list page by page, one page ahead of its consumer."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from functools import partial
from typing import Generic, Protocol, TypeVar

from attrs import evolve, frozen

from sequence_api_client import Operation, Request
from sequence_api_client.models import PageInfo

from .background import BackgroundCall
from .errors import APIConnectionError, PaginationError
from .session import APIResponse, Session

T = TypeVar("T")

PAGE_SIZE = 100
"""How many results a page is asked to hold: the most that the API allows, for the fewest requests."""

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

    async def collect(self, limit: int | None = None) -> list[T]:
        """The results in a list: all of them, or the first `limit`.

        Raises:
            ValueError: `limit` is no whole number of 0 or more.
            PaginationError: The server's cursors do not lead on.
            APIError: A page could not be fetched.
        """
        if limit is not None and (not isinstance(limit, int) or isinstance(limit, bool) or limit < 0):
            raise ValueError(f"limit must be a whole number of 0 or more, not {limit!r}")
        collected: list[T] = []
        pages = self._pages(ahead=False)  # nothing is consumed meanwhile, so nothing is won by fetching ahead
        while limit is None or len(collected) < limit:
            try:
                page = await anext(pages)
            except StopAsyncIteration:
                break
            collected += page.data
        return collected[:limit]

    def _pages(self, *, ahead: bool) -> _Pages[T]:
        return _Pages(self._session, self._operation, self._request, ahead=ahead)

    def __repr__(self) -> str:
        return f"<Pager of {self._operation.id}>"


class _Pages(AsyncIterator[Page[T]]):
    """Pages one after the other.

    Not an async generator: dropped half-way, one of those lives on until its event loop gets round to closing it.
    """

    def __init__(self, session: Session, operation: Operation[ListAnswer[T]], request: Request, *, ahead: bool) -> None:
        self._session = session
        self._operation = operation
        self._next: Request | None = request
        self._ahead = ahead
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
        self._empty_pages = 0 if page.data else self._empty_pages + 1
        try:
            cursor = next_cursor(page, self._seen, self._empty_pages)
        except ValueError as problem:
            self._failure = self._pagination_error(str(problem), page, response)
            if page.end_cursor in self._seen:  # then the page may be one that was there before
                raise self._failure from None
            return page
        if cursor is None:
            self._next = None
            return page
        self._seen.add(cursor)
        headers = {name: value for name, value in self._next.headers.items() if name != "X-Request-ID"}
        self._next = evolve(self._next, query={**self._next.query, "after": cursor}, headers=headers)
        if self._ahead:
            exchange = partial(self._session.exchange, self._operation, self._next)
            self._fetching = self._session.connection.start(exchange)
        return page

    def _pagination_error(self, problem: str, page: Page[T], response: APIResponse[ListAnswer[T]]) -> PaginationError:
        return PaginationError(
            f"{self._operation.id}: the list cannot be followed: the page {problem}. It is in .page "
            f"(request {response.request_id})",
            operation=self._operation.id,
            request_id=response.request_id,
            page=page,
            status_code=response.status_code,
            headers=response.headers,
            content=response.content,
        )

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
