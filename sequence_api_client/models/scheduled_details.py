from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Timestamp

from .trigger_details import TriggerDetails


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class ScheduledDetails(TriggerDetails, values=("scheduled",)):
    """It was time."""

    type: RuleExecutionTriggerType | None = None
    """Which kind of trigger it was."""
    scheduled_time: Timestamp | None = None
    """The time that was set, UTC."""


from .rule_execution_trigger_type import RuleExecutionTriggerType  # noqa: E402
