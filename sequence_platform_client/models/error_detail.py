from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class ErrorDetail:
    """What went wrong."""

    code: str
    """What kind of error it is, such as `ACCESS_DENIED`."""
    message: str
    """What is wrong."""
