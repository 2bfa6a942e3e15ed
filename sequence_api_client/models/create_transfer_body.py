from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class CreateTransferBody:
    """What to move, and between which accounts."""

    source_account_id: str
    """The ID of the account that the money leaves, `acc_…`."""
    destination_account_id: str
    """The ID of the account that the money goes to, `acc_…`."""
    amount_in_cents: int
    """The amount in cents, above zero and up to what JSON numbers hold exactly. The vendor's later API refuses
    less than 100. (Inferred: its name, its type, its limits.)"""
    description: str | None = None
    """A note about the transfer. (Inferred.)"""
