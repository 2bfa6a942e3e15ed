from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Open


@frozen(kw_only=True)
class CreateRuleBody:
    """What rule to create."""

    trigger: Open[NewRuleTrigger]
    """What is to make a rule run."""
    steps: list[NewRuleStep]
    """Its steps. Only the first one whose conditions hold is run."""
    name: str | None = None
    """Its name."""


from .new_rule_step import NewRuleStep  # noqa: E402
from .new_rule_trigger import NewRuleTrigger  # noqa: E402
