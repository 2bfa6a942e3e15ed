from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class TransferList:
    """One page of transfers, in a response."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "request_id": "requestId",
    }

    data: TransferPage
    """One page of transfers, ordered by `createdAt`, the newest first."""
    request_id: str
    """The identifier of a request, which is no UUID."""


from .transfer_page import TransferPage  # noqa: E402
