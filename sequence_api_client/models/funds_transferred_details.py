from __future__ import annotations

from attrs import frozen

from .trigger_details import TriggerDetails


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class FundsTransferredDetails(TriggerDetails, values=("on_funds_transferred",)):
    """Funds were transferred to an account."""

    amount_in_cents: int | None = None
    """The amount that was transferred, in cents. (Inferred: that it may be null.)"""
