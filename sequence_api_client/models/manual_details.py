from __future__ import annotations

from attrs import frozen

from .trigger_details import TriggerDetails


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class ManualDetails(TriggerDetails, values=("manual",)):
    """The rule was triggered by hand or through the API. (Inferred.)

    Inferred from the amount that triggerRule takes."""

    amount_in_cents: int | None = None
    """The amount that was asked for, in cents."""
