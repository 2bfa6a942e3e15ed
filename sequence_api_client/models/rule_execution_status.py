from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class RuleExecutionStatus(OpenEnum):
    """The status of a rule execution; any other than `in_progress` is final. (Inferred: “final”.)"""

    IN_PROGRESS = "in_progress"
    EXECUTED = "executed"
    PARTIAL = "partial"
    FAILED = "failed"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
