"""How the pages of a list follow each other: by cursors, or by their numbers."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from operator import attrgetter
from typing import ClassVar, TypeAlias

from msgspec import Struct

QueryValue: TypeAlias = str | tuple[str, ...]

Query: TypeAlias = Mapping[str, QueryValue]


class PageStyle(Struct, frozen=True, kw_only=True):
    """How an operation gives its list page by page."""

    resumes: ClassVar[bool]
    """Whether a program may go on at a position that it kept."""

    size: str
    """The query parameter that says how many results a page is to hold."""
    largest: int
    """How many it may ask for."""
    position: str
    """The query parameter that says which page it is."""
    more: str
    """Where a response says whether there is a next page."""
    window: str | None = None
    """Where a response says which part of the time that was asked for it covers."""

    def next(self, query: Query, response: object, items: int) -> tuple[bool, str | None]:
        """Whether another page follows the response to a query, which has so many items, and the position of that.

        Raises:
            ValueError: The response does not say so.
        """
        raise NotImplementedError


class CursorPages(PageStyle, frozen=True, kw_only=True):
    """A response names the cursor behind which the next page begins."""

    resumes = True

    cursor: str
    """Where it has the cursor of its last result."""

    def next(self, query: Query, response: object, items: int) -> tuple[bool, str | None]:  # noqa: ARG002 - for others
        more = found_at(response, self.more)
        if more is None:
            raise ValueError(f"does not say whether another one follows: it has no {self.more}")
        return bool(more), attrgetter(self.cursor)(response)


class NumberedPages(PageStyle, frozen=True, kw_only=True):
    """Pages are counted from 1. Where a response does not say whether another follows, a full one counts as yes."""

    resumes = False

    length: str | None = None
    """Where it says how many results a page holds."""

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
