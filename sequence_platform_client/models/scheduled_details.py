from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from sequence_runtime.models import Timestamp

from .trigger_details import TriggerDetails


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class ScheduledDetails(TriggerDetails, values=("SCHEDULED",)):
    """It was the scheduled time."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "scheduled_time": "scheduledTime",
    }

    scheduled_time: Timestamp | None
    """The scheduled time, UTC."""
