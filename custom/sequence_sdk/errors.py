"""The errors that users of the SDK meet. All of them are `SequenceError`s, and all of them can be pickled."""

from __future__ import annotations

import copyreg
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol, TypeAlias, TypeVar

from sequence_runtime import Request

from .age import Age
from .clock import SYSTEM_CLOCK, Clock, Moment

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


class Resumer(Protocol[T_co]):
    """A client, as far as errors use it."""

    async def resume(self, error: OutcomeUnknownError, *, key_first_used: datetime | None = None) -> T_co: ...


class Finder(Protocol[T_co]):
    """A client, as far as errors use it."""

    async def candidates(self, error: OutcomeUnknownError) -> T_co: ...


Resource: TypeAlias = str | Mapping[str, str | int]
"""What a permission is checked on: an ID, or a set of source, target and max_amount (cents)."""

Missing: TypeAlias = Literal["scope", "resource", "amount"]
"""The part of a permission that a key lacks."""


RETRIED_STATUSES = frozenset({408, 429, 500, 502, 503, 504})
"""The statuses that may pass."""

BEFORE_ANY_WORK = frozenset({401, 404, 405, 407, 413, 414, 421, 429, 431})
"""The statuses that leave no write open, whoever responds with them."""


class SequenceError(Exception):
    """What every error of the SDK is."""

    def __init__(self, text: str = "", **attributes: Any) -> None:
        """Make an error of a message and values for the attributes that its class declares."""
        super().__init__(text)
        vars(self).update(attributes)

    done: bool = False
    """Whether a write was done before this, with an idempotency key that the SDK made: called again, it is repeated."""

    @property
    def retryable(self) -> bool:
        """Whether the very same call may succeed later. For a write that is the call with the same idempotency key."""
        return self._may_pass() and not self.done

    def _may_pass(self) -> bool:
        return False

    def __reduce__(self) -> tuple[object, ...]:
        # Not by __init__, whose parameters are a subclass's own.
        return copyreg.__newobj__, (type(self), *self.args), self.__getstate__()  # type: ignore[attr-defined]


def of_request(request_id: str) -> str:
    """Which request a message is about, at its end."""
    return f" (request {request_id})" if request_id else ""


class ConfigurationError(SequenceError, ValueError):
    """The client cannot be made, or be used, as it was asked for. Nothing was sent."""


class InvalidArgumentError(SequenceError, ValueError):
    """An argument cannot be sent, or used: the message names it, its problem and the remedy. Nothing was sent."""


class IdempotencyKeyExpiredError(InvalidArgumentError, ConfigurationError):
    """The server may have forgotten an idempotency key, so that a repeat with it could be done twice. Nothing was sent.

    What the first call did, a person has to find out: `error.candidates(client)` of its error lists what it may be.
    """


class APIError(SequenceError):
    """A call failed."""

    operation: str
    """The operationId, such as `getCard`."""
    request_id: str
    """The identifier under which the vendor knows the request: from the response, or else the one that was sent."""
    attempts: int = 0
    """How many requests were sent."""
    idempotency_key: str | None = None
    """The key that a write was sent with, made by the SDK if not by the caller: a repeat with it is safe."""
    last: object = None
    """The last state known of what was waited for."""
    status_code: int | None = None
    """That of the response; None where there was none."""
    code: str | None = None
    """The API's code, such as `resource_not_found`; None where there was no error of the API's."""
    message: str | None = None
    """The API's own message; None where there was no error of the API's."""


class APIConnectionError(APIError):
    """No response arrived: the server could not be reached, or the connection broke.

    What the HTTP library raised is `__cause__`, in words: its own exception would show the request with the API key.
    """

    sent: bool = True
    """False where nothing of the request can have reached the server."""
    final: bool = False
    """Whether another attempt would end in the same way, such as in an exception of an event hook."""

    def _may_pass(self) -> bool:
        return not self.final


class APITimeoutError(APIConnectionError):
    """No response arrived in time."""


class _WithResponse(APIError):
    """A response arrived, and is kept."""

    status_code: int  # pyright: ignore[reportIncompatibleVariableOverride] - nobody sets it
    headers: Mapping[str, str]
    content: bytes
    """The response's body, unchanged."""


