from __future__ import annotations

from attrs import frozen

from .rule_action import RuleAction


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class PercentageAction(RuleAction, values=("PERCENTAGE",)):
    """Moves a part of the amount that triggered the rule, or of the source's balance."""

    type: str | None = None
    """How the amount is found."""
    source: AccountReference | None = None
    """Where the money comes from."""
    destination: AccountReference | None = None
    """Where the money goes."""
    percentage: float | None = None
    """The part, 0 to 100."""


from .account_reference import AccountReference  # noqa: E402
