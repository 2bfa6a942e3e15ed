"""What a page of a list is."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar, cast

from attrs import frozen
from msgspec.structs import replace

from sequence_runtime import Call, PageStyle, QueryValue
from sequence_runtime.pages import found_at

from .errors import InvalidArgumentError, PaginationError, of_request
from .session import APIResponse

T = TypeVar("T")


class Window(Protocol):
    """Which part of the time that was asked for a list covers."""

    @property
    def from_(self) -> datetime | None: ...

    @property
    def to(self) -> datetime | None: ...

    @property
    def truncated(self) -> bool | None:
        """Whether the API keeps less than was asked for."""
        ...


@frozen(kw_only=True)
class Page(Generic[T]):
    """One page of a list."""

    data: list[T]
    has_next_page: bool
    end_cursor: str | None
    """The cursor of the last result: `after=` resumes behind it. None where the API has no cursors."""
    request_id: str
    window: Window | None = None
    """Which part of the time that was asked for the list covers, where the API says so."""


def to_page(call: Call[Any, list[T]], response: APIResponse[Any]) -> Page[T]:
    """The page in a response.

    Raises:
        PaginationError: The response does not say whether another one follows.
    """
    data: list[T] = call.operation.data(response.data)
    pages, problem, window = style(call), None, None
    more, cursor = False, None
    try:
        more, cursor = pages.next(call.request.query, response.data, len(data))
        window = cast("Window | None", found_at(response.data, pages.window))
    except ValueError as missing:
        problem = str(missing)
    page = Page(
        data=data,
        has_next_page=more,
        end_cursor=cursor if pages.resumes else None,
        request_id=response.request_id,
        window=window,
    )
    if problem is not None:
        raise pagination_error(call, problem, response, page)
    return page


def style(call: Call[Any, list[T]]) -> PageStyle:
    """How a list is given page by page."""
    pages = call.operation.pages
    assert pages is not None, f"{call.operation.id} is no list"  # noqa: S101 - the table of resources is ours
    return pages


def with_query(call: Call[Any, list[T]], **query: QueryValue) -> Call[Any, list[T]]:
    """The same call with other members of its query."""
    return replace(call, request=replace(call.request, query={**call.request.query, **query}))


def begin(call: Call[Any, list[T]]) -> Call[Any, list[T]]:
    """The call for a first page, as large as the API allows unless its size was given.

    Raises:
        InvalidArgumentError: It is for a later page, and there is no telling what is on that.
    """
    pages, query = style(call), call.request.query
    if not pages.resumes and pages.position in query:
        raise InvalidArgumentError(
            f"{call.operation.id}: {pages.position} cannot be given: what is on a page of a number changes, and pages "
            "follow each other by themselves"
        )
    return with_query(call, **{pages.size: query.get(pages.size, str(pages.largest))})


def pagination_error(
    call: Call[Any, list[T]], problem: str, response: APIResponse[Any], page: Page[T] | None = None
) -> PaginationError:
    return PaginationError(
        f"{call.operation.id}: the list cannot be followed: the page {problem}. It is in .page"
        f"{of_request(response.request_id)}",
        operation=call.operation.id,
        request_id=response.request_id,
        page=page or to_page(call, response),
        status_code=response.status_code,
        headers=response.headers,
        content=response.content,
    )
