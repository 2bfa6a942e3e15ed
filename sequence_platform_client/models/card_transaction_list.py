from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class CardTransactionList:
    """One page of card transactions, in a response."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "request_id": "requestId",
    }

    data: CardTransactionPage
    """One page of card transactions, ordered by `createdAt`, the newest first."""
    request_id: str
    """The identifier of a request, which is no UUID."""


from .card_transaction_page import CardTransactionPage  # noqa: E402
