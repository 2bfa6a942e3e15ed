from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class WebhookResourceType(OpenEnum):
    """What it happened to."""

    TRANSFER = "transfer"
    CARD_TRANSACTION = "card_transaction"
    EXTERNAL_TRANSACTION = "external_transaction"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
