from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from .trigger_details import TriggerDetails


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class FundsTransferredDetails(TriggerDetails, values=("ON_FUNDS_TRANSFERRED",)):
    """Funds arrived in an account."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "amount_in_cents": "amountInCents",
    }

    amount_in_cents: int | None
    """The amount that arrived, in cents."""
