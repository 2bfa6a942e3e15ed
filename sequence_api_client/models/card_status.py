from __future__ import annotations

from sequence_runtime.models import OpenEnum


class CardStatus(OpenEnum):
    """Whether a card can be used, and if not, why."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    FROZEN = "frozen"
    STOLEN = "stolen"
    LOST = "lost"
