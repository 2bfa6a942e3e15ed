"""What a page of a list is, and decides whether another one follows it."""

from __future__ import annotations

from itertools import islice
from typing import Any, Generic, TypeVar

from attrs import define, evolve, field, frozen

from sequence_runtime import Call, PageStyle, QueryValue

from .errors import PaginationError
from .session import APIResponse

T = TypeVar("T")

EMPTY_PAGES = 100
"""How many pages without a result may follow each other before a list counts as one that has no end."""

RECENT = 10_000
"""How many results are remembered, so that none is given twice: enough for all that a server may repeat by mistake."""


@frozen(kw_only=True)
class Page(Generic[T]):
    """One page of a list."""

    data: list[T]
    has_next_page: bool
    end_cursor: str | None
    """The cursor of the last result: `after=` resumes behind it."""
    request_id: str


def to_page(call: Call[Any, list[T]], response: APIResponse[Any]) -> Page[T]:
    """The page in a response.

    Raises:
        PaginationError: The response does not say whether another one follows.
    """
    data: list[T] = call.operation.data(response.data)
    page = Page(data=data, has_next_page=False, end_cursor=None, request_id=response.request_id)
    try:
        more, cursor = style(call).next(call.request.query, response.data)
    except ValueError as missing:
        problem = str(missing)
    else:
        return evolve(page, has_next_page=more, end_cursor=cursor)
    raise pagination_error(call, problem, response, page)


def style(call: Call[Any, list[T]]) -> PageStyle:
    """How a list is given page by page."""
    pages = call.operation.pages
    assert pages is not None, f"{call.operation.id} is no list"  # noqa: S101 - the table of resources is ours
    return pages


def with_query(call: Call[Any, list[T]], **query: QueryValue) -> Call[Any, list[T]]:
    """The same call with other members of its query."""
    return evolve(call, request=evolve(call.request, query={**call.request.query, **query}))


def begin(call: Call[Any, list[T]]) -> Call[Any, list[T]]:
    """The call for a first page, as large as the API allows unless its size was given."""
    pages = style(call)
    return with_query(call, **{pages.size: call.request.query.get(pages.size, str(pages.largest))})


def after(call: Call[Any, list[T]], cursor: str) -> Call[Any, list[T]]:
    """The call for the page behind a cursor."""
    return with_query(call, **{style(call).position: cursor})


@define
class Trail:
    """What is remembered of a list's pages, so that one whose cursors lead in a circle ends."""

    cursors: set[str] = field(factory=set[str])
    """Those that pages were asked for with, or will be."""
    firsts: set[str] = field(factory=set[str])
    """Of every page the ID of its first item."""
    recent: dict[str, None] = field(factory=dict[str, None])
    """The IDs of the last items, in their order."""
    empty_pages: int = 0
    """How many pages in a row had no item."""

    def add(self, page: Page[T]) -> None:
        """Take note of a page.

        Raises:
            ValueError: It holds what was there before; the text says how that shows. Nothing was noted.
        """
        ids = [str(id) for id in (getattr(item, "id", None) for item in page.data) if id is not None]
        if not self.firsts.isdisjoint(ids) or not self.recent.keys().isdisjoint(ids) or len(set(ids)) < len(ids):
            raise ValueError("repeats results")
        if page.has_next_page and page.end_cursor in self.cursors:
            raise ValueError("repeats a cursor")
        self.firsts.update(ids[:1])
        self.recent.update(dict.fromkeys(ids))
        for id in list(islice(self.recent, max(len(self.recent) - RECENT, 0))):
            del self.recent[id]
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


def pagination_error(
    call: Call[Any, list[T]], problem: str, response: APIResponse[Any], page: Page[T] | None = None
) -> PaginationError:
    return PaginationError(
        f"{call.operation.id}: the list cannot be followed: the page {problem}. It is in .page "
        f"(request {response.request_id})",
        operation=call.operation.id,
        request_id=response.request_id,
        page=page or to_page(call, response),
        status_code=response.status_code,
        headers=response.headers,
        content=response.content,
    )
