from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class TransferStatus(OpenEnum):
    """How far a transfer has come: `PENDING_APPROVAL` until it is approved, `PROCESSING` before it is with the
    payment network and `PENDING` since, `COMPLETE` once it has settled. `INCOMPLETE` where there was not enough
    money, `ERROR` where it failed, `CANCELLED` where it was cancelled before it settled."""

    PENDING_APPROVAL = "PENDING_APPROVAL"
    PROCESSING = "PROCESSING"
    PENDING = "PENDING"
    COMPLETE = "COMPLETE"
    INCOMPLETE = "INCOMPLETE"
    ERROR = "ERROR"
    CANCELLED = "CANCELLED"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
