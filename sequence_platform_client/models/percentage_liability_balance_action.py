from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from .rule_action import RuleAction


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class PercentageLiabilityBalanceAction(RuleAction, values=("PERCENTAGE_LIABILITY_BALANCE",)):
    """Moves a part of the balance of the destination, which is a liability."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "percentage_value": "percentageValue",
    }

    percentage_value: float
    """The part, in percent."""
