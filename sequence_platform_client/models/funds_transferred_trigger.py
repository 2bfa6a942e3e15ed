from __future__ import annotations

from attrs import frozen

from .rule_trigger import RuleTrigger


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class FundsTransferredTrigger(RuleTrigger, values=("ON_FUNDS_TRANSFERRED",)):
    """The rule runs when funds arrive in the account."""
