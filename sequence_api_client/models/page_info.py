from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class PageInfo:
    """Where a page stands in its list."""

    has_next_page: bool
    """Whether there are more results after this page."""
    end_cursor: str | None = None
    """The cursor of the page's last result; `after` takes it to get the next page."""
