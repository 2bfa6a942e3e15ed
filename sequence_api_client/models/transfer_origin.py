from __future__ import annotations

from sequence_runtime.models import OpenEnum


class TransferOrigin(OpenEnum):
    """What caused a transfer."""

    PAYCHECK = "paycheck"
    CHECK_DEPOSIT = "check_deposit"
    CASHBACK = "cashback"
    USER_PULL = "user_pull"
    RULE = "rule"
    USER = "user"
    EXTERNAL_PULL = "external_pull"
