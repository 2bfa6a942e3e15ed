"""listCards: List cards."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, QueryValue, Request, checks

from ...contract import CONTRACT, ID_PREFIXES
from ...models.card_list import CardList
from ...models.card_status import CardStatus
from ...models.card_type import CardType

if TYPE_CHECKING:
    from ...models.card import Card

LIST_CARDS: Operation[CardList, list[Card]] = Operation(
    contract=CONTRACT,
    id="listCards",
    method="GET",
    path="/cards",
    documentation="https://cartesio.getsequence.io/docs/cards/listCards",
    response=CardList,
    data=attrgetter("data"),
    permission=Permission(scope="READ_CARDS", location="query", name="account_id"),
    available=False,
    echoes=(("account_id", "data[].account_id"),),
)


def list_cards(
    *,
    account_id: str,
    status: CardStatus | str | None = None,
    type: CardType | str | None = None,
    request_id: str | None = None,
) -> Call[CardList, list[Card]]:
    """List cards.

    Debit cards of the organization. `account_id` is required, and must be among the resources of the key's
    `READ_CARDS`.

    Needs the scope `READ_CARDS` on `account_id`. Coming soon: planned by the vendor and not yet available.

    Args:
        account_id: The ID of the pod whose cards are listed, `acc_…`. It must be among the resources of the
            key's `READ_CARDS`.
        status: Keep cards of this status only.
        type: Keep cards of this type only.
        request_id: An identifier for this request, of the caller's choice. The response has it in the header
            `X-Request-ID` and in `request_id`. The server makes one where this is not given. 1 to 255
            characters. (Inferred: its limits.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/cards/listCards
    """
    query: dict[str, QueryValue] = {
        "account_id": checks.resource_id("account_id", account_id, "acc_", others=ID_PREFIXES, max_length=255),
    }
    if status is not None:
        query["status"] = checks.choice("status", status, CardStatus)
    if type is not None:
        query["type"] = checks.choice("type", type, CardType)

    headers: dict[str, str] = {}
    if request_id is not None:
        headers["X-Request-ID"] = checks.header("request_id", request_id, max_length=255)

    request = Request(
        operation="listCards",
        method="GET",
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
    return Call(LIST_CARDS, request)
