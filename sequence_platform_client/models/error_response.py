from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class ErrorResponse:
    """The body of a response that is an error."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "request_id": "requestId",
    }

    error: ErrorDetail
    """What went wrong."""
    request_id: str | None = None
    """(Inferred.)"""


from .error_detail import ErrorDetail  # noqa: E402
