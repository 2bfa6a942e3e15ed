from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class CardTransactionSubtype(OpenEnum):
    """What was done with a card. A `PAYOUT` is money that was sent to it."""

    PURCHASE = "PURCHASE"
    REFUND = "REFUND"
    PAYOUT = "PAYOUT"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
