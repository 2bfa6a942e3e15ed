from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class RuleExecutionSummary:
    """A rule execution in short."""

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


from .rule_execution_status import RuleExecutionStatus  # noqa: E402
from .rule_execution_trigger_type import RuleExecutionTriggerType  # noqa: E402
