from __future__ import annotations

from sequence_runtime.models import OpenEnum


class CardTransactionDirection(OpenEnum):
    """`debit` for a purchase, `credit` for a refund."""

    DEBIT = "debit"
    CREDIT = "credit"
