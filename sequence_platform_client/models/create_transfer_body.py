from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class CreateTransferBody:
    """What to move, and between which accounts."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "source_account_id": "sourceAccountId",
        "destination_account_id": "destinationAccountId",
        "amount_in_cents": "amountInCents",
    }

    source_account_id: str
    """The ID of the account that the money leaves."""
    destination_account_id: str
    """The ID of the account that the money goes to."""
    amount_in_cents: int
    """The amount in cents, a dollar at least. What the greatest amount is, is not documented. (Inferred: its
    limits.)"""
    description: str | None = None
    """What the recipient's statement calls the payment."""
    simulation: bool | None = None
    """Whether no money is moved; money is, where this is not given."""
