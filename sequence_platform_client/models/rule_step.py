from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Open, OpenObject


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class RuleStep(OpenObject):
    """Conditions, and the actions for where they hold."""

    conditions: Open[ConditionTree] | None
    """When the actions are done; null for always."""
    actions: list[Open[RuleAction]]
    """What is done."""


from .condition_tree import ConditionTree  # noqa: E402
from .rule_action import RuleAction  # noqa: E402
