from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class CardStatus(OpenEnum):
    """The status of a card."""

    ACTIVE = "active"
    INACTIVE = "inactive"
    FROZEN = "frozen"
    STOLEN = "stolen"
    LOST = "lost"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
