from __future__ import annotations

from sequence_runtime.models import OpenEnum


class RuleExecutionStatus(OpenEnum):
    """How a run ended; `in_progress` until it has."""

    IN_PROGRESS = "in_progress"
    EXECUTED = "executed"
    PARTIAL = "partial"
    FAILED = "failed"
