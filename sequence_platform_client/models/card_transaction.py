from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class CardTransaction:
    """A settled purchase, refund or payout of a card that Sequence issued."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "card_id": "cardId",
        "card_type": "cardType",
        "amount_in_cents": "amountInCents",
        "created_at": "createdAt",
        "completed_at": "completedAt",
    }

    id: str
    """The ID of a card transaction, a UUID."""
    card_id: str
    """The ID of a card, a UUID."""
    card_type: CardType
    """Whether a card belongs to one pod (`DEBIT_CARD`) or is paid from changing ones (`OMNI_CARD`)."""
    account: TransferParty
    """The pod that paid, or that was paid."""
    direction: MoneyDirection
    """Whether money comes into the account or goes out of it."""
    subtype: CardTransactionSubtype
    """What was done with a card. A `PAYOUT` is money that was sent to it."""
    status: str
    """The status of a card transaction. It is `COMPLETE`, which is the only one today; more may come."""
    amount_in_cents: int
    """The amount in cents, above zero."""
    description: str
    """Mostly the name of the merchant; it may be empty."""
    created_at: Timestamp
    """When it was recorded, UTC."""
    completed_at: Timestamp
    """When it settled, UTC."""


from .card_transaction_subtype import CardTransactionSubtype  # noqa: E402
from .card_type import CardType  # noqa: E402
from .money_direction import MoneyDirection  # noqa: E402
from .transfer_party import TransferParty  # noqa: E402
