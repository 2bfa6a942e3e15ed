from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class Card:
    """A debit card that spends from a pod."""

    id: str
    """The card's ID, `card_…`."""
    type: CardType
    """Whether a card exists in plastic."""
    status: CardStatus
    """Whether a card can be used, and if not, why."""
    last_four: str
    """The last four digits of its number."""
    account_id: str
    """The pod that it spends from, `acc_…`."""
    created_at: Timestamp
    """When it was created, UTC."""
    holder_name: str | None = None
    """Whose name is on it."""
    expiration_date: str | None = None
    """The month until which it is valid, `MM/YY`."""


from .card_status import CardStatus  # noqa: E402
from .card_type import CardType  # noqa: E402
