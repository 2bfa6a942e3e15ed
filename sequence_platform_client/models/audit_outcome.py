from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class AuditOutcome(OpenEnum):
    """Whether a call succeeded."""

    SUCCESS = "SUCCESS"
    FAILURE = "FAILURE"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
