from __future__ import annotations

from attrs import frozen

from .rule_trigger import RuleTrigger


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class ManualTrigger(RuleTrigger, values=("MANUAL",)):
    """The rule runs when it is triggered by hand or through the API.

    Inferred from the triggerRule page, which speaks of a trigger type MANUAL.
    """

    type: RuleTriggerType | None = None
    """Which kind of trigger it is."""
    account_id: str | None = None
    """The account that money is moved out of, `acc_…`."""


from .rule_trigger_type import RuleTriggerType  # noqa: E402
