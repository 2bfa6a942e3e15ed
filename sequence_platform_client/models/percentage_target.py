from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class PercentageTarget(OpenEnum):
    """What a percentage is of: of what came in (`INCOMING_AMOUNT`), or of what the source holds when the action is
    done (`SOURCE_ACCOUNT`)."""

    INCOMING_AMOUNT = "INCOMING_AMOUNT"
    SOURCE_ACCOUNT = "SOURCE_ACCOUNT"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
