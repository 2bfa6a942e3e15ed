"""listAccounts: List accounts."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, Request, checks

from ...contract import CONTRACT
from ...models.account_list import AccountList
from ...models.account_type import AccountType

if TYPE_CHECKING:
    from ...models.account_summary import AccountSummary

LIST_ACCOUNTS: Operation[AccountList, list[AccountSummary]] = Operation(
    contract=CONTRACT,
    id="listAccounts",
    method="GET",
    path="/accounts",
    documentation="https://cartesio.getsequence.io/docs/accounts/listAccounts",
    response=AccountList,
    data=attrgetter("data"),
    permission=Permission(
        scope="LIST_ACCOUNTS",
        location="none",
    ),
)


def list_accounts(
    *,
    type: AccountType | str | None = None,
    request_id: str | None = None,
) -> Call[AccountList, list[AccountSummary]]:
    """List accounts.

    All accounts of the organization, of one type or of every type. Balances are not part of the list.

    Needs the scope `LIST_ACCOUNTS`.

    Args:
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
        operation="listAccounts",
        method="GET",
        path="/accounts",
        query=query,
        headers=headers,
        content=None,
        arguments={
            "type": type,
        },
    )
    return Call(LIST_ACCOUNTS, request)
