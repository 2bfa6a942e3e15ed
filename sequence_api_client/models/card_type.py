from __future__ import annotations

from sequence_runtime.models import OpenEnum


class CardType(OpenEnum):
    """Whether a card exists in plastic."""

    VIRTUAL = "virtual"
    PHYSICAL = "physical"
