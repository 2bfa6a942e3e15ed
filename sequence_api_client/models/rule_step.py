from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Open, OpenObject


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class RuleStep(OpenObject):
    """Conditions, and what is done where they hold."""

    conditions: Open[ConditionTree] | None = None
    """When the actions are done; null for always."""
    actions: list[Open[RuleAction]] | None = None
    """What is done, one after the other."""


from .condition_tree import ConditionTree  # noqa: E402
from .rule_action import RuleAction  # noqa: E402
