from __future__ import annotations

from attrs import frozen

from .rule_action import RuleAction


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class TotalAmountDueAction(RuleAction, values=("TOTAL_AMOUNT_DUE",)):
    """Moves all that is due on the destination, which is a liability."""
