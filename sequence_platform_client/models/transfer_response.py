from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class TransferResponse:
    """One transfer, in a response."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "request_id": "requestId",
    }

    data: Transfer
    """Money moved from one account to another, or that is to be."""
    request_id: str
    """The identifier of a request, which is no UUID."""


from .transfer import Transfer  # noqa: E402
