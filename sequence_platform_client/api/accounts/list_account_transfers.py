"""listAccountTransfers: List an account's transfers."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, QueryValue, Request, Timeline, checks

from ...contract import CONTRACT, ID_PREFIXES, NUMBERED_PAGES
from ...models.account_role import AccountRole
from ...models.execution_mode_filter import ExecutionModeFilter
from ...models.transfer_direction import TransferDirection
from ...models.transfer_list import TransferList
from ...models.transfer_origin_filter import TransferOriginFilter
from ...models.transfer_status import TransferStatus

if TYPE_CHECKING:
    from ...models.transfer import Transfer

LIST_ACCOUNT_TRANSFERS: Operation[TransferList, list[Transfer]] = Operation(
    contract=CONTRACT,
    id="listAccountTransfers",
    method="GET",
    path="/accounts/{accountId}/transfers",
    documentation="https://app.getsequence.io/api/platform/#tag/accounts",
    response=TransferList,
    data=attrgetter("data.items"),
    permission=Permission(scope="READ_TRANSFERS", location="path", name="account_id"),
    pages=NUMBERED_PAGES,
    timeline=Timeline(oldest="from", newest="to", moment="created_at"),
    echoes=(("rule_execution_id", "data.items[].rule_execution_id"), ("execution_mode", "data.items[].execution_mode")),
)


def list_account_transfers(
    account_id: str,
    *,
    account_role: AccountRole | str | None = None,
    direction: TransferDirection | str | None = None,
    status: TransferStatus | str | None = None,
    origin: TransferOriginFilter | str | None = None,
    execution_mode: ExecutionModeFilter | str | None = None,
    rule_execution_id: str | None = None,
    rule_execution_id_deprecated: str | None = None,
    from_: datetime | None = None,
    to: datetime | None = None,
    page: int | None = None,
    page_size: int | None = None,
    called_reason: str | None = None,
) -> Call[TransferList, list[Transfer]]:
    """List an account's transfers.

    The transfers into or out of one account, ordered by `createdAt`, the newest first. What cards do is left
    out. The account must be among the resources of the key's `READ_TRANSFERS`.

    Needs the scope `READ_TRANSFERS` on `account_id`.

    Args:
        account_id: The account's ID.
        account_role: Which side of a transfer the account has to be on; `either` where this is not given.
        direction: Keep transfers of this direction only.
        status: Keep transfers of this status only.
        origin: Keep transfers of this origin only.
        execution_mode: Whether what was simulated is listed, alone or too; it is left out where this is not
            given.
        rule_execution_id: Keep the transfers that this rule execution made.
        rule_execution_id_deprecated: The former name of `ruleExecutionId`, which will be removed. Deprecated.
        from_: Keep what was created at or after this moment (RFC 3339).
        to: Keep what was created at or before this moment (RFC 3339).
        page: Which page, counted from 1; the first one where this is not given. At least 1.
        page_size: How many results a page holds; 10 where this is not given, and at most 100. 1 to 100.
        called_reason: Why the API is called, in a few words. The audit log keeps it as `reason`. Printable
            ASCII, as in any header. (Inferred: “printable ASCII”.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://app.getsequence.io/api/platform/#tag/accounts
    """
    if rule_execution_id_deprecated is not None:
        checks.deprecated("rule_execution_id_deprecated of list_account_transfers")
    query: dict[str, QueryValue] = {}
    if account_role is not None:
        query["accountRole"] = checks.choice("account_role", account_role, AccountRole)
    if direction is not None:
        query["direction"] = checks.choice("direction", direction, TransferDirection)
    if status is not None:
        query["status"] = checks.choice("status", status, TransferStatus)
    if origin is not None:
        query["origin"] = checks.choice("origin", origin, TransferOriginFilter)
    if execution_mode is not None:
        query["executionMode"] = checks.choice("execution_mode", execution_mode, ExecutionModeFilter)
    if rule_execution_id is not None:
        query["ruleExecutionId"] = checks.resource_id(
            "rule_execution_id", rule_execution_id, others=ID_PREFIXES, max_length=255
        )
    if rule_execution_id_deprecated is not None:
        query["rule_execution_id"] = checks.resource_id(
            "rule_execution_id_deprecated", rule_execution_id_deprecated, others=ID_PREFIXES, max_length=255
        )
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
        operation="listAccountTransfers",
        method="GET",
        path="/accounts/"
        + checks.path_segment("account_id", account_id, others=ID_PREFIXES, max_length=255)
        + "/transfers",
        query=query,
        headers=headers,
        content=None,
        arguments={
            "account_id": account_id,
            "account_role": account_role,
            "direction": direction,
            "status": status,
            "origin": origin,
            "execution_mode": execution_mode,
            "rule_execution_id": rule_execution_id,
            "rule_execution_id_deprecated": rule_execution_id_deprecated,
            "from_": from_,
            "to": to,
            "page": page,
            "page_size": page_size,
        },
    )
    return Call(LIST_ACCOUNT_TRANSFERS, request)
