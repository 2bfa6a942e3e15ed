"""listAccounts: List accounts."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, QueryValue, Request, checks

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
    permission=Permission(scope="LIST_ACCOUNTS", location="none"),
)


def list_accounts(
    *,
    type: AccountType | str | None = None,
    request_id: str | None = None,
) -> Call[AccountList, list[AccountSummary]]:
    """List accounts.

    All accounts of the organization - income sources, pods and external accounts - or those of one type.
    Balances and account details are not part of the list.

    Needs the scope `LIST_ACCOUNTS`.

    Args:
        type: Keep accounts of this type only.
        request_id: An identifier for this request, of the caller's choice. The response has it in the header
            `X-Request-ID` and in `request_id`. The server makes one where this is not given. 1 to 255
            characters. (Inferred: its limits.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/accounts/listAccounts
    """
    query: dict[str, QueryValue] = {}
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
