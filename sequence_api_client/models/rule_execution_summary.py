from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class RuleExecutionSummary:
    """A run of a rule as lists show it.

    Inferred from the first members of the execution on the getRuleExecution page.
    """

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


from .rule_execution_status import RuleExecutionStatus  # noqa: E402
from .rule_execution_trigger_type import RuleExecutionTriggerType  # noqa: E402
