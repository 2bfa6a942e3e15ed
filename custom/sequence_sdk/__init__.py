"""An async SDK for the Sequence API.

from sequence_sdk import SequenceClient

async with SequenceClient() as sequence:
    account = await sequence.accounts.get("acc_01HDEF0123")
"""

from . import models
from ._version import __version__
from .client import SequenceClient
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
    PaginationError,
    PermissionDeniedError,
    RateLimitError,
    SequenceError,
    UnprocessableEntityError,
)
from .pagination import Page, Pager
from .permissions import Permissions, RecordingPermissions
from .session import APIResponse, HTTPClient

__all__ = [
    "APIConnectionError",
    "APIError",
    "APIResponse",
    "APIResponseValidationError",
    "APIStatusError",
    "APITimeoutError",
    "AuthenticationError",
    "BadRequestError",
    "ConfigurationError",
    "ConflictError",
    "HTTPClient",
    "InternalServerError",
    "NotFoundError",
    "Page",
    "Pager",
    "PaginationError",
    "PermissionDeniedError",
    "Permissions",
    "RateLimitError",
    "RecordingPermissions",
    "SequenceClient",
    "SequenceError",
    "UnprocessableEntityError",
    "__version__",
    "models",
]
