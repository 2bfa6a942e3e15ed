from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from .rule_action import RuleAction


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class FixedAction(RuleAction, values=("FIXED",)):
    """Moves a fixed amount."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "amount_in_cents": "amountInCents",
    }

    amount_in_cents: int
    """The amount in cents."""
