from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Open


@frozen(kw_only=True)
class NewRuleStep:
    """Conditions, and the actions for where they hold."""

    actions: list[Open[NewRuleAction]]
    """What is done."""
    conditions: Open[ConditionTree] | None = None
    """When the actions are done; null for always."""


from .condition_tree import ConditionTree  # noqa: E402
from .new_rule_action import NewRuleAction  # noqa: E402
