from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class WebhookResource:
    """What an event is about."""

    type: WebhookResourceType
    """What it happened to."""
    id: str
    """The ID of a transfer, a card transaction or an external transaction, a UUID."""


from .webhook_resource_type import WebhookResourceType  # noqa: E402
