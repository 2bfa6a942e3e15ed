"""getExternalTransaction: Get an external transaction."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, Request, Terminal, checks

from ...contract import CONTRACT, ID_PREFIXES
from ...models.external_transaction_response import ExternalTransactionResponse

if TYPE_CHECKING:
    from ...models.external_transaction import ExternalTransaction

GET_EXTERNAL_TRANSACTION: Operation[ExternalTransactionResponse, ExternalTransaction] = Operation(
    contract=CONTRACT,
    id="getExternalTransaction",
    method="GET",
    path="/external-transactions/{id}",
    documentation="https://app.getsequence.io/api/platform/#tag/external-transactions",
    response=ExternalTransactionResponse,
    data=attrgetter("data"),
    permission=Permission(
        scope="READ_TRANSFERS",
        location="server",
        hint="the account that the transaction is of",
        response=("data.account_id",),
    ),
    echoes=(("id", "data.id"),),
    terminal=Terminal(succeeded=frozenset(["COMPLETE"]), failed=frozenset([])),
)


def get_external_transaction(
    id: str,
    *,
    called_reason: str | None = None,
) -> Call[ExternalTransactionResponse, ExternalTransaction]:
    """Get an external transaction.

    One external transaction. Its account must be among the resources of the key's `READ_TRANSFERS`.

    Needs the scope `READ_TRANSFERS` on the account that the transaction is of.

    Args:
        id: The external transaction's ID, which is not that of the institution.
        called_reason: Why the API is called, in a few words. The audit log keeps it as `reason`. Printable
            ASCII, as in any header. (Inferred: “printable ASCII”.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://app.getsequence.io/api/platform/#tag/external-transactions
    """
    headers: dict[str, str] = {}
    if called_reason is not None:
        headers["x-called-reason"] = checks.header("called_reason", called_reason)

    request = Request(
        operation="getExternalTransaction",
        method="GET",
        path="/external-transactions/" + checks.path_segment("id", id, others=ID_PREFIXES, max_length=255),
        query={},
        headers=headers,
        content=None,
        arguments={
            "id": id,
        },
    )
    return Call(GET_EXTERNAL_TRANSACTION, request)
