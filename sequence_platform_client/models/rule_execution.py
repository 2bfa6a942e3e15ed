from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from sequence_runtime.models import Open, Timestamp


@frozen(kw_only=True)
class RuleExecution:
    """A rule execution in full, with what triggered it, its outcome and the IDs of its transfers."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "rule_id": "ruleId",
        "execution_mode": "executionMode",
        "created_at": "createdAt",
        "trigger_details": "triggerDetails",
        "step_index_matched": "stepIndexMatched",
        "conditions_not_met": "conditionsNotMet",
        "transfers_attempted": "transfersAttempted",
        "transfers_completed": "transfersCompleted",
        "transfers_failed": "transfersFailed",
        "transfers_pending": "transfersPending",
        "transfer_ids": "transferIds",
        "error_message": "errorMessage",
        "next_attempt_at": "nextAttemptAt",
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
    trigger_details: Open[TriggerDetails]
    """What triggered a rule, in detail."""
    step_index_matched: int | None
    """The step that was run, counted from 0; null where no step's conditions held."""
    conditions_not_met: bool
    """Whether it ran and no step's conditions held."""
    transfers_attempted: int
    """How many transfers there were to make. Those that came to nothing, as there was nothing left to move, are
    among them, and not among the completed, failed and pending ones."""
    transfers_completed: int
    """How many of them are complete."""
    transfers_failed: int
    """How many of them failed."""
    transfers_pending: int
    """How many of them are in flight."""
    transfer_ids: list[str]
    """The IDs of the transfers that were made."""
    error_message: str | None
    """Why it failed, for people to read."""
    next_attempt_at: Timestamp | None
    """When it will be tried again, UTC; null where it will not, or where only transfers are in flight."""
    execution_mode: ExecutionMode | None = None
    """Whether money was moved. Where it is absent, it was. (Inferred: “where it is absent”.)"""


from .execution_mode import ExecutionMode  # noqa: E402
from .rule_execution_status import RuleExecutionStatus  # noqa: E402
from .trigger_details import TriggerDetails  # noqa: E402
