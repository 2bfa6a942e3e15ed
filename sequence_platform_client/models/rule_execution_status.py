from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class RuleExecutionStatus(OpenEnum):
    """The status of a rule execution. `EXECUTED`: all transfers are done, or there were none to make. `PARTIAL`:
    some of them failed. `IN_PROGRESS`: it runs, will be tried again, or has transfers that are in flight.
    `FAILED`: it failed, or all transfers did."""

    EXECUTED = "EXECUTED"
    PARTIAL = "PARTIAL"
    IN_PROGRESS = "IN_PROGRESS"
    FAILED = "FAILED"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
