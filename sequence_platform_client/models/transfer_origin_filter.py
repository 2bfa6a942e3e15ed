from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class TransferOriginFilter(OpenEnum):
    """The origins that transfers can be filtered by, which are all but `UNKNOWN`."""

    DIRECT_DEPOSIT = "DIRECT_DEPOSIT"
    CHECK_DEPOSIT = "CHECK_DEPOSIT"
    CASHBACK = "CASHBACK"
    USER_PULL = "USER_PULL"
    RULE = "RULE"
    USER = "USER"
    EXTERNAL_PULL = "EXTERNAL_PULL"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
