from __future__ import annotations

from attrs import frozen

from .rule_trigger import RuleTrigger


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class ScheduledTrigger(RuleTrigger, values=("SCHEDULED",)):
    """The rule runs at set times. In which members those are written, no page shows. (Inferred.)

    Inferred from the trigger types of rule executions."""
