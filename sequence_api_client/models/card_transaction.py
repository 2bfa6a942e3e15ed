from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class CardTransaction:
    """A purchase or a refund."""

    id: str
    """The ID of a card transaction, `ctxr_…`."""
    amount_in_cents: int
    """The amount in cents; `direction` tells a purchase from a refund."""
    direction: CardTransactionDirection
    """`debit` for a purchase, `credit` for a refund."""
    card_id: str
    """The ID of a card, `card_…`."""
    account_id: str
    """The ID of the account that the card is linked to, `acc_…`."""
    created_at: Timestamp
    """When it was created, UTC."""
    merchant_name: str | None = None
    """The name of the merchant. (Inferred: that it may be null.)"""


from .card_transaction_direction import CardTransactionDirection  # noqa: E402
