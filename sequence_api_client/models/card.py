from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class Card:
    """A debit card, linked to a pod."""

    id: str
    """The ID of a card, `card_…`."""
    type: CardType
    """Whether a card is virtual or physical."""
    status: CardStatus
    """The status of a card."""
    last_four: str
    """The last four digits of its number."""
    account_id: str
    """The ID of the account that it is linked to, a pod, `acc_…`."""
    created_at: Timestamp
    """When it was created, UTC."""
    holder_name: str | None = None
    """The name of its holder. (Inferred: that it may be null.)"""
    expiration_date: str | None = None
    """The month in which it expires, `MM/YY`. (Inferred: that it may be null.)"""


from .card_status import CardStatus  # noqa: E402
from .card_type import CardType  # noqa: E402
