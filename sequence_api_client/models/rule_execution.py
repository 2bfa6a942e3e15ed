from __future__ import annotations

from typing import Any

from attrs import frozen

from sequence_runtime.models import Open, OpenObject, Timestamp


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class RuleExecution(OpenObject):
    """A run of a rule, how it ended and the transfers that it made."""

    id: str
    """The rule execution's ID, `rex_…`."""
    rule_id: str
    """The rule, `rule_…`."""
    status: RuleExecutionStatus
    """How a run ended; `in_progress` until it has."""
    created_at: Timestamp
    """When it began, UTC."""
    rule_name: str | None = None
    """The rule's name."""
    trigger_type: RuleExecutionTriggerType | None = None
    """What made the rule run."""
    trigger_details: Open[TriggerDetails] | None = None
    """What made the rule run, in detail."""
    step_index_matched: int | None = None
    """The step that was run, counted from 0; null if no step's conditions held."""
    conditions_not_met: Any = None
    """Whether, or which, conditions did not hold. The page does not show its type."""
    transfers_attempted: int | None = None
    """How many transfers were begun."""
    transfers_completed: int | None = None
    """How many of them are complete."""
    transfers_failed: int | None = None
    """How many of them failed."""
    transfers_pending: int | None = None
    """How many of them are in flight."""
    transfer_ids: list[str] | None = None
    """The transfers that were made, `txr_…`."""
    error_message: str | None = None
    """Why it failed."""
    next_attempt_at: Timestamp | None = None
    """When it will be tried again, UTC."""


from .rule_execution_status import RuleExecutionStatus  # noqa: E402
from .rule_execution_trigger_type import RuleExecutionTriggerType  # noqa: E402
from .trigger_details import TriggerDetails  # noqa: E402
