"""The errors that users of the SDK meet. All of them are `SequenceError`s, and all of them can be pickled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    from sequence_api_client import Request
    from sequence_api_client.models import Account, Card, Rule, RuleExecution, Transfer, TriggeredRule

    from .client import SequenceClient

Resource: TypeAlias = str | Mapping[str, str | int]
"""What a permission is checked on: an ID, or a set of source, target and max_amount (cents)."""

Missing: TypeAlias = Literal["scope", "resource", "amount"]
"""The part of a permission that a key lacks."""


class SequenceError(Exception):
    """What every error of the SDK is; refused arguments of operations alone are plain `ValueError`s."""

    def __init__(self, text: str = "", **attributes: Any) -> None:
        """Make an error of a message and values for the attributes that its class declares."""
        super().__init__(text)
        vars(self).update(attributes)

    def __reduce__(self) -> tuple[Callable[..., SequenceError], tuple[object, ...]]:
        # Exception's own way of pickling would lose the attributes.
        return _restore, (type(self), self.args, vars(self))


def _restore(cls: type[SequenceError], args: tuple[str, ...], attributes: dict[str, Any]) -> SequenceError:
    return cls(*args, **attributes)


class ConfigurationError(SequenceError, ValueError):
    """The client cannot be made, or be used, as it was asked for. Nothing was sent."""


class APIError(SequenceError):
    """A call failed."""

    operation: str
    """The operationId, such as `getCard`."""
    request_id: str
    """The identifier under which the vendor knows the request: from the answer, or else the one that was sent."""
    attempts: int = 0
    """How many requests were sent."""
    idempotency_key: str | None = None
    """The key that a write was sent with, made by the SDK if not by the caller: a repeat with it is safe."""
    last: object = None
    """The last state known of the transfer or rule execution that was waited for."""


class APIConnectionError(APIError):
    """No answer arrived: the server could not be reached, or the connection broke."""

    sent: bool = True
    """False where nothing of the request can have reached the server."""


class APITimeoutError(APIConnectionError):
    """No answer arrived in time."""


class APIResponseValidationError(APIError):
    """An answer arrived that is not what the API documents."""

    status_code: int
    code: str | None = None
    message: str | None = None
    headers: Mapping[str, str]
    content: bytes
    """The answer's body, unchanged."""
    path: str | None
    """Where in the JSON the problem is, such as `$.data[0].amount_in_cents`; None where it is no JSON."""
    problem: str
    """What is wrong there."""


class APIStatusError(APIError):
    """The server answered with an error."""

    status_code: int
    code: str | None
    """The API's code, such as `resource_not_found`; None where the body is not the API's error."""
    message: str | None
    """The API's own message; None where the body is not the API's error."""
    headers: Mapping[str, str]
    content: bytes
    """The answer's body, unchanged."""


class BadRequestError(APIStatusError):
    """400: the server does not understand the request."""


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
    one that the server would have answered with."""


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
    """A write ended without an answer that says whether it was done. The failure of its last attempt is `__cause__`.

    `await error.resume(client)` finds out: it repeats the very same request with the same idempotency key, so that what
    was done is not done again. The error can be pickled, to do so later or in another process.
    """

    idempotency_key: str  # pyright: ignore[reportIncompatibleVariableOverride]
    """The key that every attempt carried."""
    arguments: Mapping[str, object]
    """What the operation was called with, by name."""
    remembered_until: datetime
    """Until when (UTC) the server remembers the key, and `resume` is safe: 24 hours after the first attempt."""
    base_url: str
    """Where it was sent."""
    request: Request
    """What was sent, without the API key."""

    async def resume(self, client: SequenceClient) -> Transfer | TriggeredRule:
        """Repeat the very same request, and give what the operation answers with.

        Args:
            client: A client with the same API key: the server remembers idempotency keys for each API key.

        Raises:
            ConfigurationError: The server remembers the key no longer, or the client talks to another one; nothing was
                sent.
            OutcomeUnknownError: It is still unknown.
            APIError: It failed, and was not done.

        Documentation: https://cartesio.getsequence.io/docs/transfers/createTransfer
        """
        return await client.resume(self)


class WaitTimeoutError(SequenceError):
    """A transfer or a rule execution was waited for, and is not done yet. It goes on nevertheless."""

    operation: str
    """The operationId of the call that asks for it, such as `getTransfer`."""
    last: Transfer | RuleExecution | TriggeredRule | None
    """The last state known: of a rule execution that could not be found yet, the answer that named it."""
    waited: float
    """Seconds."""


class TransferFailedError(SequenceError):
    """A transfer ended without the money having arrived."""

    transfer: Transfer


class RuleExecutionFailedError(SequenceError):
    """A rule execution ended without all of it having been done."""

    rule_execution: RuleExecution


class ManyError(SequenceError):
    """Some of many IDs could not be fetched; all others were. The failure of the first is `__cause__`."""

    operation: str
    """The operationId, such as `getAccount`."""
    results: Mapping[str, Account | Card | Transfer | Rule | RuleExecution]
    """What was fetched, by ID, in the order of the IDs."""
    failures: Mapping[str, APIError]
    """What failed, by ID, in the order of the IDs."""


class RateLimiterError(APIError):
    """The rate limit that several processes share cannot be asked, and the attempt that needed it was not sent."""


class PaginationError(APIError):
    """A list cannot be followed further: its cursor is missing, or was there before."""

    page: object
    """The `Page` whose cursor is wrong, with its data."""
    status_code: int
    code: str | None = None
    message: str | None = None
    headers: Mapping[str, str]
    content: bytes
    """The page's body, unchanged."""
