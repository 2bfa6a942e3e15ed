from __future__ import annotations

from sequence_runtime.models import OpenEnum


class RuleExecutionTriggerType(OpenEnum):
    """What made a rule run."""

    MANUAL = "manual"
    SCHEDULED = "scheduled"
    ON_FUNDS_TRANSFERRED = "on_funds_transferred"
