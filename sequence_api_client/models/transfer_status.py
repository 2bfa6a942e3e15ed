from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class TransferStatus(OpenEnum):
    """How far a transfer has come: `processing` before it is with the payment network and `pending` since;
    `incomplete` where there was not enough money. `complete`, `incomplete`, `error` and `cancelled` are final.
    (Inferred: `incomplete`, `error`, `cancelled`.)"""

    PENDING_APPROVAL = "pending_approval"
    PROCESSING = "processing"
    PENDING = "pending"
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"
    ERROR = "error"
    CANCELLED = "cancelled"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
