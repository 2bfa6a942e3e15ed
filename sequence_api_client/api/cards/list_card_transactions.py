"""listCardTransactions: List a card's transactions."""

from __future__ import annotations

from datetime import datetime
from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, QueryValue, Request, Timeline, checks

from ...contract import CONTRACT, CURSOR_PAGES, ID_PREFIXES
from ...models.card_transaction_direction import CardTransactionDirection
from ...models.card_transaction_list import CardTransactionList

if TYPE_CHECKING:
    from ...models.card_transaction import CardTransaction

LIST_CARD_TRANSACTIONS: Operation[CardTransactionList, list[CardTransaction]] = Operation(
    contract=CONTRACT,
    id="listCardTransactions",
    method="GET",
    path="/cards/{id}/transactions",
    documentation="https://cartesio.getsequence.io/docs/cards/listCardTransactions",
    response=CardTransactionList,
    data=attrgetter("data"),
    permission=Permission(
        scope="READ_CARDS",
        location="server",
        hint="the account that the card is linked to",
        response=("data[].account_id",),
    ),
    pages=CURSOR_PAGES,
    timeline=Timeline(oldest="from", newest="to", moment="created_at"),
    available=False,
    echoes=(("id", "data[].card_id"),),
)


def list_card_transactions(
    id: str,
    *,
    direction: CardTransactionDirection | str | None = None,
    from_: datetime | None = None,
    to: datetime | None = None,
    first: int | None = None,
    after: str | None = None,
    request_id: str | None = None,
) -> Call[CardTransactionList, list[CardTransaction]]:
    """List a card's transactions.

    The transactions of one card, ordered by `created_at`, the newest first: purchases, which are debits, and
    refunds, which are credits. The account that the card is linked to must be among the resources of the key's
    `READ_CARDS`. The documentation marks this endpoint as `v2`.

    Needs the scope `READ_CARDS` on the account that the card is linked to. Coming soon: planned by the vendor and not yet available.

    Args:
        id: The card's ID, `card_…`.
        direction: Keep transactions of this direction only.
        from_: Keep what was created at or after this moment (ISO 8601).
        to: Keep what was created at or before this moment (ISO 8601).
        first: How many results a page holds; 20 where this is not given, and at most 100. 1 to 100.
            (Inferred: its limits.)
        after: The cursor after which the page begins, from the previous page's `page_info.end_cursor`.
            (Inferred: its limits.)
        request_id: An identifier for this request, of the caller's choice. The response has it in the header
            `X-Request-ID` and in `request_id`. The server makes one where this is not given. 1 to 255
            characters. (Inferred: its limits.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/cards/listCardTransactions
    """
    query: dict[str, QueryValue] = {}
    if direction is not None:
        query["direction"] = checks.choice("direction", direction, CardTransactionDirection)
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
        operation="listCardTransactions",
        method="GET",
        path="/cards/" + checks.path_segment("id", id, "card_", others=ID_PREFIXES, max_length=255) + "/transactions",
        query=query,
        headers=headers,
        content=None,
        arguments={
            "id": id,
            "direction": direction,
            "from_": from_,
            "to": to,
            "first": first,
            "after": after,
        },
    )
    return Call(LIST_CARD_TRANSACTIONS, request)
