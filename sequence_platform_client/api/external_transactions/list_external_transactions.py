"""listExternalTransactions: List external transactions."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, QueryValue, Request, Timeline, checks

from ...contract import CONTRACT, ID_PREFIXES, NUMBERED_PAGES
from ...models.external_transaction_list import ExternalTransactionList
from ...models.external_transaction_status import ExternalTransactionStatus
from ...models.money_direction import MoneyDirection

if TYPE_CHECKING:
    from ...models.external_transaction import ExternalTransaction

LIST_EXTERNAL_TRANSACTIONS: Operation[ExternalTransactionList, list[ExternalTransaction]] = Operation(
    contract=CONTRACT,
    id="listExternalTransactions",
    method="GET",
    path="/external-transactions",
    documentation="https://app.getsequence.io/api/platform/#tag/external-transactions",
    response=ExternalTransactionList,
    data=attrgetter("data.items"),
    permission=Permission(scope="READ_TRANSFERS", location="query", name="account_ids"),
    pages=NUMBERED_PAGES,
    timeline=Timeline(oldest="from", newest="to", moment="transaction_date"),
)


def list_external_transactions(
    *,
    account_ids: Sequence[str],
    direction: MoneyDirection | str | None = None,
    status: ExternalTransactionStatus | str | None = None,
    from_: datetime | None = None,
    to: datetime | None = None,
    page: int | None = None,
    page_size: int | None = None,
    called_reason: str | None = None,
) -> Call[ExternalTransactionList, list[ExternalTransaction]]:
    """List external transactions.

    The transactions of the given external accounts in the last 90 days, ordered by `transactionDate`, the
    newest first. They are read from the institutions about once a day. Each of the accounts must be among the
    resources of the key's `READ_TRANSFERS`.

    Needs the scope `READ_TRANSFERS` on `account_ids`.

    Args:
        account_ids: The IDs of the external accounts whose transactions are listed, each as a parameter of its
            own. How many there may be is not documented. At least 1 item.
        direction: Keep transactions of this direction only.
        status: Keep transactions of this status only.
        from_: Keep what happened at or after this moment; 90 days ago where this is not given. An
            earlier moment is moved to 90 days ago, and the response says so in `data.window`.
        to: Keep what happened at or before this moment; now where this is not given.
        page: Which page, counted from 1; the first one where this is not given. At least 1.
        page_size: How many results a page holds; 10 where this is not given, and at most 100. 1 to 100.
        called_reason: Why the API is called, in a few words. The audit log keeps it as `reason`. Printable
            ASCII, as in any header. (Inferred: “printable ASCII”.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://app.getsequence.io/api/platform/#tag/external-transactions
    """
    query: dict[str, QueryValue] = {
        "accountIds[]": checks.values(
            "account_ids",
            account_ids,
            lambda name, value: checks.resource_id(name, value, others=ID_PREFIXES, max_length=255),
            min_items=1,
        ),
    }
    if direction is not None:
        query["direction"] = checks.choice("direction", direction, MoneyDirection)
    if status is not None:
        query["status"] = checks.choice("status", status, ExternalTransactionStatus)
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
        operation="listExternalTransactions",
        method="GET",
        path="/external-transactions",
        query=query,
        headers=headers,
        content=None,
        arguments={
            "account_ids": account_ids,
            "direction": direction,
            "status": status,
            "from_": from_,
            "to": to,
            "page": page,
            "page_size": page_size,
        },
    )
    return Call(LIST_EXTERNAL_TRANSACTIONS, request)
