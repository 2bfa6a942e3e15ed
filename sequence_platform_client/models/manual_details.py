from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from .trigger_details import TriggerDetails


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class ManualDetails(TriggerDetails, values=("MANUAL",)):
    """Somebody ran the rule in the dashboard."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "amount_in_cents": "amountInCents",
    }

    amount_in_cents: int | None
    """The amount that was given, in cents; null where none was."""
