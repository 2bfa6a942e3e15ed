from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class Transfer:
    """Money moved from one account to another, or that is to be."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "amount_in_cents": "amountInCents",
        "execution_mode": "executionMode",
        "rule_id": "ruleId",
        "rule_execution_id": "ruleExecutionId",
        "error_code": "errorCode",
        "created_at": "createdAt",
        "completed_at": "completedAt",
    }

    id: str
    """The ID of a transfer, a UUID."""
    amount_in_cents: int
    """The amount in cents, above zero."""
    direction: TransferDirection
    """Whether a transfer brings money into Sequence, takes money out, or is between its accounts."""
    origin: TransferOrigin
    """Where a transfer originates. Into Sequence: `DIRECT_DEPOSIT` (sent from outside, such as wages),
    `CHECK_DEPOSIT`, `CASHBACK` and `USER_PULL` (fetched by a user from a connected account). Out of it or
    inside: `RULE` and `USER`. Out of it: `EXTERNAL_PULL` (taken from outside, such as a withdrawal or a cleared
    check)."""
    source: TransferParty | None
    """Where the money comes from; null for deposits and cashback."""
    destination: TransferParty | None
    """Where the money goes; null for what was taken from outside."""
    status: TransferStatus
    """How far a transfer has come: `PENDING_APPROVAL` until it is approved, `PROCESSING` before it is with the
    payment network and `PENDING` since, `COMPLETE` once it has settled. `INCOMPLETE` where there was not enough
    money, `ERROR` where it failed, `CANCELLED` where it was cancelled before it settled."""
    rule_id: str | None
    """The ID of the rule that made it; null where none did."""
    rule_execution_id: str | None
    """The ID of the rule execution that made it; null where none did."""
    error_code: str | None
    """Why it is `INCOMPLETE` or has the status `ERROR`; null otherwise. Codes are `INSUFFICIENT_FUNDS`,
    `DISCONNECTED_ACCOUNT`, `NAME_MISMATCH`, `PAYMENT_FAILED`, `PAYMENT_NOT_SUPPORTED`,
    `TRANSFER_AMOUNT_LESS_THAN_ONE_DOLLAR`, `DAILY_ACH_CREDIT_LIMIT_REACHED`, `DAILY_ACH_DEBIT_LIMIT_REACHED`,
    `MONTHLY_ACH_CREDIT_LIMIT_REACHED`, `MONTHLY_ACH_DEBIT_LIMIT_REACHED`, `NULL_BALANCE` (what the source held
    was not known), `ACCOUNT_NO_MINIMUM_PAYMENT_AMOUNT`, `ACCOUNT_NO_LAST_STATEMENT_BALANCE` and
    `RESOURCE_DELETED`; more may come."""
    created_at: Timestamp
    """When it was created, UTC."""
    completed_at: Timestamp | None
    """When it was completed, UTC; null until then."""
    execution_mode: ExecutionMode | None = None
    """Whether money was moved. Where it is absent, it was. (Inferred: “where it is absent”.)"""
    description: str | None = None
    """A memo; null where there is none."""
    addenda: str | None = None
    """What else came with the payment; null where nothing did."""


from .execution_mode import ExecutionMode  # noqa: E402
from .transfer_direction import TransferDirection  # noqa: E402
from .transfer_origin import TransferOrigin  # noqa: E402
from .transfer_party import TransferParty  # noqa: E402
from .transfer_status import TransferStatus  # noqa: E402
