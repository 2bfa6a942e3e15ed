"""listCards: List cards."""

from __future__ import annotations

from ... import checks
from ...client import CheckedResource, Operation, Request, Transport
from ...models.card_list import CardList
from ...models.card_status import CardStatus
from ...models.card_type import CardType

LIST_CARDS: Operation[CardList] = Operation(
    id="listCards",
    method="GET",
    path="/cards",
    scope="READ_CARDS",
    resource=CheckedResource(
        location="query",
        name="account_id",
    ),
    paginated=False,
    takes_idempotency_key=False,
    available=False,
    documentation="https://cartesio.getsequence.io/docs/cards/listCards",
    response=CardList,
    echoes=(("account_id", "data[].account_id"),),
)


async def list_cards(
    transport: Transport,
    /,
    *,
    account_id: str,
    status: CardStatus | str | None = None,
    type: CardType | str | None = None,
    request_id: str | None = None,
) -> CardList:
    """List cards.

    The debit cards that spend from one pod.

    Needs the scope `READ_CARDS` on `account_id`. Coming soon: planned by the vendor and not yet available.

    Args:
        transport: What sends the request.
        account_id: The ID of the pod whose cards are listed, `acc_…`.
        status: Keep cards of this status only.
        type: Keep cards of this type only.
        request_id: An identifier of the caller's choice for this request; the server sends it back in its
            `X-Request-ID` header and in `request_id`. The server makes one when there is none.

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/cards/listCards
    """
    query: dict[str, str] = {
        "account_id": checks.resource_id("account_id", account_id, "acc_", max_length=255),
    }
    if status is not None:
        query["status"] = checks.choice("status", status, CardStatus)
    if type is not None:
        query["type"] = checks.choice("type", type, CardType)

    headers: dict[str, str] = {}
    if request_id is not None:
        headers["X-Request-ID"] = checks.header("request_id", request_id, max_length=255)

    request = Request(
        path="/cards",
        query=query,
        headers=headers,
        content=None,
        arguments={
            "account_id": account_id,
            "status": status,
            "type": type,
        },
    )
    return await transport.send(LIST_CARDS, request)
