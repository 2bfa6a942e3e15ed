from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class ErrorResponse:
    """The body of a response that is an error."""

    error: ErrorDetail
    """What went wrong."""


from .error_detail import ErrorDetail  # noqa: E402
