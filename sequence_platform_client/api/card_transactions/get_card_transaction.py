"""getCardTransaction: Get a card transaction."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, Request, checks

from ...contract import CONTRACT, ID_PREFIXES
from ...models.card_transaction_response import CardTransactionResponse

if TYPE_CHECKING:
    from ...models.card_transaction import CardTransaction

GET_CARD_TRANSACTION: Operation[CardTransactionResponse, CardTransaction] = Operation(
    contract=CONTRACT,
    id="getCardTransaction",
    method="GET",
    path="/card-transactions/{id}",
    documentation="https://app.getsequence.io/api/platform/#tag/card-transactions",
    response=CardTransactionResponse,
    data=attrgetter("data"),
    permission=Permission(
        scope="READ_TRANSFERS",
        location="server",
        hint="the pod that paid the transaction, or that it was paid to",
        response=("data.account.id",),
    ),
    echoes=(("id", "data.id"),),
)


def get_card_transaction(
    id: str,
    *,
    called_reason: str | None = None,
) -> Call[CardTransactionResponse, CardTransaction]:
    """Get a card transaction.

    One settled card transaction. The pod that paid it, or that it was paid to, must be among the resources of
    the key's `READ_TRANSFERS`.

    Needs the scope `READ_TRANSFERS` on the pod that paid the transaction, or that it was paid to.

    Args:
        id: The card transaction's ID.
        called_reason: Why the API is called, in a few words. The audit log keeps it as `reason`. Printable
            ASCII, as in any header. (Inferred: “printable ASCII”.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://app.getsequence.io/api/platform/#tag/card-transactions
    """
    headers: dict[str, str] = {}
    if called_reason is not None:
        headers["x-called-reason"] = checks.header("called_reason", called_reason)

    request = Request(
        operation="getCardTransaction",
        method="GET",
        path="/card-transactions/" + checks.path_segment("id", id, others=ID_PREFIXES, max_length=255),
        query={},
        headers=headers,
        content=None,
        arguments={
            "id": id,
        },
    )
    return Call(GET_CARD_TRANSACTION, request)
