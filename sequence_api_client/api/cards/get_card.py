"""getCard: Get a card."""

from __future__ import annotations

from ... import checks
from ...client import CheckedResource, Operation, Request, Transport
from ...models.card_response import CardResponse

GET_CARD: Operation[CardResponse] = Operation(
    id="getCard",
    method="GET",
    path="/cards/{id}",
    scope="READ_CARDS",
    resource=CheckedResource(
        location="server",
        hint="the account that the card is linked to",
        response=("data.account_id",),
    ),
    paginated=False,
    takes_idempotency_key=False,
    available=False,
    documentation="https://cartesio.getsequence.io/docs/cards/getCard",
    response=CardResponse,
    echoes=(("id", "data.id"),),
)


async def get_card(
    transport: Transport,
    /,
    id: str,
    *,
    request_id: str | None = None,
) -> CardResponse:
    """Get a card.

    One debit card.

    Needs the scope `READ_CARDS` on the account that the card is linked to. Coming soon: planned by the vendor and not yet available.

    Args:
        transport: What sends the request.
        id: The card's ID, `card_…`.
        request_id: An identifier of the caller's choice for this request; the server sends it back in its
            `X-Request-ID` header and in `request_id`. The server makes one when there is none.

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/cards/getCard
    """
    headers: dict[str, str] = {}
    if request_id is not None:
        headers["X-Request-ID"] = checks.header("request_id", request_id, max_length=255)

    request = Request(
        path="/cards/" + checks.path_segment("id", id, "card_", max_length=255),
        query={},
        headers=headers,
        content=None,
        arguments={
            "id": id,
        },
    )
    return await transport.send(GET_CARD, request)
