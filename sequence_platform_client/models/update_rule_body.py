from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Open


@frozen(kw_only=True)
class UpdateRuleBody:
    """What to change of a rule."""

    name: str | None = None
    """Its name; null takes it away."""
    trigger: Open[NewRuleTrigger] | None = None
    """What is to make a rule run."""
    steps: list[NewRuleStep] | None = None
    """Its steps, which take the place of all that it had."""


from .new_rule_step import NewRuleStep  # noqa: E402
from .new_rule_trigger import NewRuleTrigger  # noqa: E402
