from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from .new_rule_action import NewRuleAction


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class NewPercentageAction(NewRuleAction, values=("PERCENTAGE",)):
    """Moves a part of what came in, or of what the source holds."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "group_index": "groupIndex",
        "up_to_enabled": "upToEnabled",
        "is_direct_deposit": "isDirectDeposit",
        "ach_description": "achDescription",
        "percentage_value": "percentageValue",
        "percentage_target": "percentageTarget",
    }

    source: NewRuleAccount
    """The account that the money leaves."""
    destination: NewRuleAccount
    """The account that the money goes to."""
    group_index: int
    """The actions of a step with the same number are done together, and share the limit."""
    type: str = "PERCENTAGE"
    """How the amount is found. Always `PERCENTAGE`."""
    percentage_value: float
    """The part, in percent."""
    percentage_target: PercentageTarget
    """What a percentage is of: of what came in (`INCOMING_AMOUNT`), or of what the source holds when the action is
    done (`SOURCE_ACCOUNT`)."""
    up_to_enabled: bool | None = None
    """Whether less is moved where the source holds less; otherwise the transfer fails."""
    is_direct_deposit: bool | None = None
    """Whether it is sent as a direct deposit, such as wages."""
    limit: TransferCap | None = None
    """How much it may move; null for any amount."""
    ach_description: str | None = None
    """What the recipient's statement calls the payment."""


from .new_rule_account import NewRuleAccount  # noqa: E402
from .percentage_target import PercentageTarget  # noqa: E402
from .transfer_cap import TransferCap  # noqa: E402
