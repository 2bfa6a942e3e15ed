"""getAccount: Get an account."""

from __future__ import annotations

from ... import checks
from ...client import CheckedResource, Operation, Request, Transport
from ...models.account_response import AccountResponse

GET_ACCOUNT: Operation[AccountResponse] = Operation(
    id="getAccount",
    method="GET",
    path="/accounts/{id}",
    scope="READ_ACCOUNTS",
    resource=CheckedResource(
        location="path",
        name="id",
    ),
    paginated=False,
    takes_idempotency_key=False,
    available=True,
    documentation="https://cartesio.getsequence.io/docs/accounts/getAccount",
    response=AccountResponse,
    echoes=(("id", "data.id"),),
)


async def get_account(
    transport: Transport,
    /,
    id: str,
    *,
    request_id: str | None = None,
) -> AccountResponse:
    """Get an account.

    One account with its masked account details and its current balance.

    Needs the scope `READ_ACCOUNTS` on `id`.

    Args:
        transport: What sends the request.
        id: The account's ID, `acc_…`.
        request_id: An identifier of the caller's choice for this request; the server sends it back in its
            `X-Request-ID` header and in `request_id`. The server makes one when there is none.

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/accounts/getAccount
    """
    headers: dict[str, str] = {}
    if request_id is not None:
        headers["X-Request-ID"] = checks.header("request_id", request_id, max_length=255)

    request = Request(
        path="/accounts/" + checks.path_segment("id", id, "acc_", max_length=255),
        query={},
        headers=headers,
        content=None,
        arguments={
            "id": id,
        },
    )
    return await transport.send(GET_ACCOUNT, request)
