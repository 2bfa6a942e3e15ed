"""The errors that users of the SDK meet. All of them are `SequenceError`s, and all of them can be pickled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

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


class APIConnectionError(APIError):
    """No answer arrived: the server could not be reached, or the connection broke."""


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
    """409: a call with the same idempotency key is still running."""


class UnprocessableEntityError(APIStatusError):
    """422: the server understands the request and cannot do it."""


class RateLimitError(APIStatusError):
    """429: too many requests."""

    retry_after: float | None = None
    """Seconds that the server asks to wait; None where it does not say."""


class InternalServerError(APIStatusError):
    """5xx: the server failed."""


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
