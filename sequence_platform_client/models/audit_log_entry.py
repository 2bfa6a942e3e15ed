from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class AuditLogEntry:
    """A call that was made with an API key."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "created_at": "createdAt",
        "api_key_id": "apiKeyId",
        "api_key_name": "apiKeyName",
        "request_id": "requestId",
        "error_code": "errorCode",
    }

    id: str
    """The ID of an entry of the audit log, a UUID."""
    created_at: Timestamp
    """When the call was made, UTC."""
    api_key_id: str
    """The ID of an API key, a UUID. It is no secret."""
    api_key_name: str
    """The name of the API key."""
    path: str
    """The path of the request, such as `/platform/v1/accounts`."""
    action: AuditAction | None
    """What the call was for; null where that has no name. (Inferred: “null where that has no name”.)"""
    request_id: str
    """The identifier of a request, which is no UUID."""
    outcome: AuditOutcome
    """Whether a call succeeded."""
    error_code: str | None
    """The code of the error, such as `ACCESS_DENIED`; null where there was none."""
    reason: str | None = None
    """Why the call was made, in the words of its `x-called-reason`."""


from .audit_action import AuditAction  # noqa: E402
from .audit_outcome import AuditOutcome  # noqa: E402
