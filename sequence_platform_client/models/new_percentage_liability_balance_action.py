from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from .new_rule_action import NewRuleAction


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class NewPercentageLiabilityBalanceAction(NewRuleAction, values=("PERCENTAGE_LIABILITY_BALANCE",)):
    """Moves a part of the balance of the destination, which is a liability."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "group_index": "groupIndex",
        "up_to_enabled": "upToEnabled",
        "is_direct_deposit": "isDirectDeposit",
        "ach_description": "achDescription",
        "percentage_value": "percentageValue",
    }

    source: NewRuleAccount
    """The account that the money leaves."""
    destination: NewRuleAccount
    """The account that the money goes to."""
    group_index: int
    """The actions of a step with the same number are done together, and share the limit."""
    type: str = "PERCENTAGE_LIABILITY_BALANCE"
    """How the amount is found. Always `PERCENTAGE_LIABILITY_BALANCE`."""
    percentage_value: float
    """The part, in percent."""
    up_to_enabled: bool | None = None
    """Whether less is moved where the source holds less; otherwise the transfer fails."""
    is_direct_deposit: bool | None = None
    """Whether it is sent as a direct deposit, such as wages."""
    limit: TransferCap | None = None
    """How much it may move; null for any amount."""
    ach_description: str | None = None
    """What the recipient's statement calls the payment."""


from .new_rule_account import NewRuleAccount  # noqa: E402
from .transfer_cap import TransferCap  # noqa: E402
