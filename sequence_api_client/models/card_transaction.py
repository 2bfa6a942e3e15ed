from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class CardTransaction:
    """A purchase or a refund."""

    id: str
    """The transaction's ID, `ctxr_…`."""
    amount_in_cents: int
    """The amount in cents, never negative."""
    direction: CardTransactionDirection
    """`debit` for a purchase, `credit` for a refund."""
    card_id: str
    """The card, `card_…`."""
    account_id: str
    """The pod that the card spends from, `acc_…`."""
    created_at: Timestamp
    """When it was made, UTC."""
    merchant_name: str | None = None
    """Where the card was used."""


from .card_transaction_direction import CardTransactionDirection  # noqa: E402
