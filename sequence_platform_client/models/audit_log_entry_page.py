from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class AuditLogEntryPage:
    """One page of the audit log, ordered by `createdAt`, the newest first."""

    items: list[AuditLogEntry]
    pagination: Pagination
    """Where a page stands in its list."""
    window: DateWindow | None = None
    """The time that was listed."""


from .audit_log_entry import AuditLogEntry  # noqa: E402
from .date_window import DateWindow  # noqa: E402
from .pagination import Pagination  # noqa: E402
