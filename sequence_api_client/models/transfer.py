from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class Transfer:
    """Money moved from one account to another."""

    id: str
    """The transfer's ID, `txr_…`."""
    amount_in_cents: int
    """The amount in cents."""
    direction: TransferDirection
    """Whether money enters, leaves or stays within the organization."""
    origin: TransferOrigin
    """What caused a transfer."""
    status: TransferStatus
    """How far a transfer has come. `complete`, `incomplete` (not enough money), `error` and `cancelled` are
    final; the page is cut off after `pending`, and those four come from the vendor's later API."""
    created_at: Timestamp
    """When it was created, UTC."""
    source: AccountReference | None = None
    """Where the money came from; null where that is no account of the organization, as for a paycheck."""
    destination: AccountReference | None = None
    """Where the money went; null where that is no account, as for a cash withdrawal."""
    rule_id: str | None = None
    """The rule that made it, `rule_…`; null if none did."""
    rule_execution_id: str | None = None
    """The run of the rule that made it, `rex_…`."""
    error_code: str | None = None
    """Why it failed, such as `INSUFFICIENT_FUNDS`; null otherwise."""
    completed_at: Timestamp | None = None
    """When it was completed, UTC; null until then."""


from .account_reference import AccountReference  # noqa: E402
from .transfer_direction import TransferDirection  # noqa: E402
from .transfer_origin import TransferOrigin  # noqa: E402
from .transfer_status import TransferStatus  # noqa: E402
