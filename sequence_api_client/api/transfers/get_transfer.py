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
    documentation="https://cartesio.getsequence.io/docs/transfers/getTransfer",
    response=TransferResponse,
    data=attrgetter("data"),
    permission=Permission(
        scope="READ_TRANSFERS",
        location="server",
        hint="the transfer's source account or its destination account",
        response=("data.source.id", "data.destination.id"),
    ),
    echoes=(("id", "data.id"),),
    terminal=Terminal(succeeded=frozenset(["complete"]), failed=frozenset(["cancelled", "error", "incomplete"])),
)


def get_transfer(
    id: str,
    *,
    request_id: str | None = None,
) -> Call[TransferResponse, Transfer]:
    """Get a transfer.

    One transfer. Its source account or its destination account must be among the resources of the key's
    `READ_TRANSFERS`.

    Needs the scope `READ_TRANSFERS` on the transfer's source account or its destination account.

    Args:
        id: The transfer's ID, `txr_…`.
        request_id: An identifier for this request, of the caller's choice. The response has it in the header
            `X-Request-ID` and in `request_id`. The server makes one where this is not given. 1 to 255
            characters. (Inferred: its limits.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/transfers/getTransfer
    """
    headers: dict[str, str] = {}
    if request_id is not None:
        headers["X-Request-ID"] = checks.header("request_id", request_id, max_length=255)

    request = Request(
        operation="getTransfer",
        method="GET",
        path="/transfers/" + checks.path_segment("id", id, "txr_", others=ID_PREFIXES, max_length=255),
        query={},
        headers=headers,
        content=None,
        arguments={
            "id": id,
        },
    )
    return Call(GET_TRANSFER, request)
