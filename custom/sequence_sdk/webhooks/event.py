"""The event that a webhook brings, and how to get what it is about."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING, TypeAlias

from attrs import field, frozen

from sequence_platform_client import models

from ..clock import SYSTEM_CLOCK, Clock
from ..connection import UNKNOWN_FOR
from ..errors import ConfigurationError, NotFoundError
from ..polling.waiting import poll_wait

if TYPE_CHECKING:
    from ..platform.client import PlatformClient


Fetched: TypeAlias = "models.Transfer | models.CardTransaction | models.ExternalTransaction"
"""What an event can be about."""

_GETS: Mapping[tuple[str, str], Callable[[PlatformClient], Callable[[str], Awaitable[Fetched]]]] = {
    ("transfer.changed", "transfer"): attrgetter("transfers.get"),
    ("card_transaction.changed", "card_transaction"): attrgetter("card_transactions.get"),
    ("external_transaction.changed", "external_transaction"): attrgetter("external_transactions.get"),
}
"""What of a client gives what an event is about, by its type and that of the resource."""


@frozen(kw_only=True)
class WebhookEvent:
    """Word that something has changed, without what it is like now: `verify` makes it, `fetch` gets that.

    It can be pickled, compared and put into a set.
    """

    id: str
    """The event's ID, a UUID: the same whenever the event is sent again. Keep it under a UNIQUE key."""
    type: models.WebhookEventType
    """What happened. One that this version does not list is a member all the same, and equals its string."""
    resource: models.WebhookResource
    """What it happened to: `resource.type`, open like `type`, and `resource.id`, a UUID."""
    created_at: datetime
    """When the event was created, with a time zone."""
    raw: Mapping[str, object] = field(eq=False, repr=False)
    """The whole event as in its JSON, with members that this version does not know."""

    async def fetch(self, client: PlatformClient, *, clock: Clock = SYSTEM_CLOCK) -> Fetched:
        """What the event is about, as it is now: a transfer, a card transaction or an external transaction.

            transfer = await event.fetch(client)

        An ID that is not found is taken for one of something just created, and is asked for again for 10 seconds.

        Args:
            client: A client of the platform API, whose key may read it.
            clock: What tells the time and waits; a test gives one of its own.

        Raises:
            ConfigurationError: This version of the SDK does not know the type of the event; nothing was sent.
            NotFoundError: It was not found for 10 seconds: it does not exist, or the key may not see it.
            APIError: It could not be fetched.
        """
        get = _GETS.get((self.type, self.resource.type))
        if get is None:
            raise ConfigurationError(f"to fetch what {self.type.value!r} is about takes a newer version of the SDK")
        end, polls = clock.monotonic() + UNKNOWN_FOR, 0
        while True:
            try:
                return await get(client)(self.resource.id)
            except NotFoundError:
                polls, left = polls + 1, end - clock.monotonic()
                if left <= 0:
                    raise
            await clock.sleep(min(poll_wait(polls), left))
