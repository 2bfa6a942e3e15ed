from __future__ import annotations

from attrs import frozen

from .rule_action import RuleAction


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class RoundDownAction(RuleAction, values=("ROUND_DOWN",)):
    """Moves what the source holds above an amount: the amount itself, or the greatest multiple of it. The sources
    of the vendor's later API disagree about that. (Inferred.)

    Inferred from the vendor's later API, with members named as v1 names its own."""

    amount_in_cents: int | None = None
    """The amount in cents."""
