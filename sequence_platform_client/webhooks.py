"""What the Sequence Platform API sends by itself."""

from __future__ import annotations

from typing import Any

from sequence_runtime import Webhook

from .models.webhook_event import WebhookEvent

WEBHOOKS: dict[str, Webhook[Any]] = {
    "transfer.changed": Webhook(name="transfer.changed", doc="A transfer has changed", body=WebhookEvent),
    "card_transaction.changed": Webhook(
        name="card_transaction.changed", doc="A card transaction has changed", body=WebhookEvent
    ),
    "external_transaction.changed": Webhook(
        name="external_transaction.changed", doc="An external transaction has changed", body=WebhookEvent
    ),
}
"""By the name of the event."""
