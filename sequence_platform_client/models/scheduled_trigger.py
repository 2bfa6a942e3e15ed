from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from sequence_runtime.models import Timestamp

from .rule_trigger import RuleTrigger


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class ScheduledTrigger(RuleTrigger, values=("SCHEDULED",)):
    """The rule runs at set times."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "schedule_type": "scheduleType",
        "start_date": "startDate",
    }

    schedule_type: ScheduleType
    """How often a rule runs. `ONE_TIME` is at the start date, `BI_WEEKLY` on the 1st and 15th of each month, and
    `EVERY_OTHER_WEEK` in weeks of an even number (ISO 8601)."""
    start_date: Timestamp | None = None
    """When it begins, UTC. (Inferred: that it may be null.)"""


from .schedule_type import ScheduleType  # noqa: E402
