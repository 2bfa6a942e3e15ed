from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class ExternalTransactionList:
    """One page of external transactions, in a response."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "request_id": "requestId",
    }

    data: ExternalTransactionPage
    """One page of external transactions, ordered by `transactionDate`, the newest first."""
    request_id: str
    """The identifier of a request, which is no UUID."""


from .external_transaction_page import ExternalTransactionPage  # noqa: E402
