from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from .rule_action import RuleAction


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class PercentageAction(RuleAction, values=("PERCENTAGE",)):
    """Moves a part of what came in, or of what the source holds."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "percentage_value": "percentageValue",
        "percentage_target": "percentageTarget",
    }

    percentage_value: float
    """The part, in percent."""
    percentage_target: PercentageTarget
    """What a percentage is of: of what came in (`INCOMING_AMOUNT`), or of what the source holds when the action is
    done (`SOURCE_ACCOUNT`)."""


from .percentage_target import PercentageTarget  # noqa: E402
