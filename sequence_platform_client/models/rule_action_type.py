from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class RuleActionType(OpenEnum):
    """How the amount of an action is found."""

    FIXED = "FIXED"
    PERCENTAGE = "PERCENTAGE"
    TOP_UP = "TOP_UP"
    ROUND_DOWN = "ROUND_DOWN"
    NEXT_PAYMENT_MINIMUM = "NEXT_PAYMENT_MINIMUM"
    TOTAL_AMOUNT_DUE = "TOTAL_AMOUNT_DUE"
    LAST_STATEMENT_BALANCE = "LAST_STATEMENT_BALANCE"
    PERCENTAGE_LIABILITY_BALANCE = "PERCENTAGE_LIABILITY_BALANCE"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
