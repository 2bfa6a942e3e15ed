from sequence_runtime import UNSET as UNSET, to_builtins as to_builtins, to_json as to_json

from . import models as models, platform as platform, webhooks as webhooks
from ._version import __version__ as __version__
from .changes import Changes as Changes
from .clock import (
    SYSTEM_CLOCK as SYSTEM_CLOCK,
    Clock as Clock,
    Moment as Moment,
)
from .ended import (
    FINAL_ERRORS as FINAL_ERRORS,
    RuleExecutionFailedError as RuleExecutionFailedError,
    TransferFailedError as TransferFailedError,
)
from .errors import (
    APIConnectionError as APIConnectionError,
    APIError as APIError,
    APIResponseValidationError as APIResponseValidationError,
    APIStatusError as APIStatusError,
    APITimeoutError as APITimeoutError,
    AuthenticationError as AuthenticationError,
    BadRequestError as BadRequestError,
    ConfigurationError as ConfigurationError,
    ConflictError as ConflictError,
    IdempotencyKeyExpiredError as IdempotencyKeyExpiredError,
    IdempotencyKeyMismatchError as IdempotencyKeyMismatchError,
    InternalServerError as InternalServerError,
    InvalidArgumentError as InvalidArgumentError,
    ManyError as ManyError,
    NotFoundError as NotFoundError,
    OutcomeUnknownError as OutcomeUnknownError,
    PaginationError as PaginationError,
    PermissionDeniedError as PermissionDeniedError,
    RateLimiterError as RateLimiterError,
    RateLimitError as RateLimitError,
    SequenceError as SequenceError,
    UnprocessableEntityError as UnprocessableEntityError,
    UnsupportedResourceError as UnsupportedResourceError,
    WaitTimeoutError as WaitTimeoutError,
    WebhookVerificationError as WebhookVerificationError,
)
from .history import (
    ConcurrentItems as ConcurrentItems,
    Pager as Pager,
)
from .idempotency import (
    IdempotencyKey as IdempotencyKey,
    idempotency_key_for as idempotency_key_for,
)
from .limits import RedisRateLimit as RedisRateLimit
from .many import Many as Many
from .observation import CallRecord as CallRecord, Observer as Observer
from .pages import Page as Page
from .pagination import Progress as Progress, TruncatedListWarning as TruncatedListWarning
from .platform.client import PlatformClient as PlatformClient
from .rate_limit import RateLimit as RateLimit
from .session import APIResponse as APIResponse
from .settings import ResponseLimits as ResponseLimits
from .transport import HTTPClient as HTTPClient
from .v1.client import SequenceClient as SequenceClient
from .v1.permissions import Permissions as Permissions, RecordingPermissions as RecordingPermissions
