"""Operations of the tag `audit_logs`."""

from .list_audit_logs import LIST_AUDIT_LOGS, list_audit_logs

__all__ = (
    "LIST_AUDIT_LOGS",
    "list_audit_logs",
)
