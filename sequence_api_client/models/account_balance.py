from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Day, Timestamp


@frozen(kw_only=True)
class AccountBalance:
    """The balance of an account. Amounts in cents."""

    balance_in_cents: int | None = None
    """The balance in cents. (Inferred: that it may be null.)"""
    available_balance_in_cents: int | None = None
    """The available balance in cents; null where there is none."""
    last_statement_balance_in_cents: int | None = None
    """The balance of the last statement, in cents. (Inferred: that it may be null.)"""
    next_payment_minimum_in_cents: int | None = None
    """The minimum of the next payment, in cents. (Inferred: that it may be null.)"""
    next_payment_due_date: Day | None = None
    """The day on which the next payment is due. (Inferred: that it may be null.)"""
    balance_last_updated_at: Timestamp | None = None
    """When the balance was last updated, UTC. (Inferred: that it may be null.)"""
