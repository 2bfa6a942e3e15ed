from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from .new_rule_trigger import NewRuleTrigger


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class NewFundsTransferredTrigger(NewRuleTrigger, values=("ON_FUNDS_TRANSFERRED",)):
    """The rule is to run when funds arrive in an account."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "account_id": "accountId",
    }

    type: str = "ON_FUNDS_TRANSFERRED"
    """Which kind of trigger it is. Always `ON_FUNDS_TRANSFERRED`."""
    account_id: str
    """The ID of the account that the funds arrive in."""
