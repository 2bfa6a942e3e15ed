from __future__ import annotations

from ..types import OpenEnum


class RuleExecutionTriggerType(OpenEnum):
    """What made a rule run."""

    MANUAL = "manual"
    SCHEDULED = "scheduled"
    ON_FUNDS_TRANSFERRED = "on_funds_transferred"
