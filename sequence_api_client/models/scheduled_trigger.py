from __future__ import annotations

from attrs import frozen

from .rule_trigger import RuleTrigger


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class ScheduledTrigger(RuleTrigger, values=("SCHEDULED",)):
    """The rule runs at set times. How those are written is not documented; `raw` has it.

    Inferred from the trigger types of rule executions.
    """

    type: RuleTriggerType | None = None
    """Which kind of trigger it is."""
    account_id: str | None = None
    """The account that money is moved out of, `acc_…`."""


from .rule_trigger_type import RuleTriggerType  # noqa: E402
