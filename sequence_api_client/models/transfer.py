from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class Transfer:
    """Money moved from one account to another."""

    id: str
    """The ID of a transfer, `txr_…`."""
    amount_in_cents: int
    """The amount in cents."""
    direction: TransferDirection
    """Whether a transfer brings money in, takes money out, or is internal."""
    origin: TransferOrigin
    """Where a transfer originates."""
    status: TransferStatus
    """How far a transfer has come: `processing` before it is with the payment network and `pending` since;
    `incomplete` where there was not enough money. `complete`, `incomplete`, `error` and `cancelled` are final.
    (Inferred: `incomplete`, `error`, `cancelled`.)"""
    created_at: Timestamp
    """When it was created, UTC."""
    source: AccountReference | None = None
    """The account that the money leaves; null where that is none of the organization's, as for a paycheck.
    (Inferred: that it may be null.)"""
    destination: AccountReference | None = None
    """The account that the money goes to; null where that is none, as for a cash withdrawal. (Inferred: that it
    may be null.)"""
    rule_id: str | None = None
    """The ID of the rule that made it, `rule_…`; null where none did. (Inferred: that it may be null.)"""
    rule_execution_id: str | None = None
    """The ID of the rule execution that made it, `rex_…`; null where none did. (Inferred: that it may be null.)"""
    error_code: str | None = None
    """Why it failed; null otherwise. Codes of the vendor's later API are `INSUFFICIENT_FUNDS`,
    `DISCONNECTED_ACCOUNT`, `NAME_MISMATCH`, `PAYMENT_FAILED`, `PAYMENT_NOT_SUPPORTED`,
    `TRANSFER_AMOUNT_LESS_THAN_ONE_DOLLAR`, `DAILY_ACH_CREDIT_LIMIT_REACHED`, `DAILY_ACH_DEBIT_LIMIT_REACHED`,
    `MONTHLY_ACH_CREDIT_LIMIT_REACHED`, `MONTHLY_ACH_DEBIT_LIMIT_REACHED`, `NULL_BALANCE`,
    `ACCOUNT_NO_MINIMUM_PAYMENT_AMOUNT`, `ACCOUNT_NO_LAST_STATEMENT_BALANCE` and `RESOURCE_DELETED`; more may
    come. (Inferred: its type, “codes”.)"""
    completed_at: Timestamp | None = None
    """When it was completed, UTC; null until then. (Inferred: that it may be null.)"""


from .account_reference import AccountReference  # noqa: E402
from .transfer_direction import TransferDirection  # noqa: E402
from .transfer_origin import TransferOrigin  # noqa: E402
from .transfer_status import TransferStatus  # noqa: E402
