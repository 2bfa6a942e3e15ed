"""How the pages of a list follow each other: by cursors, or by their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Protocol

from attrs import frozen

Query = Mapping[str, str]


class PageStyle(Protocol):
    """How an operation gives its list page by page."""

    @property
    def size(self) -> str:
        """The query parameter that says how many results a page is to hold."""
        ...

    @property
    def largest(self) -> int:
        """How many it may ask for."""
        ...

    @property
    def position(self) -> str:
        """The query parameter that says which page it is."""
        ...

    def next(self, query: Query, response: object) -> tuple[bool, str | None]:
        """Whether another page follows the response to a query, and the position of that."""
        ...


@frozen(kw_only=True)
class CursorPages:
    """A response names the cursor behind which the next page begins."""

    size: str
    largest: int
    position: str
    more: str
    """Where a response says whether there is a next page."""
    cursor: str
    """Where it has the cursor of its last result."""

    def next(self, query: Query, response: object) -> tuple[bool, str | None]:  # noqa: ARG002 - others need the query
        return bool(attrgetter(self.more)(response)), attrgetter(self.cursor)(response)


@frozen(kw_only=True)
class NumberedPages:
    """Pages are counted from 1."""

    size: str
    largest: int
    position: str
    more: str
    """Where a response says whether there is a next page."""

    def next(self, query: Query, response: object) -> tuple[bool, str | None]:
        return bool(attrgetter(self.more)(response)), str(int(query.get(self.position, "1")) + 1)
