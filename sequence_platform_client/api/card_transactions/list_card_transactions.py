"""listCardTransactions: List card transactions."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, QueryValue, Request, Timeline, checks

from ...contract import CONTRACT, ID_PREFIXES, NUMBERED_PAGES
from ...models.card_transaction_list import CardTransactionList

if TYPE_CHECKING:
    from ...models.card_transaction import CardTransaction

LIST_CARD_TRANSACTIONS: Operation[CardTransactionList, list[CardTransaction]] = Operation(
    contract=CONTRACT,
    id="listCardTransactions",
    method="GET",
    path="/card-transactions",
    documentation="https://app.getsequence.io/api/platform/#tag/card-transactions",
    response=CardTransactionList,
    data=attrgetter("data.items"),
    permission=Permission(scope="READ_TRANSFERS", location="query", name="account_id"),
    pages=NUMBERED_PAGES,
    timeline=Timeline(oldest="from", newest="to", moment="created_at"),
    echoes=(("card_id", "data.items[].card_id"),),
)


def list_card_transactions(
    *,
    account_id: str,
    card_id: str | None = None,
    from_: datetime | None = None,
    to: datetime | None = None,
    page: int | None = None,
    page_size: int | None = None,
    called_reason: str | None = None,
) -> Call[CardTransactionList, list[CardTransaction]]:
    """List card transactions.

    The settled card transactions that were paid from one pod, ordered by `createdAt`, the newest first.
    Authorizations, holds and what was declined are left out. The pod must be among the resources of the key's
    `READ_TRANSFERS`.

    Needs the scope `READ_TRANSFERS` on `account_id`.

    Args:
        account_id: The ID of the pod whose money it was. Omni cards take theirs from changing pods.
        card_id: Keep the transactions of this card only.
        from_: Keep what was created at or after this moment (RFC 3339).
        to: Keep what was created at or before this moment (RFC 3339).
        page: Which page, counted from 1; the first one where this is not given. At least 1.
        page_size: How many results a page holds; 10 where this is not given, and at most 100. 1 to 100.
        called_reason: Why the API is called, in a few words. The audit log keeps it as `reason`. Printable
            ASCII, as in any header. (Inferred: “printable ASCII”.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://app.getsequence.io/api/platform/#tag/card-transactions
    """
    query: dict[str, QueryValue] = {
        "accountId": checks.resource_id("account_id", account_id, others=ID_PREFIXES, max_length=255),
    }
    if card_id is not None:
        query["cardId"] = checks.resource_id("card_id", card_id, others=ID_PREFIXES, max_length=255)
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
        operation="listCardTransactions",
        method="GET",
        path="/card-transactions",
        query=query,
        headers=headers,
        content=None,
        arguments={
            "account_id": account_id,
            "card_id": card_id,
            "from_": from_,
            "to": to,
            "page": page,
            "page_size": page_size,
        },
    )
    return Call(LIST_CARD_TRANSACTIONS, request)
