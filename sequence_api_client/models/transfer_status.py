from __future__ import annotations

from sequence_runtime.models import OpenEnum


class TransferStatus(OpenEnum):
    """How far a transfer has come. `complete`, `incomplete` (not enough money), `error` and `cancelled` are
    final; the page is cut off after `pending`, and those four come from the vendor's later API.

    Inferred from the page shows pending_approval, processing and pending, and the getTransfer page complete; the
    others are the vendor's later API's.
    """

    PENDING_APPROVAL = "pending_approval"
    PROCESSING = "processing"
    PENDING = "pending"
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    ERROR = "error"
    CANCELLED = "cancelled"
