"""Decides whether a call is attempted again, when, and what it came to in the end. Pure functions, without a clock.

Documentation: idempotency keys, https://cartesio.getsequence.io/docs/transfers/createTransfer
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from attrs import define

from .errors import APIConnectionError, APIError, APIStatusError, ConflictError, RateLimiterError

BACKOFF_BASE = 0.5
"""Seconds that the first wait may take; each may take twice as long as the one before."""

BACKOFF_MAX = 8.0
"""Seconds that a wait may take at most, unless the server asks for more."""

RETRY_AFTER_MAX = 60.0
"""Seconds that are waited at most when the server asks for it."""

IN_PROGRESS_REPEATS = 12
"""How often a write is repeated that the server says is still under way: for about half a minute."""

REMEMBERED_FOR = timedelta(hours=24)
"""How long the server remembers an idempotency key."""

_RETRIED_STATUSES = {408, 429, 500, 502, 503, 504}


def idempotency_key_for(identifier: str) -> str:
    """The idempotency key of something that must happen once: the same identifier gives the same key, everywhere.

        await sequence.transfers.create(…, idempotency_key=idempotency_key_for("invoice-2024-17"))

    A process that crashed, and does not know whether it paid, calls this again: within 24 hours, what was done is not
    done again. The server takes the same key with other arguments for a mistake (`BadRequestError`).

    Args:
        identifier: What identifies the payment in your own books, of any length.

    Raises:
        ValueError: It is not a string, or blank.

    Documentation: https://cartesio.getsequence.io/docs/transfers/createTransfer
    """
    if not isinstance(identifier, str) or not identifier.strip():
        raise ValueError(f"identifier is {identifier!r}; give a string that identifies the payment in your books")
    import uuid  # noqa: PLC0415 - programs that only read never need it

    keys = uuid.uuid5(uuid.NAMESPACE_URL, "https://cartesio.getsequence.io/docs/transfers/createTransfer")
    return str(uuid.uuid5(keys, identifier))


def retryable(failure: APIError, *, repeatable: bool) -> bool:
    """Whether a failed attempt may be followed by another.

    Args:
        failure: What it came to.
        repeatable: Whether a repeat does no harm if the attempt was done: a read, or a write with an idempotency key.
    """
    if isinstance(failure, APIConnectionError):
        return repeatable or not failure.sent
    if isinstance(failure, APIStatusError):
        return repeatable and (failure.status_code in _RETRIED_STATUSES or in_progress(failure))
    return False


def in_progress(failure: APIError) -> bool:
    """Whether the server says that it has not finished an earlier request with the same idempotency key."""
    return isinstance(failure, ConflictError) and (failure.code or "").lower().endswith("in_progress")


def retries_left(failures: Sequence[APIError], max_retries: int) -> bool:
    """Whether one more attempt may follow those that failed. A write still under way is asked about more often."""
    waiting = sum(map(in_progress, failures))
    if in_progress(failures[-1]):
        return max_retries > 0 and waiting <= IN_PROGRESS_REPEATS
    return len(failures) - waiting <= max_retries


def delay(failures: Sequence[APIError], now: datetime, fraction: float) -> float:
    """Seconds to wait before the next attempt.

    What the server asks for in `Retry-After`, up to a minute; or else exponential backoff with full jitter.

    Args:
        failures: What the attempts so far came to.
        now: The time, for a `Retry-After` that is a date.
        fraction: A random number from 0 to 1.
    """
    failure = failures[-1]
    if isinstance(failure, APIStatusError):
        asked = retry_after(failure.headers, now)
        if asked is not None:
            return min(asked, RETRY_AFTER_MAX)
    alike = [one for one in failures if in_progress(one) == in_progress(failure)]
    longest = min(BACKOFF_MAX, BACKOFF_BASE * 2.0 ** min(len(alike) - 1, 16))
    # What is under way will not be done at once: there is no use in asking almost immediately.
    return longest * (0.5 + fraction / 2) if in_progress(failure) else longest * fraction


def retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Seconds to wait by the header `Retry-After`, which holds seconds or an HTTP date (RFC 9110, section 10.2.3).

    A date is read by the clock that it was written by, where the header `Date` shows it; or else by ours, at `now`.
    """
    value = headers.get("retry-after", "").strip()
    if re.fullmatch(r"[0-9]{1,18}(\.[0-9]{1,9})?", value):
        return float(value)
    moment = _http_date(value)
    if moment is None:
        return None
    return max(0.0, (moment - (_http_date(headers.get("date", "")) or now)).total_seconds())


def _http_date(value: str) -> datetime | None:
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def outcome_unknown(failures: Sequence[APIError]) -> bool:
    """Whether a write may have been done though it failed, by all that its attempts came to.

    What one attempt left open is settled only by an answer for which the server has looked up the idempotency key: it
    refuses the request as such (400, 422), or it accepted it, in words that cannot be read.
    """
    last = getattr(failures[-1], "status_code", None)
    settled = last in {400, 422} or (last is not None and 200 <= last < 300)
    return not settled and any(map(_leaves_open, failures))


def _leaves_open(failure: APIError) -> bool:
    """Whether an attempt that failed may have been done."""
    if isinstance(failure, APIConnectionError):
        return failure.sent
    if isinstance(failure, RateLimiterError):
        return False
    status_code: int = getattr(failure, "status_code", 500)
    return status_code >= 500 or status_code == 408


@define
class RetryBudget:
    """What the calls of a client may spend on retries, so that an outage is not multiplied.

    A retry costs one; every call that succeeds and every few seconds give back a part, up to the capacity.
    """

    capacity: float = 100.0
    a_success: float = 0.2
    a_second: float = 0.2
    spent: float = 0.0
    counted: float = 0.0
    """Until when the seconds were counted, on the clock of the event loop."""

    def spend(self, now: float) -> bool:
        """Take one, if there is one."""
        self.spent = max(0.0, self.spent - max(0.0, now - self.counted) * self.a_second)
        self.counted = now
        if self.spent + 1 > self.capacity:
            return False
        self.spent += 1
        return True

    def succeed(self) -> None:
        """Count a call that succeeded."""
        if self.spent:
            self.spent = max(0.0, self.spent - self.a_success)
