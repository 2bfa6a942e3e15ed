from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from .rule_action import RuleAction


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class TopUpAction(RuleAction, values=("TOP_UP",)):
    """Moves as much as the destination lacks to hold a certain amount, which one of the four members says that are
    not null."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "amount_in_cents": "amountInCents",
        "next_payment_minimum_account": "nextPaymentMinimumAccount",
        "current_balance_account": "currentBalanceAccount",
        "last_statement_balance_account": "lastStatementBalanceAccount",
    }

    amount_in_cents: int | None
    """The amount in cents."""
    next_payment_minimum_account: RuleAccount | None
    """The liability whose next payment's minimum is the amount."""
    current_balance_account: RuleAccount | None
    """The account whose balance is the amount."""
    last_statement_balance_account: RuleAccount | None
    """The liability whose last statement's balance is the amount."""


from .rule_account import RuleAccount  # noqa: E402
