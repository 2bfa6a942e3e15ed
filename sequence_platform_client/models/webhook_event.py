from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class WebhookEvent:
    """Word that something has changed, without what it is like now."""

    id: str
    """The ID of a webhook's event, a UUID."""
    type: WebhookEventType
    """What happened."""
    resource: WebhookResource
    """What an event is about."""
    created_at: Timestamp
    """When the event was created, UTC."""


from .webhook_event_type import WebhookEventType  # noqa: E402
from .webhook_resource import WebhookResource  # noqa: E402
