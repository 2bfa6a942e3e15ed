"""An async SDK for the Sequence API.

from sequence_sdk import SequenceClient

async with SequenceClient() as sequence:
    account = await sequence.accounts.get("acc_01HDEF0123")
"""

from . import models
from ._version import __version__
from .bodies import AnswerLimits
from .client import SequenceClient
from .connection import HTTPClient
from .errors import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    AuthenticationError,
    BadRequestError,
    ConfigurationError,
    ConflictError,
    InternalServerError,
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
from .pagination import Page, Pager
from .permissions import Permissions, RecordingPermissions
from .rate_limit import RateLimit
from .redis_limit import RedisRateLimit
from .retries import idempotency_key_for
from .session import APIResponse

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIResponse",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AnswerLimits",
    "AuthenticationError",
    "BadRequestError",
    "ConfigurationError",
    "ConflictError",
    "HTTPClient",
    "InternalServerError",
    "NotFoundError",
    "OutcomeUnknownError",
    "Page",
    "Pager",
    "PaginationError",
    "PermissionDeniedError",
    "Permissions",
    "RateLimit",
    "RateLimitError",
    "RateLimiterError",
    "RecordingPermissions",
    "RedisRateLimit",
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
