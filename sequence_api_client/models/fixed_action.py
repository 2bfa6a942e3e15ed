from __future__ import annotations

from attrs import frozen

from .rule_action import RuleAction


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class FixedAction(RuleAction, values=("FIXED",)):
    """Moves a fixed amount."""

    type: str | None = None
    """How the amount is found."""
    source: AccountReference | None = None
    """Where the money comes from."""
    destination: AccountReference | None = None
    """Where the money goes."""
    amount_in_cents: int | None = None
    """The amount in cents."""


from .account_reference import AccountReference  # noqa: E402
