"""Decides whether a call is attempted again, when, and what it came to in the end. Pure functions, without a clock."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from .errors import BEFORE_ANY_WORK, APIConnectionError, APIError, APIStatusError, RateLimiterError

BACKOFF_BASE = 0.5
"""Seconds that the first wait may take; each may take twice as long as the one before."""

BACKOFF_MAX = 8.0
"""Seconds that a wait may take at most, unless the server asks for more."""

RETRY_AFTER_MAX = 60.0
"""Seconds that are waited at most when the server asks for it."""

IN_PROGRESS_REPEATS = 12
"""How often a write is repeated that the server says is still in flight: for about half a minute."""


def retryable(failure: APIError, *, repeatable: bool) -> bool:
    """Whether a failed attempt may be followed by another.

    Args:
        failure: What it came to.
        repeatable: Whether a repeat does no harm if the attempt was done: a read, or a write with an idempotency key.
    """
    if isinstance(failure, APIConnectionError):
        return failure.retryable and (repeatable or not failure.sent)
    return isinstance(failure, APIStatusError) and failure.retryable and repeatable


def in_progress(failure: APIError) -> bool:
    """Whether the server says that it has not finished an earlier request with the same idempotency key."""
    return isinstance(failure, APIStatusError) and failure.in_progress


def retries_left(failures: Sequence[APIError], max_retries: int) -> bool:
    """Whether one more attempt may follow those that failed. A write still in flight is asked about more often."""
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
    # What is in flight will not be done at once: there is no use in asking almost immediately.
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
    return max(0.0, (moment - (date_of(headers) or now)).total_seconds())


def date_of(headers: Mapping[str, str]) -> datetime | None:
    """The time by the clock of the server that sent these headers, if they show it."""
    return _http_date(headers.get("date", ""))


def _http_date(value: str) -> datetime | None:
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - it loads much, and few responses have a date to read

    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=UTC)


def leaves_open(failure: APIError) -> bool:
    """Whether a write may have been done by an attempt that failed.

    It was not if nothing was sent, or if the response is one that servers and gateways give before any work (such as
    401 or 429), or another 4xx in the API's own words; but 408 and "still in progress" say nothing of what becomes of
    it.
    """
    if isinstance(failure, APIConnectionError):
        return failure.sent
    if isinstance(failure, RateLimiterError) or getattr(failure, "local", False):
        return False
    status_code = failure.status_code or 500
    if status_code in BEFORE_ANY_WORK:
        return False
    in_its_words = isinstance(failure, APIStatusError) and failure.is_apis_own
    return not (400 <= status_code < 500 and in_its_words and status_code != 408 and not in_progress(failure))


def outcome_unknown(
    failures: Sequence[APIError], settling: Collection[tuple[int, str]] = (), *, opened: bool = False
) -> bool:
    """Whether a write may have been done though it failed, by all that its attempts came to.

    What one attempt left open no later refusal settles: it may be about the repeat, or be what the first attempt
    brought about, such as a limit that it used up.

    Args:
        failures: What the attempts came to.
        settling: The statuses and codes of responses that settle it, since they follow from the request's bytes alone.
        opened: Whether an attempt of an earlier call with the same key left it open.
    """
    last = failures[-1] if failures else None
    if isinstance(last, APIStatusError) and (last.status_code, last.code) in settling:
        return False
    return opened or any(map(leaves_open, failures))


class RetryBudget(Struct):
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
        self.spent = max(0.0, self.spent - self.a_success)
