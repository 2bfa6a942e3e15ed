from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class ConditionFact(OpenEnum):
    """What a condition is about: `TRANSFER_AMOUNT` (the amount in cents that the run began with, if any),
    `BALANCE` (what an account has available, in cents) or `DATE` (the day of the month, 1 to 31)."""

    TRANSFER_AMOUNT = "TRANSFER_AMOUNT"
    BALANCE = "BALANCE"
    DATE = "DATE"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
