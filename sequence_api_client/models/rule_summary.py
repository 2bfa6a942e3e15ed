from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class RuleSummary:
    """A rule as lists show it, without its steps."""

    id: str
    """The ID of a rule, `rule_…`."""
    status: RuleStatus
    """Whether a rule is enabled or disabled."""
    nickname: str | None = None
    """Its name. (Inferred: that it may be null.)"""
    description: str | None = None
    """Its description. (Inferred: that it may be null.)"""
    trigger_type: RuleTriggerType | None = None
    """What makes it run. (Inferred: that it may be null.)"""
    source: AccountReference | None = None
    """Its source account. (Inferred: that it may be null.)"""
    created_at: Timestamp | None = None
    """When it was created, UTC. (Inferred.)"""
    updated_at: Timestamp | None = None
    """When it was last updated, UTC. (Inferred.)"""


from .account_reference import AccountReference  # noqa: E402
from .rule_status import RuleStatus  # noqa: E402
from .rule_trigger_type import RuleTriggerType  # noqa: E402
