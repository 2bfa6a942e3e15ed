"""Decides for how long an idempotency key may be used.

The server keeps a key for 24 hours; what is sent with it later is done again. The SDK stops an hour earlier.
Documentation: https://cartesio.getsequence.io/docs/transfers/createTransfer
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from .arguments import check_moment
from .errors import IdempotencyKeyExpiredError, InvalidArgumentError

if TYPE_CHECKING:
    from .clock import Moment

USABLE_FOR = timedelta(hours=23)
"""How long after its first use a key may be sent: the server's 24 hours, and an hour for clocks that differ."""

CLOCKS_AGREE = timedelta(seconds=1)
"""How much the clocks of a machine may differ and still show the same: no two are read at the same moment."""

FIRST_TRY = timedelta(seconds=10)
"""How long before a call the first use of its key may be, and the call still be that use: noting it takes time."""

A_MOMENT = timedelta(seconds=1)
"""How much later than a call the first use of its key may be: it may be rounded."""

AHEAD = timedelta(minutes=5)
"""How much later than now a first use may be, since clocks differ."""


class IdempotencyKey(str):
    """An idempotency key that knows when it was first used, so that it is not used when the server has forgotten it.

        key = IdempotencyKey("invoice-17", first_used=datetime(2024, 4, 24, 12, tzinfo=UTC))
        await sequence.transfers.create(…, idempotency_key=key)

    It is a string, and an operation takes it as such. One whose first use is 23 hours ago or more is refused with an
    `IdempotencyKeyExpiredError` before anything is sent. One that was used before may have done its work then: whatever
    the server says to a repeat, but for what was made, is an `OutcomeUnknownError`.

    Args:
        value: 1 to 36 characters of letters, digits and `._:/|-`.
        first_used: When the first call with it began, with a time zone; None where that is not known.
        used_before: Whether another call with it may have been made, by another process say. Without it, that follows
            from `first_used`: yes, if that is more than 10 seconds before the call, or before the client was made.
        api_key_fingerprint: `client.api_key_fingerprint()` of the client that used it first: one with another API key
            then refuses it. The server knows idempotency keys for each API key, so that would be done twice.

    Raises:
        InvalidArgumentError: `first_used` is no datetime with a time zone.
    """

    __slots__ = ("api_key_fingerprint", "first_used", "used_before")

    first_used: datetime | None
    used_before: bool | None
    api_key_fingerprint: str | None

    def __new__(
        cls,
        value: str,
        *,
        first_used: datetime | None = None,
        used_before: bool | None = None,
        api_key_fingerprint: str | None = None,
    ) -> IdempotencyKey:
        key = super().__new__(cls, value)
        key.first_used = None if first_used is None else check_moment("first_used", first_used)
        key.used_before = used_before
        key.api_key_fingerprint = api_key_fingerprint
        return key

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (str(self), self.first_used, self.used_before, self.api_key_fingerprint)


def _restore(value: str, first_used: datetime | None, used_before: bool | None, of: str | None) -> IdempotencyKey:
    return IdempotencyKey(value, first_used=first_used, used_before=used_before, api_key_fingerprint=of)


def idempotency_key_for(
    identifier: str,
    *,
    first_used: datetime | None = None,
    used_before: bool | None = None,
    api_key_fingerprint: str | None = None,
) -> IdempotencyKey:
    """The idempotency key of something that must happen once: the same identifier gives the same key, everywhere.

        await sequence.transfers.create(…, idempotency_key=idempotency_key_for("invoice-2024-17"))

    A process that crashed, and does not know whether it paid, calls this again: within 24 hours, and with the same API
    key, what was done is not done again. The server takes the same key with other arguments for a mistake
    (`IdempotencyKeyMismatchError`).

    Args:
        identifier: What identifies the payment in your own books, of any length.
        first_used: When the first call with this key began, with a time zone, where your books know it: a call that
            comes too late is then refused, instead of paying twice.
        used_before: Whether another call with this key may have been made, where your books know it, as for
            `IdempotencyKey`.
        api_key_fingerprint: `client.api_key_fingerprint()` of the client that made the first call, where your books
            have it: one with another API key then refuses the call.

    Raises:
        InvalidArgumentError: `identifier` is not a string, or blank; or `first_used` is no datetime with a time zone.

    Documentation: https://cartesio.getsequence.io/docs/transfers/createTransfer
    """
    if not isinstance(identifier, str) or not identifier.strip():
        raise InvalidArgumentError(
            f"identifier is {identifier!r}; give a string that identifies the payment in your books"
        )
    import uuid  # noqa: PLC0415 - programs that only read never need it

    keys = uuid.uuid5(uuid.NAMESPACE_URL, "https://cartesio.getsequence.io/docs/transfers/createTransfer")
    return IdempotencyKey(
        str(uuid.uuid5(keys, identifier)),
        first_used=first_used,
        used_before=used_before,
        api_key_fingerprint=api_key_fingerprint,
    )


