from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class TriggerRuleBody:
    """How a rule is triggered."""

    manual_execute_amount: int | None = None
    """The amount in cents to use instead of the rule's own; for rules whose trigger type is `MANUAL`. (Inferred:
    its limits.)"""
