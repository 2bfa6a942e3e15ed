from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from sequence_runtime.models import Day, Timestamp


@frozen(kw_only=True)
class Balance:
    """The balance of an account as it was when it was last read. Amounts in cents."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "balance_in_cents": "balanceInCents",
        "available_balance_in_cents": "availableBalanceInCents",
        "last_statement_balance_in_cents": "lastStatementBalanceInCents",
        "last_statement_date": "lastStatementDate",
        "next_payment_minimum_in_cents": "nextPaymentMinimumInCents",
        "next_payment_due_date": "nextPaymentDueDate",
        "balance_last_updated_at": "balanceLastUpdatedAt",
        "interest_rate_percentage": "interestRatePercentage",
        "original_loan_amount_in_cents": "originalLoanAmountInCents",
    }

    balance_in_cents: int | None
    """What the account holds; of a liability what is owed, above zero where there is a debt. It is null where
    `error` is not."""
    available_balance_in_cents: int | None
    """What can be spent, which is something else while payments are pending."""
    last_statement_balance_in_cents: int | None
    """The balance of a liability's last statement."""
    next_payment_minimum_in_cents: int | None
    """The least that a liability's next payment must be."""
    next_payment_due_date: Day | None
    """When a liability's next payment is due."""
    balance_last_updated_at: Timestamp | None
    """When the balance was read, UTC."""
    error: str | None
    """Why the balance could not be read; null where it was. Which codes there are is not documented."""
    last_statement_date: Day | None = None
    """The date of a liability's last statement."""
    interest_rate_percentage: float | None = None
    """The interest rate of a liability, in percent."""
    original_loan_amount_in_cents: int | None = None
    """How much a loan was at first."""