class APIResponseValidationError(_WithResponse):
    """A response arrived that is not what the API documents."""

    path: str | None
    """Where in the JSON the problem is, such as `$.data[0].amount_in_cents`; None where it is no JSON."""
    problem: str
    """What is wrong there."""


class APIStatusError(_WithResponse):
    """The server responded with an error."""

    in_progress: bool = False
    """Whether the server says that it has not finished an earlier request with the same idempotency key."""

    @property
    def is_apis_own(self) -> bool:
        """Whether the response is in the API's own words: it has a code and a message."""
        return bool(self.code and self.code.strip() and self.message and self.message.strip())

    def _may_pass(self) -> bool:
        return self.status_code in RETRIED_STATUSES or self.in_progress


class BadRequestError(APIStatusError):
    """400: the server does not understand the request."""


class IdempotencyKeyMismatchError(BadRequestError):
    """400: the idempotency key was used for another request before, which may have been done. This one was not.

    Find out what the other one did, and give this one a key of its own.
    """


class AuthenticationError(APIStatusError):
    """401: the API key is missing or is not valid."""


class PermissionDeniedError(APIStatusError):
    """403: the key does not grant the call, or the server refuses it for a reason that `code` names.

    Where the reason is the key's permissions, `scope`, `resources` and `grant` say what the call needs; where it is
    another one, such as a disabled rule, they are None.
    """

    scope: str | None = None
    """The scope that the call needs, such as `READ_CARDS`."""
    resources: tuple[Resource, ...] | None = None
    """What it needs the scope on: IDs, or a set of source, target and max_amount (cents); `()` where the scope has no
    resources; None where only the server knows, and `resource_hint` says it in words."""
    resource_hint: str | None = None
    grant: str | None = None
    """The permission entry that would allow the call, as JSON."""
    missing: Missing | None = None
    """Which part the key lacks, where its permissions were declared: "scope", "resource" or "amount"."""
    local: bool = False
    """Whether the SDK refused the call by the declared permissions, so that nothing was sent; the status is then the
    one that the server would have responded with."""


class UnsupportedResourceError(PermissionDeniedError):
    """403: it is there, and this version of the API cannot show or do it. No permission is missing."""


class NotFoundError(APIStatusError):
    """404: there is no such resource."""


class ConflictError(APIStatusError):
    """409: the call conflicts with another one; with an idempotency key, the same call may still be running."""


class UnprocessableEntityError(APIStatusError):
    """422: the server understands the request and cannot do it."""


class RateLimitError(APIStatusError):
    """429: too many requests."""

    retry_after: float | None = None
    """Seconds that the server asks to wait; None where it does not say."""


class InternalServerError(APIStatusError):
    """5xx: the server failed."""


