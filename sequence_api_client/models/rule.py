from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Open, OpenObject, Timestamp


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class Rule(OpenObject):
    """A rule in full."""

    id: str
    """The ID of a rule, `rule_…`."""
    status: RuleStatus
    """Whether a rule is enabled or disabled."""
    trigger: Open[RuleTrigger]
    """What makes a rule run."""
    steps: list[Open[RuleStep]]
    """Its steps. Only the first one whose conditions hold is run. (Inferred: “only the first one is run”.)"""
    nickname: str | None = None
    """Its name. (Inferred: that it may be null.)"""
    description: str | None = None
    """Its description. (Inferred: that it may be null.)"""
    created_at: Timestamp | None = None
    """When it was created, UTC. (Inferred.)"""
    updated_at: Timestamp | None = None
    """When it was last updated, UTC. (Inferred.)"""


from .rule_status import RuleStatus  # noqa: E402
from .rule_step import RuleStep  # noqa: E402
from .rule_trigger import RuleTrigger  # noqa: E402
