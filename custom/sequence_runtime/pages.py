"""How the pages of a list follow each other: by cursors, or by their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from operator import attrgetter
from typing import Protocol, TypeAlias

from attrs import frozen

QueryValue: TypeAlias = str | tuple[str, ...]

Query: TypeAlias = Mapping[str, QueryValue]


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
        """Whether another page follows the response to a query, and the position of that.

        Raises:
            ValueError: The response does not say so.
        """
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
        return _more(response, self.more), attrgetter(self.cursor)(response)


@frozen(kw_only=True)
class NumberedPages:
    """Pages are counted from 1."""

    size: str
    largest: int
    position: str
    more: str
    """Where a response says whether there is a next page."""

    def next(self, query: Query, response: object) -> tuple[bool, str | None]:
        return _more(response, self.more), str(int(str(query.get(self.position, "1"))) + 1)


def _more(response: object, path: str) -> bool:
    found: bool | None = None
    with suppress(AttributeError):  # what holds it may be missing
        found = attrgetter(path)(response)
    if found is None:
        raise ValueError(f"does not say whether another one follows: it has no {path}")
    return found
