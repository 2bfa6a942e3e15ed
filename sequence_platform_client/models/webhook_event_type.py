from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class WebhookEventType(OpenEnum):
    """What happened."""

    TRANSFER_CHANGED = "transfer.changed"
    CARD_TRANSACTION_CHANGED = "card_transaction.changed"
    EXTERNAL_TRANSACTION_CHANGED = "external_transaction.changed"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
