from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class CardTransactionResponse:
    """One card transaction, in a response."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "request_id": "requestId",
    }

    data: CardTransaction
    """A settled purchase, refund or payout of a card that Sequence issued."""
    request_id: str
    """The identifier of a request, which is no UUID."""


from .card_transaction import CardTransaction  # noqa: E402
