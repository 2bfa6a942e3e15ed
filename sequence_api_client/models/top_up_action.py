from __future__ import annotations

from attrs import frozen

from .rule_action import RuleAction


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class TopUpAction(RuleAction, values=("TOP_UP",)):
    """Moves as much as the destination lacks to hold a certain amount. (Inferred.)

    Inferred from the vendor's later API, with members named as v1 names its own."""

    amount_in_cents: int | None = None
    """The balance to reach, in cents."""
