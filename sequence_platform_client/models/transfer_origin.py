from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class TransferOrigin(OpenEnum):
    """Where a transfer originates. Into Sequence: `DIRECT_DEPOSIT` (sent from outside, such as wages),
    `CHECK_DEPOSIT`, `CASHBACK` and `USER_PULL` (fetched by a user from a connected account). Out of it or
    inside: `RULE` and `USER`. Out of it: `EXTERNAL_PULL` (taken from outside, such as a withdrawal or a cleared
    check)."""

    DIRECT_DEPOSIT = "DIRECT_DEPOSIT"
    CHECK_DEPOSIT = "CHECK_DEPOSIT"
    CASHBACK = "CASHBACK"
    USER_PULL = "USER_PULL"
    RULE = "RULE"
    USER = "USER"
    EXTERNAL_PULL = "EXTERNAL_PULL"
    UNKNOWN = "UNKNOWN"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
