from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from sequence_runtime.models import Open, OpenObject, Timestamp


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class Rule(OpenObject):
    """A rule in full."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "created_at": "createdAt",
        "updated_at": "updatedAt",
        "deleted_at": "deletedAt",
    }

    id: str
    """The ID of a rule, a UUID."""
    name: str | None
    """Its name."""
    description: str | None
    """Its description."""
    status: RuleStatus
    """Whether a rule is enabled or disabled. A disabled one can be simulated only."""
    trigger: Open[RuleTrigger]
    """What makes a rule run."""
    steps: list[Open[RuleStep]]
    """Its steps. Only the first one whose conditions hold is run."""
    created_at: Timestamp
    """When it was created, UTC."""
    updated_at: Timestamp
    """When it was last updated, UTC."""
    deleted_at: Timestamp | None
    """When it was deleted, UTC; null where it was not."""


from .rule_status import RuleStatus  # noqa: E402
from .rule_step import RuleStep  # noqa: E402
from .rule_trigger import RuleTrigger  # noqa: E402
