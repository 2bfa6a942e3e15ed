from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class RuleExecutionSummary:
    """A rule execution in short."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "rule_id": "ruleId",
        "execution_mode": "executionMode",
        "created_at": "createdAt",
    }

    id: str
    """The ID of a rule execution, a UUID."""
    rule_id: str
    """The ID of a rule, a UUID."""
    status: RuleExecutionStatus
    """The status of a rule execution. `EXECUTED`: all transfers are done, or there were none to make. `PARTIAL`:
    some of them failed. `IN_PROGRESS`: it runs, will be tried again, or has transfers that are in flight.
    `FAILED`: it failed, or all transfers did."""
    created_at: Timestamp
    """When it was created, UTC."""
    execution_mode: ExecutionMode | None = None
    """Whether money was moved. Where it is absent, it was. (Inferred: “where it is absent”.)"""


from .execution_mode import ExecutionMode  # noqa: E402
from .rule_execution_status import RuleExecutionStatus  # noqa: E402
