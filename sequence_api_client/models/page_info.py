from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class PageInfo:
    """Where a page stands in its list."""

    has_next_page: bool
    """Whether there are more results after this page."""
    end_cursor: str | None = None
    """The cursor of the page's end; given as `after`, it leads to the next page. (Inferred: that it may be null.)"""
