from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class Pagination:
    """Where a page stands in its list."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "page_size": "pageSize",
        "has_next_page": "hasNextPage",
    }

    page: int
    """Which page it is, counted from 1."""
    page_size: int
    """How many results a page of this list holds at most."""
    has_next_page: bool | None = None
    """Whether there are more results after this page. The API did not say so at first: where it is absent, a full
    page may be followed by another. (Inferred: “where it is absent”.)"""
