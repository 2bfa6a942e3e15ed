"""getTransfer: Get a transfer."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, Request, Terminal, checks

from ...contract import CONTRACT, ID_PREFIXES
from ...models.transfer_response import TransferResponse

if TYPE_CHECKING:
    from ...models.transfer import Transfer

GET_TRANSFER: Operation[TransferResponse, Transfer] = Operation(
    contract=CONTRACT,
    id="getTransfer",
    method="GET",
    path="/transfers/{id}",
    documentation="https://app.getsequence.io/api/platform/#tag/transfers",
    response=TransferResponse,
    data=attrgetter("data"),
    permission=Permission(
        scope="READ_TRANSFERS",
        location="server",
        hint="the transfer's source account or its destination account",
        response=("data.source.id", "data.destination.id"),
    ),
    echoes=(("id", "data.id"),),
    terminal=Terminal(succeeded=frozenset(["COMPLETE"]), failed=frozenset(["CANCELLED", "ERROR", "INCOMPLETE"])),
)


def get_transfer(
    id: str,
    *,
    called_reason: str | None = None,
) -> Call[TransferResponse, Transfer]:
    """Get a transfer.

    One transfer. Its source account or its destination account must be among the resources of the key's
    `READ_TRANSFERS`.

    Needs the scope `READ_TRANSFERS` on the transfer's source account or its destination account.

    Args:
        id: The transfer's ID.
        called_reason: Why the API is called, in a few words. The audit log keeps it as `reason`. Printable
            ASCII, as in any header. (Inferred: “printable ASCII”.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://app.getsequence.io/api/platform/#tag/transfers
    """
    headers: dict[str, str] = {}
    if called_reason is not None:
        headers["x-called-reason"] = checks.header("called_reason", called_reason)

    request = Request(
        operation="getTransfer",
        method="GET",
        path="/transfers/" + checks.path_segment("id", id, others=ID_PREFIXES, max_length=255),
        query={},
        headers=headers,
        content=None,
        arguments={
            "id": id,
        },
    )
    return Call(GET_TRANSFER, request)
