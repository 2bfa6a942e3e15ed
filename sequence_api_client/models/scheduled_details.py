from __future__ import annotations

from datetime import datetime

from attrs import frozen

from .trigger_details import TriggerDetails


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class ScheduledDetails(TriggerDetails, values=("scheduled",)):
    """It was time."""

    type: RuleExecutionTriggerType
    """What made a rule run."""
    scheduled_time: datetime | None = None
    """The time that was set, UTC."""


from .rule_execution_trigger_type import RuleExecutionTriggerType  # noqa: E402
