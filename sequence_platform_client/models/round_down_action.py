from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from .rule_action import RuleAction


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class RoundDownAction(RuleAction, values=("ROUND_DOWN",)):
    """Moves what the source holds above the greatest multiple of an amount. The vendor's guides read as if it were
    all that it holds above the amount itself. (Inferred: “the vendor's guides”.)"""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "amount_in_cents": "amountInCents",
    }

    amount_in_cents: int
    """The amount in cents."""
