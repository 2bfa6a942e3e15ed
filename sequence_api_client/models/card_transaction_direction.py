from __future__ import annotations

from ..types import OpenEnum


class CardTransactionDirection(OpenEnum):
    """`debit` for a purchase, `credit` for a refund."""

    DEBIT = "debit"
    CREDIT = "credit"
