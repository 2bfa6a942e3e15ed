from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class CardTransactionDirection(OpenEnum):
    """`debit` for a purchase, `credit` for a refund."""

    DEBIT = "debit"
    CREDIT = "credit"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
