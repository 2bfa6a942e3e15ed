from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class CardType(OpenEnum):
    """Whether a card is virtual or physical."""

    VIRTUAL = "virtual"
    PHYSICAL = "physical"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
