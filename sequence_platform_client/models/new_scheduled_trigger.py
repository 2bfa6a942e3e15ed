from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from sequence_runtime.models import Timestamp

from .new_rule_trigger import NewRuleTrigger


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class NewScheduledTrigger(NewRuleTrigger, values=("SCHEDULED",)):
    """The rule is to run at set times."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "schedule_type": "scheduleType",
        "start_date": "startDate",
        "account_id": "accountId",
    }

    type: str = "SCHEDULED"
    """Which kind of trigger it is. Always `SCHEDULED`."""
    schedule_type: ScheduleType
    """How often a rule runs. `ONE_TIME` is at the start date, `BI_WEEKLY` on the 1st and 15th of each month, and
    `EVERY_OTHER_WEEK` in weeks of an even number (ISO 8601)."""
    start_date: Timestamp
    """When it begins, UTC."""
    account_id: str | None
    """The ID of the account that money is moved out of. The vendor's guides ask that it be given, and that it be
    the source of the actions. Where it is null, each condition about a balance must name an account. (Inferred:
    “the vendor's guides”.)"""


from .schedule_type import ScheduleType  # noqa: E402
