"""What a page of a list is, and decides whether another one follows it."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING, Generic, Protocol, TypeVar

from attrs import define, evolve, field, frozen

from sequence_api_client import Operation, Request

from .errors import PaginationError

if TYPE_CHECKING:
    from sequence_api_client.models import PageInfo

    from .session import APIResponse

T = TypeVar("T")

PAGE_SIZE = 100
"""How many results a page is asked to hold: the most that the API allows, for the fewest requests."""

EMPTY_PAGES = 100
"""How many pages without a result may follow each other before a list counts as one that has no end."""

RECENT = 10_000
"""How many results are remembered, so that none is given twice: enough for all that a server may repeat by mistake."""


class ListResponse(Protocol[T]):
    """The response of a paginated operation."""

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


def to_page(response: APIResponse[ListResponse[T]]) -> Page[T]:
    listed = response.data
    return Page(
        data=listed.data,
        has_next_page=listed.page_info.has_next_page,
        end_cursor=listed.page_info.end_cursor,
        request_id=response.request_id,
    )


@define
class Trail:
    """What is remembered of a list's pages, so that one whose cursors lead in a circle ends."""

    cursors: set[str] = field(factory=set[str])
    """Those that pages were asked for with, or will be."""
    firsts: set[str] = field(factory=set[str])
    """Of every page the ID of its first item."""
    recent: set[str] = field(factory=set[str])
    """The IDs of the items of the last pages."""
    pages: deque[list[str]] = field(factory=deque[list[str]])
    """The same, page by page."""
    empty_pages: int = 0
    """How many pages in a row had no item."""

    def add(self, page: Page[T]) -> None:
        """Take note of a page.

        Raises:
            ValueError: It holds what was there before; the text says how that shows. Nothing was noted.
        """
        ids = [id for id in (getattr(item, "id", None) for item in page.data) if isinstance(id, str)]
        if not self.firsts.isdisjoint(ids) or not self.recent.isdisjoint(ids) or len(set(ids)) < len(ids):
            raise ValueError("repeats results")
        if page.has_next_page and page.end_cursor in self.cursors:
            raise ValueError("repeats a cursor")
        self.firsts.update(ids[:1])
        if ids:
            self.recent.update(ids)
            self.pages.append(ids)
        while len(self.recent) > RECENT:
            self.recent.difference_update(self.pages.popleft())
        self.empty_pages = 0 if page.data else self.empty_pages + 1

    def onward(self, page: Page[T]) -> str | None:
        """The cursor that the page after the one added comes after, and take note of it; None behind the last page.

        Raises:
            ValueError: There is no cursor though there is a next page, or nothing leads on; the text says which.
        """
        if not page.has_next_page:
            return None
        if not page.end_cursor:
            raise ValueError("has a next page, but no cursor to it")
        if self.empty_pages >= EMPTY_PAGES:
            raise ValueError(f"is the {self.empty_pages}th in a row without a result")
        self.cursors.add(page.end_cursor)
        return page.end_cursor


def next_request(request: Request, cursor: str) -> Request:
    """The request for the page after a cursor."""
    return evolve(request, query={**request.query, "after": cursor})


def pagination_error(
    operation: Operation[ListResponse[T]], problem: str, page: Page[T], response: APIResponse[ListResponse[T]]
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
