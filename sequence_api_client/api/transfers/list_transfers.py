"""listTransfers: List transfers."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, QueryValue, Request, Timeline, checks

from ...contract import CONTRACT, CURSOR_PAGES, ID_PREFIXES
from ...models.account_role import AccountRole
from ...models.transfer_direction import TransferDirection
from ...models.transfer_list import TransferList
from ...models.transfer_origin import TransferOrigin
from ...models.transfer_status import TransferStatus

if TYPE_CHECKING:
    from ...models.transfer import Transfer

LIST_TRANSFERS: Operation[TransferList, list[Transfer]] = Operation(
    contract=CONTRACT,
    id="listTransfers",
    method="GET",
    path="/transfers",
    documentation="https://cartesio.getsequence.io/docs/transfers/listTransfers",
    response=TransferList,
    data=attrgetter("data"),
    permission=Permission(scope="READ_TRANSFERS", location="query", name="account_id"),
    pages=CURSOR_PAGES,
    timeline=Timeline(oldest="from", newest="to", moment="created_at"),
)


def list_transfers(
    *,
    account_id: str,
    account_role: AccountRole | str | None = None,
    direction: TransferDirection | str | None = None,
    origin: TransferOrigin | str | None = None,
    status: TransferStatus | str | None = None,
    rule_execution_id: str | None = None,
    from_: datetime | None = None,
    to: datetime | None = None,
    first: int | None = None,
    after: str | None = None,
    request_id: str | None = None,
) -> Call[TransferList, list[Transfer]]:
    """List transfers.

    Transfers of the organization, ordered by `created_at`, the newest first. What was bought with credit and
    debit cards is left out. `account_id` is required, and must be among the resources of the key's
    `READ_TRANSFERS`.

    Needs the scope `READ_TRANSFERS` on `account_id`.

    Args:
        account_id: The ID of the account whose transfers are listed, `acc_…`. It must be among the resources
            of the key's `READ_TRANSFERS`. `account_role` says which side of a transfer it is matched
            with.
        account_role: Which side of a transfer `account_id` is matched with: `either` where this is not given.
            It is ignored where there is no `account_id`.
        direction: Keep transfers of this direction only.
        origin: Keep transfers of this origin only.
        status: Keep transfers of this status only. (Inferred: `incomplete`, `error`, `cancelled`.)
        rule_execution_id: Keep the transfers that this rule execution made, `rex_…`. (Inferred.)
        from_: Keep what was created at or after this moment (ISO 8601). (Inferred.)
        to: Keep what was created at or before this moment (ISO 8601). (Inferred.)
        first: How many results a page holds; 20 where this is not given, and at most 100. 1 to 100.
            (Inferred.)
        after: The cursor after which the page begins, from the previous page's `page_info.end_cursor`.
            (Inferred.)
        request_id: An identifier for this request, of the caller's choice. The response has it in the header
            `X-Request-ID` and in `request_id`. The server makes one where this is not given. 1 to 255
            characters. (Inferred: its limits.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/transfers/listTransfers
    """
    query: dict[str, QueryValue] = {
        "account_id": checks.resource_id("account_id", account_id, "acc_", others=ID_PREFIXES, max_length=255),
    }
    if account_role is not None:
        query["account_role"] = checks.choice("account_role", account_role, AccountRole)
    if direction is not None:
        query["direction"] = checks.choice("direction", direction, TransferDirection)
    if origin is not None:
        query["origin"] = checks.choice("origin", origin, TransferOrigin)
    if status is not None:
        query["status"] = checks.choice("status", status, TransferStatus)
    if rule_execution_id is not None:
        query["rule_execution_id"] = checks.resource_id(
            "rule_execution_id", rule_execution_id, "rex_", others=ID_PREFIXES, max_length=255
        )
    if from_ is not None:
        query["from"] = checks.moment("from_", from_)
    if to is not None:
        query["to"] = checks.moment("to", to)
    if first is not None:
        query["first"] = str(checks.integer("first", first, minimum=1, maximum=100))
    if after is not None:
        query["after"] = checks.text("after", after, min_length=1)

    headers: dict[str, str] = {}
    if request_id is not None:
        headers["X-Request-ID"] = checks.header("request_id", request_id, max_length=255)

    request = Request(
        operation="listTransfers",
        method="GET",
        path="/transfers",
        query=query,
        headers=headers,
        content=None,
        arguments={
            "account_id": account_id,
            "account_role": account_role,
            "direction": direction,
            "origin": origin,
            "status": status,
            "rule_execution_id": rule_execution_id,
            "from_": from_,
            "to": to,
            "first": first,
            "after": after,
        },
    )
    return Call(LIST_TRANSFERS, request)
