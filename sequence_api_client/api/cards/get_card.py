"""getCard: Get a card."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, Request, checks

from ...contract import CONTRACT, ID_PREFIXES
from ...models.card_response import CardResponse

if TYPE_CHECKING:
    from ...models.card import Card

GET_CARD: Operation[CardResponse, Card] = Operation(
    contract=CONTRACT,
    id="getCard",
    method="GET",
    path="/cards/{id}",
    documentation="https://cartesio.getsequence.io/docs/cards/getCard",
    response=CardResponse,
    data=attrgetter("data"),
    permission=Permission(
        scope="READ_CARDS",
        location="server",
        hint="the account that the card is linked to",
        response=("data.account_id",),
    ),
    available=False,
    echoes=(("id", "data.id"),),
)


def get_card(
    id: str,
    *,
    request_id: str | None = None,
) -> Call[CardResponse, Card]:
    """Get a card.

    One card. The account that it is linked to must be among the resources of the key's `READ_CARDS`. The
    documentation marks this endpoint as `v2`.

    Needs the scope `READ_CARDS` on the account that the card is linked to. Coming soon: planned by the vendor and not yet available.

    Args:
        id: The card's ID, `card_…`.
        request_id: An identifier for this request, of the caller's choice. The response has it in the header
            `X-Request-ID` and in `request_id`. The server makes one where this is not given. 1 to 255
            characters. (Inferred: its limits.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/cards/getCard
    """
    headers: dict[str, str] = {}
    if request_id is not None:
        headers["X-Request-ID"] = checks.header("request_id", request_id, max_length=255)

    request = Request(
        operation="getCard",
        method="GET",
        path="/cards/" + checks.path_segment("id", id, "card_", others=ID_PREFIXES, max_length=255),
        query={},
        headers=headers,
        content=None,
        arguments={
            "id": id,
        },
    )
    return Call(GET_CARD, request)
