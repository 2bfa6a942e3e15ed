"""Webhooks: what changed is said to every registered address, signed, until it says that it has heard.

Events are sent from a thread of their own, so that no response waits for them. Their times are the sandbox's: a retry
is sent when its clock says so.
"""

from __future__ import annotations

import hashlib
import hmac
import itertools
import json
import secrets
import threading
from datetime import datetime, timedelta

import httpx
from attrs import define, field, frozen

from ..clock import Clock, iso
from .identifiers import to_uuid

TIMEOUT = 10.0
"""Seconds that an address has to respond."""
FIRST_RETRY = timedelta(minutes=1)
"""How long after the first attempt the second one is; each one after that comes after twice the time."""
GIVEN_UP_AFTER = timedelta(hours=24)


@frozen
class Endpoint:
    """An address that is told of all changes."""

    url: str
    secret: str = field(repr=False)


@frozen
class Attempt:
    """An attempt to deliver an event."""

    at: datetime
    status: int | None
    """What was responded; None where nothing was."""


@define(kw_only=True, eq=False)
class Delivery:
    """An event on its way to one endpoint."""

    event_id: str
    type: str
    """Such as `transfer.changed`."""
    resource_id: str
    """The UUID of what changed."""
    created: datetime
    endpoint: Endpoint
    body: bytes
    attempts: list[Attempt] = field(factory=list[Attempt])
    next_attempt: datetime | None
    """When it is sent (again); None where it was delivered, or given up."""

    @property
    def is_delivered(self) -> bool:
        return bool(self.attempts) and is_heard(self.attempts[-1].status)


LOOKS_EVERY = 1.0
"""Seconds after which it is looked at a clock that runs, whose speed can be another one meanwhile."""


def is_heard(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


def next_attempt(created: datetime, attempts: list[Attempt]) -> datetime | None:
    """When an event is sent again after attempts of which the last one failed; None where it is given up."""
    due = attempts[-1].at + FIRST_RETRY * 2 ** (len(attempts) - 1)
    return due if due <= created + GIVEN_UP_AFTER else None


def sign(secret: str, at: datetime, body: bytes) -> str:
    """The header `X-Sequence-Signature`."""
    seconds = int(at.timestamp())
    digest = hmac.new(secret.encode(), b"%d.%b" % (seconds, body), hashlib.sha256).hexdigest()
    return f"t={seconds},v1={digest}"


class Webhooks:
    """The endpoints of an organization, and what was and is to be sent to them.

    endpoint = sandbox.webhooks.register("http://127.0.0.1:8000/hook")
    ...
    sandbox.webhooks.wait()
    assert sandbox.webhooks.deliveries[0].is_delivered
    """

    def __init__(self, clock: Clock) -> None:
        self.endpoints: list[Endpoint] = []
        self.deliveries: list[Delivery] = []
        self._clock = clock
        self._changed = threading.Condition()
        self._numbers = itertools.count(1)
        self._waiting: list[Delivery] = []
        self._thread: threading.Thread | None = None

    def register(self, url: str, secret: str | None = None) -> Endpoint:
        """Have every change from now on said to a URL.

        Args:
            url: Where events are posted to.
            secret: What they are signed with; without it a new one.

        Raises:
            ValueError: The URL is not one of `http://` or `https://`.
        """
        if not url.startswith(("http://", "https://")):
            raise ValueError(f"a webhook's URL begins with http:// or https://, unlike {url!r}")
        endpoint = Endpoint(url, secret or f"whsec_{secrets.token_hex(24)}")
        self.endpoints.append(endpoint)
        return endpoint

    def reset(self) -> None:
        """Forget where events go, and those that were or are to be sent."""
        with self._changed:
            self.endpoints.clear()
            self.deliveries.clear()
            self._waiting.clear()
            self._changed.notify_all()

    def send(self, kind: str, resource_id: str, at: datetime) -> None:
        """Say to all endpoints that something changed. Gives back at once."""
        if not self.endpoints:
            return
        event_id = to_uuid(f"evt_01HSBX{next(self._numbers):07}")
        event = {
            "id": event_id,
            "type": f"{kind}.changed",
            "resource": {"type": kind, "id": resource_id},
            "created_at": iso(at),
        }
        with self._changed:
            for endpoint in self.endpoints:
                delivery = Delivery(
                    event_id=event_id,
                    type=f"{kind}.changed",
                    resource_id=resource_id,
                    created=at,
                    endpoint=endpoint,
                    body=json.dumps(event).encode(),
                    next_attempt=at,
                )
                self.deliveries.append(delivery)
                self._waiting.append(delivery)
        self.wake()

    def wake(self) -> None:
        """See to what is due, since the clock was set or something was added."""
        with self._changed:
            self._changed.notify_all()
            if self._thread is None and self._next() is not None:
                self._thread = threading.Thread(target=self._run, name="sequence_sandbox webhooks", daemon=True)
                self._thread.start()

    def wait(self, timeout: float = 30.0) -> None:
        """Wait until nothing is due any more by the sandbox's clock; what is to be sent again later is not.

        Args:
            timeout: Seconds to wait at most.

        Raises:
            TimeoutError: Something was still on its way.
        """
        with self._changed:
            if not self._changed.wait_for(lambda: self._due() is None, timeout):
                raise TimeoutError(f"events were still on their way after {timeout} seconds")

    def _next(self) -> Delivery | None:
        """What is to be sent next."""
        return min(self._waiting, key=lambda one: one.next_attempt or one.created, default=None)

    def _due(self) -> Delivery | None:
        found = self._next()
        return found if found and found.next_attempt and found.next_attempt <= self._clock.now() else None

    def _run(self) -> None:
        with httpx.Client(timeout=TIMEOUT, trust_env=False) as http:
            while (delivery := self._take()) is not None:
                self._attempt(http, delivery)

    def _take(self) -> Delivery | None:
        """What is due, waited for; None where nothing will be before the clock is set or something is added."""
        with self._changed:
            while True:
                found = self._due()
                if found is not None:
                    return found
                waiting = self._next()
                if waiting is None or waiting.next_attempt is None or not self._clock.is_running:
                    self._thread = None
                    return None
                self._changed.wait(min(self._clock.seconds_until(waiting.next_attempt), LOOKS_EVERY))

    def _attempt(self, http: httpx.Client, delivery: Delivery) -> None:
        now = self._clock.now()
        headers = {
            "Content-Type": "application/json",
            "X-Sequence-Event-Id": delivery.event_id,
            "X-Sequence-Signature": sign(delivery.endpoint.secret, now, delivery.body),
        }
        try:
            status = http.post(delivery.endpoint.url, content=delivery.body, headers=headers).status_code
        except Exception:  # whatever is wrong with one address, others are told
            status = None
        with self._changed:
            delivery.attempts.append(Attempt(now, status))
            delivery.next_attempt = None if is_heard(status) else next_attempt(delivery.created, delivery.attempts)
            if delivery.next_attempt is None and delivery in self._waiting:  # unless there was a reset meanwhile
                self._waiting.remove(delivery)
            self._changed.notify_all()
