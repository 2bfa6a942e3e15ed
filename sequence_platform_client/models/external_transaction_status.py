from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class ExternalTransactionStatus(OpenEnum):
    """Whether a transaction has settled (`COMPLETE`) or not yet (`PENDING`)."""

    PENDING = "PENDING"
    COMPLETE = "COMPLETE"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
