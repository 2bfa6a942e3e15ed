from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class ErrorDetail:
    """What went wrong."""

    code: str
    """A word for programs, such as `forbidden` or `resource_not_found`."""
    message: str
    """A sentence for people."""
