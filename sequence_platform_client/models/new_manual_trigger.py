from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from .new_rule_trigger import NewRuleTrigger


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class NewManualTrigger(NewRuleTrigger, values=("MANUAL",)):
    """The rule is to run when it is triggered."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "account_id": "accountId",
    }

    type: str = "MANUAL"
    """Which kind of trigger it is. Always `MANUAL`."""
    account_id: str
    """The ID of the account that money is moved out of."""
