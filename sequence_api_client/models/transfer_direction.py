from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class TransferDirection(OpenEnum):
    """Whether a transfer brings money in, takes money out, or is internal."""

    MONEY_IN = "money_in"
    MONEY_OUT = "money_out"
    INTERNAL = "internal"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
