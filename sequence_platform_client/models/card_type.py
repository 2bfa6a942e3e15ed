from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class CardType(OpenEnum):
    """Whether a card belongs to one pod (`DEBIT_CARD`) or is paid from changing ones (`OMNI_CARD`)."""

    DEBIT_CARD = "DEBIT_CARD"
    OMNI_CARD = "OMNI_CARD"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
