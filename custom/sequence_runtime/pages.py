"""How the pages of a list follow each other: by cursors, or by their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from operator import attrgetter
from typing import Protocol, TypeAlias

from msgspec import Struct

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

    @property
    def resumes(self) -> bool:
        """Whether a program may go on at a position that it kept."""
        ...

    @property
    def window(self) -> str | None:
        """Where a response says which part of the time that was asked for it covers."""
        ...

    def next(self, query: Query, response: object, items: int) -> tuple[bool, str | None]:
        """Whether another page follows the response to a query, which has so many items, and the position of that.

        Raises:
            ValueError: The response does not say so.
        """
        ...


class CursorPages(Struct, frozen=True, kw_only=True):
    """A response names the cursor behind which the next page begins."""

    size: str
    largest: int
    position: str
    more: str
    """Where a response says whether there is a next page."""
    cursor: str
    """Where it has the cursor of its last result."""

    @property
    def resumes(self) -> bool:
        return True

    @property
    def window(self) -> None:
        return None

    def next(self, query: Query, response: object, items: int) -> tuple[bool, str | None]:  # noqa: ARG002 - for others
        more = found_at(response, self.more)
        if more is None:
            raise ValueError(f"does not say whether another one follows: it has no {self.more}")
        return bool(more), attrgetter(self.cursor)(response)


class NumberedPages(Struct, frozen=True, kw_only=True):
    """Pages are counted from 1."""

    size: str
    largest: int
    position: str
    more: str
    """Where a response says whether there is a next page. If it does not, a full page counts as if it did."""
    length: str | None = None
    """Where it says how many results a page holds."""
    window: str | None = None
    """Where the response of a list says which part of the time that was asked for it covers."""

    @property
    def resumes(self) -> bool:
        return False

    def next(self, query: Query, response: object, items: int) -> tuple[bool, str | None]:
        more = found_at(response, self.more)
        if more is None:
            asked, held = int(str(query.get(self.size, self.largest))), found_at(response, self.length)
            more = items > 0 and items >= min(asked, held if isinstance(held, int) else asked)
        return bool(more), str(int(str(query.get(self.position, "1"))) + 1)


def found_at(response: object, path: str | None) -> object:
    """What a response has at a path; None where something on the way to it is missing."""
    found: object = None
    if path is not None:
        with suppress(AttributeError):
            found = attrgetter(path)(response)
    return found