class OutcomeUnknownError(APIError):
    """A write ended, and nobody knows whether it was done. What its last attempt came to is `__cause__`.

    `await error.resume(client)` finds out: it repeats the very same request with the same idempotency key, so that what
    was done is not done again. The error can be pickled, to do so later or in another process. When the key may not be
    used any longer, `await error.candidates(client)` lists what the write may have made.
    """

    arguments: Mapping[str, object]
    """What the operation was called with, by name."""
    remembered_until: datetime | None
    """Until when (UTC) `resume` is safe: 23 hours after the key was used first. None for a key of yours whose first use
    is not known: `resume` then asks for `key_first_used`."""
    key_first_used: datetime | None
    """When (UTC) your key was used first, where you said so."""
    first_sent: Moment
    """When the first attempt began, by the clocks of this machine."""
    base_url: str
    """Where it was sent."""
    request: Request
    """What was sent, without the API key."""
    key_made_here: bool
    """Whether the SDK made the idempotency key, so that calling the operation again would use another one."""
    api_key_fingerprint: str
    """What `resume` recognizes the API key by. Nobody can find the key with it."""

    key_kept_for: timedelta
    """For how long the server remembers a key after its first use."""
    simulated: bool = False
    """Whether what may have been done was a simulation, so that nothing is at stake."""
    clock: Clock = SYSTEM_CLOCK
    """What tells the time: the client's clock, or in another process that of its machine."""

    def __getstate__(self) -> dict[str, Any]:
        return {name: value for name, value in vars(self).items() if name != "clock"}

    def _may_pass(self) -> bool:
        now = self.clock.moment()
        age = Age(self.first_sent, self.key_first_used)
        ends = filter(None, (self.remembered_until, age.usable_until(now, self.key_kept_for)))
        return self.idempotency_key is not None and not self.key_made_here and now.wall < min(ends)

    async def resume(self, client: Resumer[T], *, key_first_used: datetime | None = None) -> T:
        """Repeat the very same request, and give what the operation responds with.

        Args:
            client: A client with the same API key: the server remembers idempotency keys for each API key.
            key_first_used: When the first call with the key began, with a time zone; needed where `remembered_until` is
                None.

        Raises:
            IdempotencyKeyExpiredError: The key may not be used any longer; nothing was sent.
            ConfigurationError: The client has another API key or base URL; nothing was sent.
            InvalidArgumentError: `key_first_used` is missing, or is no datetime with a time zone; nothing was sent.
            OutcomeUnknownError: It is still unknown, whatever the server said: that may be about this repeat only.
        """
        return await _client(client, "resume").resume(self, key_first_used=key_first_used)

    async def candidates(self, client: Finder[T]) -> T:
        """What the write may have made, for a person to decide: what there is since the call and agrees with it.

        It is listed from the newest to the oldest. Another call may have made it. An empty list is no proof while the
        server may still be at work, or where its clock and this machine's differ by more than a day.

        Args:
            client: A client whose key may read it.

        Raises:
            ConfigurationError: The client talks to another server; nothing was sent.
            APIError: It could not be read.
        """
        return await _client(client, "candidates").candidates(self)


def _client(client: T, method: str) -> T:
    if not hasattr(client, method):
        raise InvalidArgumentError(f"client must be a client of this SDK, not {type(client).__name__}")
    return client


class WaitTimeoutError(SequenceError):
    """What was waited for is not done yet. It goes on nevertheless."""

    operation: str
    """The operationId of the call that asks for it."""
    last: object
    """The last state known: of what could not be found yet, the response that named it."""
    waited: float
    """Seconds."""
    idempotency_key: str | None = None
    """That of the write which made it, where this call did."""

    def _may_pass(self) -> bool:
        return True


class ManyError(SequenceError):
    """Some of many IDs could not be fetched; all others were. The failure of the first is `__cause__`."""

    operation: str
    """The operationId, such as `getAccount`."""
    results: Mapping[str, object]
    """What was fetched, by ID, in the order of the IDs; typed as what it is by `get_many.with_failures`."""
    failures: Mapping[str, APIError]
    """What failed, by ID, in the order of the IDs."""

    def _may_pass(self) -> bool:
        return all(failure.retryable for failure in self.failures.values())


class RateLimiterError(APIError):
    """The rate limit that several processes share cannot be asked, and the attempt that needed it was not sent."""

    def _may_pass(self) -> bool:
        return True


class PaginationError(_WithResponse):
    """A list cannot be followed further: its pages repeat, lead nowhere, or change all the time."""

    page: object
    """The `Page` at which that showed, with its data."""


class WebhookVerificationError(SequenceError):
    """What arrived is not known to be a webhook of Sequence's: the message says which check failed, and the remedy."""


FINAL_ERRORS: tuple[str, ...] = tuple(
    cls.__name__
    for cls in (
        ConfigurationError,
        InvalidArgumentError,
        IdempotencyKeyExpiredError,
        BadRequestError,
        IdempotencyKeyMismatchError,
        AuthenticationError,
        PermissionDeniedError,
        UnsupportedResourceError,
        NotFoundError,
        UnprocessableEntityError,
        APIResponseValidationError,
        PaginationError,
        WebhookVerificationError,
    )
)
"""The names of the classes that no repeat of the same call mends: what a durable engine is told not to retry.

Of the other classes `error.retryable` says whether a repeat may help. A write is repeated with the key of its first
call, so give it one: `idempotency_key_for(…)`.
"""
