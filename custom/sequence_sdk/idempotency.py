"""Decides for how long an idempotency key may be used, and whether it may have been used before."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from sequence_runtime import Contract

from .age import Age
from .arguments import check_moment
from .clock import Moment
from .errors import IdempotencyKeyExpiredError, InvalidArgumentError

AHEAD = timedelta(minutes=5)
"""How much later than now a first use may be, since clocks differ."""

NAMESPACE = "https://www.getsequence.io"
"""What the keys are made in that `idempotency_key_for` gives: another would give other keys."""


class IdempotencyKey(str):
    """An idempotency key that knows when it was first used, so that it is not used when the server has forgotten it.

        key = IdempotencyKey("invoice-17", first_used=datetime(2024, 4, 24, 12, tzinfo=UTC))
        await sequence.transfers.create(…, idempotency_key=key)

    It is a string, and an operation takes it as such. One whose first use is 23 hours ago or more is refused with an
    `IdempotencyKeyExpiredError` before anything is sent. One that was used before may have done its work then: whatever
    the server says to a repeat, unless it says what was made, is an `OutcomeUnknownError`.

    Args:
        value: 1 to 36 characters of letters, digits and `._:/|-`.
        first_used: When the first call with it began, with a time zone; None where that is not known.
        used_before: Whether another call with it may have been made, by another process say. Without it, a key with a
            first use counts as used before: give False for the call that is the first one.
        api_key_fingerprint: `client.api_key_fingerprint()` of the client that used it first: one with another API key
            then refuses it. The server knows idempotency keys for each API key, so that would be done twice.

    Raises:
        InvalidArgumentError: `first_used` is no datetime with a time zone.
    """

    __slots__ = ("api_key_fingerprint", "first_sent", "first_used", "used_before")

    first_used: datetime | None
    used_before: bool | None
    api_key_fingerprint: str | None
    first_sent: Moment | None
    """When it was sent first, as far as the error knew whose key this is."""

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
        key.used_before, key.api_key_fingerprint, key.first_sent = used_before, api_key_fingerprint, None
        if isinstance(value, IdempotencyKey):  # what it knows is not forgotten
            for name in IdempotencyKey.__slots__:
                if getattr(key, name) is None:
                    setattr(key, name, getattr(value, name))
        return key

    @property
    def may_have_been_used(self) -> bool:
        """Whether another call with it may have been made."""
        return self.first_used is not None if self.used_before is None else self.used_before

    @property
    def in_words(self) -> str:
        """How a program makes it again."""
        first_used = "" if self.first_used is None else f", first_used={self.first_used!r}"
        return f"IdempotencyKey({str(self)!r}{first_used}, used_before={self.used_before})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (str(self), self.first_used, self.used_before, self.api_key_fingerprint, self.first_sent)


def _restore(
    value: str, first_used: datetime | None, used_before: bool | None, of: str | None, first_sent: Moment | None
) -> IdempotencyKey:
    key = IdempotencyKey(value, first_used=first_used, used_before=used_before, api_key_fingerprint=of)
    key.first_sent = first_sent
    return key


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
    """
    if not isinstance(identifier, str) or not identifier.strip():
        raise InvalidArgumentError(
            f"identifier is {identifier!r}; give a string that identifies the payment in your books"
        )
    return IdempotencyKey(
        str(uuid.uuid5(uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE), identifier)),
        first_used=first_used,
        used_before=used_before,
        api_key_fingerprint=api_key_fingerprint,
    )


def check_age(operation: str, age: Age, now: Moment, kept: timedelta, *, limit: datetime | None = None) -> None:
    """See to it that the server still knows a key, and that no earlier `limit` has passed.

    Args:
        operation: The operationId.
        age: What is known of the key's first use.
        now: This moment.
        kept: For how long the server remembers a key.
        limit: Until when (UTC) it may be used in any case.

    Raises:
        IdempotencyKeyExpiredError: The server may have forgotten it.
        InvalidArgumentError: Its first use is in the future.
    """
    used = [age.first_used] if age.first_used is not None else []
    if age.first_sent is not None and age.first_sent.machine != now.machine:
        used.append(age.first_sent.wall)
    for moment in used:
        if moment > now.wall + AHEAD:
            raise InvalidArgumentError(
                f"{operation}: the first use of its idempotency key, at {moment:%Y-%m-%d %H:%M} UTC, is in the future "
                f"by the client's clock, which shows {now.wall:%Y-%m-%d %H:%M} UTC: give the moment of the first "
                "call, or set that clock"
            )
    until = min(filter(None, (age.usable_until(now, kept), limit)), default=None)
    if until is not None and now.wall >= until:
        hours = kept.total_seconds() / 3600
        raise IdempotencyKeyExpiredError(
            f"{operation}: the server may have forgotten its idempotency key, so that it could be done twice: keys are "
            f"kept for {hours:g} hours, and this one could be used until {until:%Y-%m-%d %H:%M} UTC, an hour less. See "
            "what the first call did before you use a new key: `await error.candidates(client)` of its error lists that"
        )


def kept_for(contract: Contract) -> timedelta:
    """For how long a server remembers a key."""
    return timedelta(seconds=contract.idempotency.kept_for if contract.idempotency else 0)


def used_key(key: str, age: Age, *, made_here: bool, fingerprint: str | None = None) -> IdempotencyKey:
    """A key as a later call gives it, in whichever process: it says that it was used before.

    Args:
        key: The key.
        age: What is known of its first use.
        made_here: Whether the SDK made it, so that nobody can have used it before it was sent here.
        fingerprint: That of the API key with which it was used.
    """
    first_used = age.first_used
    if made_here and age.first_sent is not None:
        first_used = min(filter(None, (first_used, age.first_sent.wall)))
    return _restore(str(key), first_used, True, fingerprint, age.first_sent)
