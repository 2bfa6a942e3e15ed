from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class TransferOrigin(OpenEnum):
    """Where a transfer originates."""

    PAYCHECK = "paycheck"
    CHECK_DEPOSIT = "check_deposit"
    CASHBACK = "cashback"
    USER_PULL = "user_pull"
    RULE = "rule"
    USER = "user"
    EXTERNAL_PULL = "external_pull"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
