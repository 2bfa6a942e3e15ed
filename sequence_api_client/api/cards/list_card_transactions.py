"""listCardTransactions: List a card's transactions."""

from __future__ import annotations

from datetime import datetime

from ... import checks
from ...client import CheckedResource, Operation, Request, Transport
from ...models.card_transaction_direction import CardTransactionDirection
from ...models.card_transaction_list import CardTransactionList

LIST_CARD_TRANSACTIONS: Operation[CardTransactionList] = Operation(
    id="listCardTransactions",
    method="GET",
    path="/cards/{id}/transactions",
    scope="READ_CARDS",
    resource=CheckedResource(
        location="server",
        hint="the account that the card is linked to",
        response=("data[].account_id",),
    ),
    paginated=True,
    takes_idempotency_key=False,
    available=False,
    documentation="https://cartesio.getsequence.io/docs/cards/listCardTransactions",
    response=CardTransactionList,
    echoes=(("id", "data[].card_id"),),
)


async def list_card_transactions(
    transport: Transport,
    /,
    id: str,
    *,
    direction: CardTransactionDirection | str | None = None,
    from_: datetime | None = None,
    to: datetime | None = None,
    first: int | None = None,
    after: str | None = None,
    request_id: str | None = None,
) -> CardTransactionList:
    """List a card's transactions.

    Purchases (debits) and refunds (credits) made with one card, newest first.

    Needs the scope `READ_CARDS` on the account that the card is linked to. Coming soon: planned by the vendor and not yet available.

    Args:
        transport: What sends the request.
        id: The card's ID, `card_…`.
        direction: Keep transactions of this direction only.
        from_: Keep what was created at or after this moment (ISO 8601).
        to: Keep what was created at or before this moment (ISO 8601).
        first: How many results a page holds, 1 to 100. The server assumes 20.
        after: The cursor after which the page begins, from the previous page's `page_info.end_cursor`.
        request_id: An identifier of the caller's choice for this request; the server sends it back in its
            `X-Request-ID` header and in `request_id`. The server makes one when there is none.

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/cards/listCardTransactions
    """
    query: dict[str, str] = {}
    if direction is not None:
        query["direction"] = checks.choice("direction", direction, CardTransactionDirection)
    if from_ is not None:
        query["from"] = checks.timestamp("from_", from_)
    if to is not None:
        query["to"] = checks.timestamp("to", to)
    if first is not None:
        query["first"] = str(checks.integer("first", first, minimum=1, maximum=100))
    if after is not None:
        query["after"] = checks.text("after", after, min_length=1)

    headers: dict[str, str] = {}
    if request_id is not None:
        headers["X-Request-ID"] = checks.header("request_id", request_id, max_length=255)

    request = Request(
        path="/cards/" + checks.path_segment("id", id, "card_", max_length=255) + "/transactions",
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
    return await transport.send(LIST_CARD_TRANSACTIONS, request)
