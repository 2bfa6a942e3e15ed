from __future__ import annotations

from attrs import frozen

from .rule_action import RuleAction


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class FixedAction(RuleAction, values=("FIXED",)):
    """Moves a fixed amount. (Inferred.)

    Inferred from the vendor's later API, with members named as v1 names its own."""

    amount_in_cents: int | None = None
    """The amount in cents."""
