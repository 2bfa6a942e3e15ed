"""getTransfer: Get a transfer."""

from __future__ import annotations

from ... import checks
from ...client import CheckedResource, Operation, Request, Transport
from ...models.transfer_response import TransferResponse

GET_TRANSFER: Operation[TransferResponse] = Operation(
    id="getTransfer",
    method="GET",
    path="/transfers/{id}",
    scope="READ_TRANSFERS",
    resource=CheckedResource(
        location="server",
        hint="the transfer's source account or its destination account",
        response=("data.source.id", "data.destination.id"),
    ),
    paginated=False,
    takes_idempotency_key=False,
    available=True,
    documentation="https://cartesio.getsequence.io/docs/transfers/getTransfer",
    response=TransferResponse,
    echoes=(("id", "data.id"),),
)


async def get_transfer(
    transport: Transport,
    /,
    id: str,
    *,
    request_id: str | None = None,
) -> TransferResponse:
    """Get a transfer.

    One transfer. The key has to list its source account or its destination account.

    Needs the scope `READ_TRANSFERS` on the transfer's source account or its destination account.

    Args:
        transport: What sends the request.
        id: The transfer's ID, `txr_…`.
        request_id: An identifier of the caller's choice for this request; the server sends it back in its
            `X-Request-ID` header and in `request_id`. The server makes one when there is none.

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/transfers/getTransfer
    """
    headers: dict[str, str] = {}
    if request_id is not None:
        headers["X-Request-ID"] = checks.header("request_id", request_id, max_length=255)

    request = Request(
        path="/transfers/" + checks.path_segment("id", id, "txr_", max_length=255),
        query={},
        headers=headers,
        content=None,
        arguments={
            "id": id,
        },
    )
    return await transport.send(GET_TRANSFER, request)
