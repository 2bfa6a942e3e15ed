from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class RuleExecutionTriggerType(OpenEnum):
    """What triggered a rule."""

    MANUAL = "manual"
    SCHEDULED = "scheduled"
    ON_FUNDS_TRANSFERRED = "on_funds_transferred"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
