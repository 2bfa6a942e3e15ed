from __future__ import annotations

from attrs import frozen

from .rule_action import RuleAction


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class RoundDownAction(RuleAction, values=("ROUND_DOWN",)):
    """Moves as much as the source holds above a certain amount."""

    type: str | None = None
    """How the amount is found."""
    source: AccountReference | None = None
    """Where the money comes from."""
    destination: AccountReference | None = None
    """Where the money goes."""
    amount_in_cents: int | None = None
    """The balance to leave, in cents."""


from .account_reference import AccountReference  # noqa: E402
