from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class ExternalTransaction:
    """A transaction on an account that Sequence does not manage. With whom it was is not known."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "account_id": "accountId",
        "amount_in_cents": "amountInCents",
        "transaction_date": "transactionDate",
    }

    id: str
    """The ID of an external transaction, a UUID."""
    account_id: str
    """The ID of the account that it is of."""
    amount_in_cents: int
    """The amount in cents, above zero."""
    direction: MoneyDirection
    """Whether money comes into the account or goes out of it."""
    status: ExternalTransactionStatus
    """Whether a transaction has settled (`COMPLETE`) or not yet (`PENDING`)."""
    description: str
    """What the institution calls it."""
    transaction_date: Timestamp
    """When it happened."""


from .external_transaction_status import ExternalTransactionStatus  # noqa: E402
from .money_direction import MoneyDirection  # noqa: E402
