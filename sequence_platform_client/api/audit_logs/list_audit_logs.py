"""listAuditLogs: List entries of the audit log."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, QueryValue, Request, Timeline, checks

from ...contract import CONTRACT, ID_PREFIXES, NUMBERED_PAGES
from ...models.audit_action_filter import AuditActionFilter
from ...models.audit_log_entry_list import AuditLogEntryList

if TYPE_CHECKING:
    from ...models.audit_log_entry import AuditLogEntry

LIST_AUDIT_LOGS: Operation[AuditLogEntryList, list[AuditLogEntry]] = Operation(
    contract=CONTRACT,
    id="listAuditLogs",
    method="GET",
    path="/audit-logs",
    documentation="https://app.getsequence.io/api/platform/#tag/audit-logs",
    response=AuditLogEntryList,
    data=attrgetter("data.items"),
    permission=Permission(scope="READ_AUDIT_LOGS", location="organization"),
    pages=NUMBERED_PAGES,
    timeline=Timeline(oldest="from", newest="to", moment="created_at"),
    echoes=(("api_key_id", "data.items[].api_key_id"),),
)


def list_audit_logs(
    *,
    api_key_id: str | None = None,
    action: AuditActionFilter | str | None = None,
    from_: datetime | None = None,
    to: datetime | None = None,
    page: int | None = None,
    page_size: int | None = None,
    called_reason: str | None = None,
) -> Call[AuditLogEntryList, list[AuditLogEntry]]:
    """List entries of the audit log.

    The calls of the last 90 days that were made with the organization's API keys, ordered by `createdAt`, the
    newest first. What people do in the dashboard is not among them.

    Needs the scope `READ_AUDIT_LOGS`.

    Args:
        api_key_id: Keep the calls of this API key only.
        action: Keep calls of this kind only. Not every kind can be asked for.
        from_: Keep what was created at or after this moment; 90 days ago where this is not given. An
            earlier moment is moved to 90 days ago, and the response says so in `data.window`; it used
            to get a 400.
        to: Keep what was created at or before this moment; now where this is not given.
        page: Which page, counted from 1; the first one where this is not given. At least 1.
        page_size: How many results a page holds; 10 where this is not given, and at most 100. 1 to 100.
        called_reason: Why the API is called, in a few words. The audit log keeps it as `reason`. Printable
            ASCII, as in any header. (Inferred: “printable ASCII”.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://app.getsequence.io/api/platform/#tag/audit-logs
    """
    query: dict[str, QueryValue] = {}
    if api_key_id is not None:
        query["apiKeyId"] = checks.resource_id("api_key_id", api_key_id, others=ID_PREFIXES, max_length=255)
    if action is not None:
        query["action"] = checks.choice("action", action, AuditActionFilter)
    if from_ is not None:
        query["from"] = checks.moment("from_", from_)
    if to is not None:
        query["to"] = checks.moment("to", to)
    if page is not None:
        query["page"] = str(checks.integer("page", page, minimum=1))
    if page_size is not None:
        query["pageSize"] = str(checks.integer("page_size", page_size, minimum=1, maximum=100))

    headers: dict[str, str] = {}
    if called_reason is not None:
        headers["x-called-reason"] = checks.header("called_reason", called_reason)

    request = Request(
        operation="listAuditLogs",
        method="GET",
        path="/audit-logs",
        query=query,
        headers=headers,
        content=None,
        arguments={
            "api_key_id": api_key_id,
            "action": action,
            "from_": from_,
            "to": to,
            "page": page,
            "page_size": page_size,
        },
    )
    return Call(LIST_AUDIT_LOGS, request)
