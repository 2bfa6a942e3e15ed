from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class ScheduleType(OpenEnum):
    """How often a rule runs. `ONE_TIME` is at the start date, `BI_WEEKLY` on the 1st and 15th of each month, and
    `EVERY_OTHER_WEEK` in weeks of an even number (ISO 8601)."""

    ONE_TIME = "ONE_TIME"
    DAILY = "DAILY"
    WEEKLY = "WEEKLY"
    BI_WEEKLY = "BI_WEEKLY"
    MONTHLY = "MONTHLY"
    EVERY_OTHER_WEEK = "EVERY_OTHER_WEEK"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
