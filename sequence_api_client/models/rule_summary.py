from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class RuleSummary:
    """A rule as lists show it, without its steps."""

    id: str
    """The rule's ID, `rule_…`."""
    status: RuleStatus
    """Whether a rule runs."""
    nickname: str | None = None
    """Its name."""
    description: str | None = None
    """What it does."""
    trigger_type: RuleTriggerType | None = None
    """What makes it run."""
    source: AccountReference | None = None
    """The account that it moves money out of."""
    created_at: Timestamp | None = None
    """When it was created, UTC."""
    updated_at: Timestamp | None = None
    """When it was last changed, UTC."""


from .account_reference import AccountReference  # noqa: E402
from .rule_status import RuleStatus  # noqa: E402
from .rule_trigger_type import RuleTriggerType  # noqa: E402
