from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Open, OpenObject, Timestamp


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class Rule(OpenObject):
    """A rule in full."""

    id: str
    """The rule's ID, `rule_…`."""
    status: RuleStatus
    """Whether a rule runs."""
    trigger: Open[RuleTrigger]
    """What makes a rule run. Of this class itself where its `type` is one that is not known here."""
    steps: list[Open[RuleStep]]
    """The steps; the first one whose conditions hold is run."""
    nickname: str | None = None
    """Its name."""
    description: str | None = None
    """What it does."""
    created_at: Timestamp | None = None
    """When it was created, UTC."""
    updated_at: Timestamp | None = None
    """When it was last changed, UTC."""


from .rule_status import RuleStatus  # noqa: E402
from .rule_step import RuleStep  # noqa: E402
from .rule_trigger import RuleTrigger  # noqa: E402
