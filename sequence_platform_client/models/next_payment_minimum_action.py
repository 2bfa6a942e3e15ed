from __future__ import annotations

from attrs import frozen

from .rule_action import RuleAction


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class NextPaymentMinimumAction(RuleAction, values=("NEXT_PAYMENT_MINIMUM",)):
    """Moves the least that the destination's next payment must be. The destination is a liability."""
