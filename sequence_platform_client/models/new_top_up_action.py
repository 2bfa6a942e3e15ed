from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from .new_rule_action import NewRuleAction


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class NewTopUpAction(NewRuleAction, values=("TOP_UP",)):
    """Moves as much as the destination lacks to hold a certain amount. One of the four members says which; the
    other three must be null."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "group_index": "groupIndex",
        "up_to_enabled": "upToEnabled",
        "is_direct_deposit": "isDirectDeposit",
        "ach_description": "achDescription",
        "amount_in_cents": "amountInCents",
        "next_payment_minimum_account": "nextPaymentMinimumAccount",
        "current_balance_account": "currentBalanceAccount",
        "last_statement_balance_account": "lastStatementBalanceAccount",
    }

    source: NewRuleAccount
    """The account that the money leaves."""
    destination: NewRuleAccount
    """The account that the money goes to."""
    group_index: int
    """The actions of a step with the same number are done together, and share the limit."""
    type: str = "TOP_UP"
    """How the amount is found. Always `TOP_UP`."""
    amount_in_cents: int | None
    """The amount in cents."""
    next_payment_minimum_account: NewRuleAccount | None
    """The liability whose next payment's minimum is the amount."""
    current_balance_account: NewRuleAccount | None
    """The account whose balance is the amount."""
    last_statement_balance_account: NewRuleAccount | None
    """The liability whose last statement's balance is the amount."""
    up_to_enabled: bool | None = None
    """Whether less is moved where the source holds less; otherwise the transfer fails."""
    is_direct_deposit: bool | None = None
    """Whether it is sent as a direct deposit, such as wages."""
    limit: TransferCap | None = None
    """How much it may move; null for any amount."""
    ach_description: str | None = None
    """What the recipient's statement calls the payment."""


from .new_rule_account import NewRuleAccount  # noqa: E402
from .transfer_cap import TransferCap  # noqa: E402