def check_first_use(operation: str, now: Moment, first_sent: Moment | None, first_used: datetime | None) -> None:
    """See to it that the server still knows a key.

    Args:
        operation: The operationId.
        now: This moment.
        first_sent: When it was sent first, where that was here.
        first_used: When it was used first, where somebody knows.

    Raises:
        IdempotencyKeyExpiredError: It may have forgotten it.
        InvalidArgumentError: The first use is in the future.
    """
    if first_used is not None:
        check_not_ahead(f"{operation}: idempotency_key: first_used", first_used, now.wall)
    until = usable_until(now, first_sent, first_used)
    if until is not None and now.wall >= until:
        raise IdempotencyKeyExpiredError(
            f"{operation}: idempotency_key: it was used first at {until - USABLE_FOR:%Y-%m-%d %H:%M} UTC, and the "
            "server forgets keys after 24 hours, so they are not sent after 23: the call could be done twice. See what "
            "the first one did, with transfers.list or rule_executions.list, before you use a new key"
        )


def is_first_try(first_used: datetime | None, began: datetime, made: datetime) -> bool:
    """Whether no earlier call with a key can have been made elsewhere, by what its owner knows of its first use.

    A wrong no is safe: refusals then leave the outcome unknown.

    Args:
        first_used: When the key was used first; None where its owner does not say.
        began: When the first call with it began that is known here.
        made: When the client was made.
    """
    return first_used is None or (made <= first_used and -A_MOMENT <= began - first_used <= FIRST_TRY)


def in_words_for_later(key: str, first_used: datetime | None, first_sent: Moment | None, *, made_here: bool) -> str:
    """An idempotency key as a later call gives it, in whichever process: it says that it was used before.

    Args:
        key: The key.
        first_used: When it was used first, where its owner has said so.
        first_sent: When it was sent first, as far as that is known here.
        made_here: Whether the SDK made it, so that nobody can have used it before.
    """
    sent = first_sent.wall if first_sent is not None else None
    if made_here:
        first_used = min(filter(None, (first_used, sent)), default=None)
    if first_used is not None:
        return f"IdempotencyKey({str(key)!r}, first_used={first_used!r})"
    if sent is None:
        return repr(str(key))
    return (
        f"IdempotencyKey({str(key)!r}, first_used=…), with the moment of the first call with it, "
        f"{sent:%Y-%m-%d %H:%M:%S} UTC or earlier"
    )


def check_not_ahead(what: str, first_used: datetime, now: datetime) -> None:
    """See to it that a first use is in the past.

    Raises:
        InvalidArgumentError: It is in the future.
    """
    if first_used > now + AHEAD:
        raise InvalidArgumentError(
            f"{what} is {first_used:%Y-%m-%d %H:%M} UTC, which is in the future by the clock of this machine: give the "
            "moment of the first call, or set the clock"
        )


def usable_until(now: Moment, first_sent: Moment | None, first_used: datetime | None) -> datetime | None:
    """Until when (UTC, by this machine's clock) a key may be sent; None where nothing is known of its first use.

    Args:
        now: This moment.
        first_sent: When it was sent first, where that was here.
        first_used: When it was used first, where somebody knows.
    """
    ends: list[datetime] = []
    if first_sent is not None:
        before = max(timedelta(), first_sent.wall - first_used) if first_used is not None else timedelta()
        ends.append(now.wall + USABLE_FOR - first_sent.until(now) - before)
    if first_used is not None:
        stated = first_used + USABLE_FOR
        if ends and abs(ends[0] - stated) < CLOCKS_AGREE:
            return stated
        ends.append(stated)
    return min(ends, default=None)
