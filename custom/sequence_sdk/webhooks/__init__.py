"""Receives the events of the platform API: verifies them, and gets what they are about.

from sequence_sdk import webhooks

event = webhooks.verify(await request.body(), request.headers, secret)
resource = await event.fetch(client)
"""

from ..errors import WebhookVerificationError
from .event import WebhookEvent
from .verification import verify

__all__ = ("WebhookEvent", "WebhookVerificationError", "verify")
