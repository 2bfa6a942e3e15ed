from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class MoneyDirection(OpenEnum):
    """Whether money comes into the account or goes out of it."""

    MONEY_IN = "MONEY_IN"
    MONEY_OUT = "MONEY_OUT"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
