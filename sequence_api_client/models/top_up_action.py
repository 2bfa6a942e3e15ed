from __future__ import annotations

from attrs import frozen

from .rule_action import RuleAction


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class TopUpAction(RuleAction, values=("TOP_UP",)):
    """Moves as much as the destination lacks to hold a certain amount."""

    type: str | None = None
    """How the amount is found."""
    source: AccountReference | None = None
    """Where the money comes from."""
    destination: AccountReference | None = None
    """Where the money goes."""
    amount_in_cents: int | None = None
    """The balance to reach, in cents."""


from .account_reference import AccountReference  # noqa: E402
