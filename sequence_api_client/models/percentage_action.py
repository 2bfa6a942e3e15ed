from __future__ import annotations

from attrs import frozen

from .rule_action import RuleAction


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class PercentageAction(RuleAction, values=("PERCENTAGE",)):
    """Moves a part of the amount that triggered the rule, or of the source's balance. (Inferred.)

    Inferred from the vendor's later API, with members named as v1 names its own."""

    percentage: float | None = None
    """The part, 0 to 100."""
