from __future__ import annotations

from datetime import date

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class AccountBalance:
    """What an account holds, or what is owed on it. Amounts in cents."""

    balance_in_cents: int | None = None
    """The balance in cents."""
    available_balance_in_cents: int | None = None
    """The part of it that can be spent, in cents."""
    last_statement_balance_in_cents: int | None = None
    """The balance on the last statement, in cents."""
    next_payment_minimum_in_cents: int | None = None
    """The least that the next payment must be, in cents."""
    next_payment_due_date: date | None = None
    """The day on which the next payment is due."""
    balance_last_updated_at: Timestamp | None = None
    """When the balance was last read, UTC."""
