"""listAccounts: List accounts."""

from __future__ import annotations

from ... import checks
from ...client import CheckedResource, Operation, Request, Transport
from ...models.account_list import AccountList
from ...models.account_type import AccountType

LIST_ACCOUNTS: Operation[AccountList] = Operation(
    id="listAccounts",
    method="GET",
    path="/accounts",
    scope="LIST_ACCOUNTS",
    resource=CheckedResource(
        location="none",
    ),
    paginated=False,
    takes_idempotency_key=False,
    available=True,
    documentation="https://cartesio.getsequence.io/docs/accounts/listAccounts",
    response=AccountList,
)


async def list_accounts(
    transport: Transport,
    /,
    *,
    type: AccountType | str | None = None,
    request_id: str | None = None,
) -> AccountList:
    """List accounts.

    All accounts of the organization, of one type or of every type. Balances are not part of the list.

    Needs the scope `LIST_ACCOUNTS`.

    Args:
        transport: What sends the request.
        type: Keep accounts of this type only.
        request_id: An identifier of the caller's choice for this request; the server sends it back in its
            `X-Request-ID` header and in `request_id`. The server makes one when there is none.

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/accounts/listAccounts
    """
    query: dict[str, str] = {}
    if type is not None:
        query["type"] = checks.choice("type", type, AccountType)

    headers: dict[str, str] = {}
    if request_id is not None:
        headers["X-Request-ID"] = checks.header("request_id", request_id, max_length=255)

    request = Request(
        path="/accounts",
        query=query,
        headers=headers,
        content=None,
        arguments={
            "type": type,
        },
    )
    return await transport.send(LIST_ACCOUNTS, request)
