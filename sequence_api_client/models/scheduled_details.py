from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Timestamp

from .trigger_details import TriggerDetails


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class ScheduledDetails(TriggerDetails, values=("scheduled",)):
    """It was the scheduled time."""

    scheduled_time: Timestamp | None = None
    """The scheduled time, UTC. (Inferred: its format, that it may be null.)"""
