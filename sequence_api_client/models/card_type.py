from __future__ import annotations

from ..types import OpenEnum


class CardType(OpenEnum):
    """Whether a card exists in plastic."""

    VIRTUAL = "virtual"
    PHYSICAL = "physical"
