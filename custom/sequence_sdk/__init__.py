"""An async SDK for the Sequence API.

from sequence_sdk import SequenceClient

async with SequenceClient() as sequence:
    account = await sequence.accounts.get("acc_01HDEF0123")
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ._version import __version__
from .client import SequenceClient

if TYPE_CHECKING:
    from . import models
    from .clock import SYSTEM_CLOCK, Clock, Moment
    from .errors import (
        FINAL_ERRORS,
        APIConnectionError,
        APIError,
        APIResponseValidationError,
        APIStatusError,
        APITimeoutError,
        AuthenticationError,
        BadRequestError,
        ConfigurationError,
        ConflictError,
        IdempotencyKeyExpiredError,
        IdempotencyKeyMismatchError,
        InternalServerError,
        InvalidArgumentError,
        ManyError,
        NotFoundError,
        OutcomeUnknownError,
        PaginationError,
        PermissionDeniedError,
        RateLimiterError,
        RateLimitError,
        RuleExecutionFailedError,
        SequenceError,
        TransferFailedError,
        UnprocessableEntityError,
        WaitTimeoutError,
    )
    from .httpx_transport import HTTPClient
    from .idempotency import IdempotencyKey, idempotency_key_for
    from .many import Many
    from .pages import Page
    from .pagination import Pager, Progress
    from .permissions import Permissions, RecordingPermissions
    from .rate_limit import RateLimit
    from .redis_limit import RedisRateLimit
    from .session import APIResponse
    from .settings import ResponseLimits
    from .sync import Changes

_MODULES = {
    "idempotency_key_for": ".idempotency",
    "APIConnectionError": ".errors",
    "APIError": ".errors",
    "APIResponse": ".session",
    "APIResponseValidationError": ".errors",
    "APIStatusError": ".errors",
    "APITimeoutError": ".errors",
    "ResponseLimits": ".settings",
    "AuthenticationError": ".errors",
    "BadRequestError": ".errors",
    "Changes": ".sync",
    "Clock": ".clock",
    "ConfigurationError": ".errors",
    "ConflictError": ".errors",
    "FINAL_ERRORS": ".errors",
    "HTTPClient": ".httpx_transport",
    "IdempotencyKey": ".idempotency",
    "IdempotencyKeyExpiredError": ".errors",
    "IdempotencyKeyMismatchError": ".errors",
    "SYSTEM_CLOCK": ".clock",
    "InternalServerError": ".errors",
    "InvalidArgumentError": ".errors",
    "Many": ".many",
    "ManyError": ".errors",
    "Moment": ".clock",
    "NotFoundError": ".errors",
    "OutcomeUnknownError": ".errors",
    "Page": ".pages",
    "Pager": ".pagination",
    "PaginationError": ".errors",
    "PermissionDeniedError": ".errors",
    "Permissions": ".permissions",
    "Progress": ".pagination",
    "RateLimit": ".rate_limit",
    "RateLimitError": ".errors",
    "RateLimiterError": ".errors",
    "RecordingPermissions": ".permissions",
    "RedisRateLimit": ".redis_limit",
    "RuleExecutionFailedError": ".errors",
    "SequenceError": ".errors",
    "TransferFailedError": ".errors",
    "UnprocessableEntityError": ".errors",
    "WaitTimeoutError": ".errors",
}
"""Where each other name is: it is loaded when it is first asked for, so that a program loads what it uses."""

__all__ = [
    "FINAL_ERRORS",
    "SYSTEM_CLOCK",
    "APIConnectionError",
    "APIError",
    "APIResponse",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "Changes",
    "Clock",
    "ConfigurationError",
    "ConflictError",
    "HTTPClient",
    "IdempotencyKey",
    "IdempotencyKeyExpiredError",
    "IdempotencyKeyMismatchError",
    "InternalServerError",
    "InvalidArgumentError",
    "Many",
    "ManyError",
    "Moment",
    "NotFoundError",
    "OutcomeUnknownError",
    "Page",
    "Pager",
    "PaginationError",
    "PermissionDeniedError",
    "Permissions",
    "Progress",
    "RateLimit",
    "RateLimitError",
    "RateLimiterError",
    "RecordingPermissions",
    "RedisRateLimit",
    "ResponseLimits",
    "RuleExecutionFailedError",
    "SequenceClient",
    "SequenceError",
    "TransferFailedError",
    "UnprocessableEntityError",
    "WaitTimeoutError",
    "__version__",
    "idempotency_key_for",
    "models",
]

if not TYPE_CHECKING:  # or type checkers would let every misspelt name pass

    def __getattr__(name: str) -> Any:
        if name == "models":
            return import_module(".models", __name__)
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(_MODULES[name], __name__), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
