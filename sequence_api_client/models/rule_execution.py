from __future__ import annotations

from typing import Any

from attrs import frozen

from sequence_runtime.models import Open, OpenObject, Timestamp


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class RuleExecution(OpenObject):
    """A rule execution in full, with what triggered it, its outcome and the IDs of its transfers."""

    id: str
    """The ID of a rule execution, `rex_…`."""
    rule_id: str
    """The ID of a rule, `rule_…`."""
    status: RuleExecutionStatus
    """The status of a rule execution; any other than `in_progress` is final. (Inferred: “final”.)"""
    created_at: Timestamp
    """When it was created, UTC."""
    rule_name: str | None = None
    """The rule's name. (Inferred: that it may be null.)"""
    trigger_type: RuleExecutionTriggerType | None = None
    """What triggered the rule. (Inferred: that it may be null.)"""
    trigger_details: Open[TriggerDetails] | None = None
    """What triggered the rule, in detail. (Inferred: that it may be null.)"""
    step_index_matched: int | None = None
    """The step that was run, counted from 0; null where no step's conditions held. (Inferred.)"""
    conditions_not_met: Any = None
    """Whether, or which, conditions did not hold. Its type is not known. (Inferred.)"""
    transfers_attempted: int | None = None
    """How many transfers were begun. (Inferred.)"""
    transfers_completed: int | None = None
    """How many of them are complete. (Inferred.)"""
    transfers_failed: int | None = None
    """How many of them failed. (Inferred.)"""
    transfers_pending: int | None = None
    """How many of them are in flight. (Inferred.)"""
    transfer_ids: list[str] | None = None
    """The IDs of the transfers that were made, `txr_…`. (Inferred.)"""
    error_message: str | None = None
    """Why it failed. (Inferred.)"""
    next_attempt_at: Timestamp | None = None
    """When it will be tried again, UTC. (Inferred.)"""


from .rule_execution_status import RuleExecutionStatus  # noqa: E402
from .rule_execution_trigger_type import RuleExecutionTriggerType  # noqa: E402
from .trigger_details import TriggerDetails  # noqa: E402
