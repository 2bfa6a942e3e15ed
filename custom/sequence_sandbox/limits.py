"""Decides whether a key may ask again, and whether a write is a repeat. Both on the sandbox's own clock."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from attrs import define

from .refusals import Refused

REMEMBERED_FOR = timedelta(hours=24)


@define
class Bucket:
    """Tokens that a key has left."""

    tokens: float
    filled: datetime


class RateLimit:
    """A bucket for each key, that holds so many requests and is refilled evenly within a minute."""

    def __init__(self, per_minute: int | None) -> None:
        self.per_minute = per_minute
        self._buckets: dict[str, Bucket] = {}

    def reset(self) -> None:
        """Let every bucket be full."""
        self._buckets.clear()

    def take(self, key: str, now: datetime) -> None:
        """Take a token of a key's bucket.

        Raises:
            Refused: 429 with `Retry-After`, where there is none left.
        """
        if self.per_minute is None:
            return
        bucket = self._buckets.setdefault(key, Bucket(self.per_minute, now))
        rate = self.per_minute / 60
        bucket.tokens = min(self.per_minute, bucket.tokens + (now - bucket.filled).total_seconds() * rate)
        bucket.filled = now
        if bucket.tokens < 1:
            raise too_many_requests(math.ceil((1 - bucket.tokens) / rate))
        bucket.tokens -= 1


def too_many_requests(retry_after: int) -> Refused:
    return Refused(429, "RATE_LIMIT_EXCEEDED", "Too many requests.", {"Retry-After": str(retry_after)})


@define
class Remembered:
    """A write that was asked for with an idempotency key: what for, until when it counts, and what its response was."""

    request: bytes
    until: datetime
    response: tuple[int, bytes] | None = None
    """Status and body; None while it is still in flight."""


class Idempotency:
    """The writes of the last 24 hours, by API key, operation and idempotency key."""

    def __init__(self) -> None:
        self._writes: dict[tuple[str, str, str], Remembered] = {}

    def begin(self, key: str, operation: str, idempotency_key: str, request: bytes, now: datetime) -> Remembered:
        """The write that a key stands for: one whose response is there already, or a new one that is now in flight.

        Raises:
            Refused: 400 where the key was used for another request, 409 where the first one is still in flight.
        """
        self._forget(now)
        known = self._writes.get((key, operation, idempotency_key))
        if known is None:
            known = self._writes[key, operation, idempotency_key] = Remembered(request, now + REMEMBERED_FOR)
            return known
        if known.request != request:
            raise Refused(400, "IDEMPOTENCY_KEY_MISMATCH", "This idempotency key was used for another request.")
        if known.response is None:
            kind = "TRANSFER" if operation.endswith("createTransfer") else "RULE_EXECUTION"
            raise Refused(409, f"{kind}_IN_PROGRESS", "A request with this idempotency key is still in progress.")
        return known

    def abandon(self, write: Remembered) -> None:
        """Forget a write that came to nothing, so that it can be tried again."""
        self._writes = {name: known for name, known in self._writes.items() if known is not write}

    def _forget(self, now: datetime) -> None:
        while self._writes:
            oldest = next(iter(self._writes))
            if self._writes[oldest].until > now:
                return
            del self._writes[oldest]
