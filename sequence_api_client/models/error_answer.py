from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class ErrorAnswer:
    """The body of an answer that is an error."""

    error: ErrorDetail
    """What went wrong."""


from .error_detail import ErrorDetail  # noqa: E402
