from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class RuleExecutionTriggerType(OpenEnum):
    """What triggered a rule: somebody in the dashboard (`MANUAL`), this API (`SEQUENCE_API`), its schedule, funds
    that arrived, or Sequence's older API (`REMOTE_API`)."""

    MANUAL = "MANUAL"
    SEQUENCE_API = "SEQUENCE_API"
    SCHEDULED = "SCHEDULED"
    ON_FUNDS_TRANSFERRED = "ON_FUNDS_TRANSFERRED"
    REMOTE_API = "REMOTE_API"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
