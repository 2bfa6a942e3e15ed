from __future__ import annotations

from attrs import frozen

from .rule_trigger import RuleTrigger


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class FundsTransferredTrigger(RuleTrigger, values=("ON_FUNDS_TRANSFERRED",)):
    """The rule runs when money arrives in an account."""

    type: RuleTriggerType | None = None
    """Which kind of trigger it is."""
    account_id: str | None = None
    """The account that is watched, `acc_…`."""


from .rule_trigger_type import RuleTriggerType  # noqa: E402
