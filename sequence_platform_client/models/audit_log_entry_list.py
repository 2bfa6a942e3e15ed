from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class AuditLogEntryList:
    """One page of the audit log, in a response."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "request_id": "requestId",
    }

    data: AuditLogEntryPage
    """One page of the audit log, ordered by `createdAt`, the newest first."""
    request_id: str
    """The identifier of a request, which is no UUID."""


from .audit_log_entry_page import AuditLogEntryPage  # noqa: E402
