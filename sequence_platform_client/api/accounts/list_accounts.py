"""listAccounts: List accounts."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, QueryValue, Request, checks

from ...contract import CONTRACT, NUMBERED_PAGES
from ...models.account_list import AccountList
from ...models.account_state import AccountState
from ...models.account_type import AccountType

if TYPE_CHECKING:
    from ...models.account_summary import AccountSummary

LIST_ACCOUNTS: Operation[AccountList, list[AccountSummary]] = Operation(
    contract=CONTRACT,
    id="listAccounts",
    method="GET",
    path="/accounts",
    documentation="https://app.getsequence.io/api/platform/#tag/accounts",
    response=AccountList,
    data=attrgetter("data.items"),
    permission=Permission(scope="READ_ACCOUNTS", location="server", hint="any account", response=()),
    pages=NUMBERED_PAGES,
)


def list_accounts(
    *,
    type: AccountType | str | None = None,
    state: AccountState | str | None = None,
    page: int | None = None,
    page_size: int | None = None,
    called_reason: str | None = None,
) -> Call[AccountList, list[AccountSummary]]:
    """List accounts.

    All accounts of the organization - income sources, pods and external accounts - in short, or those of one
    type. The list is not narrowed to the accounts that the key's `READ_ACCOUNTS` covers, and has no balances
    and no account numbers. In which order it is, is not documented.

    Needs the scope `READ_ACCOUNTS` on any account.

    Args:
        type: Keep accounts of this type only.
        state: Whether deleted accounts are left out, which is so where this is not given.
        page: Which page, counted from 1; the first one where this is not given. At least 1.
        page_size: How many results a page holds; 10 where this is not given, and at most 100. 1 to 100.
        called_reason: Why the API is called, in a few words. The audit log keeps it as `reason`. Printable
            ASCII, as in any header. (Inferred: “printable ASCII”.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://app.getsequence.io/api/platform/#tag/accounts
    """
    query: dict[str, QueryValue] = {}
    if type is not None:
        query["type"] = checks.choice("type", type, AccountType)
    if state is not None:
        query["state"] = checks.choice("state", state, AccountState)
    if page is not None:
        query["page"] = str(checks.integer("page", page, minimum=1))
    if page_size is not None:
        query["pageSize"] = str(checks.integer("page_size", page_size, minimum=1, maximum=100))

    headers: dict[str, str] = {}
    if called_reason is not None:
        headers["x-called-reason"] = checks.header("called_reason", called_reason)

    request = Request(
        operation="listAccounts",
        method="GET",
        path="/accounts",
        query=query,
        headers=headers,
        content=None,
        arguments={
            "type": type,
            "state": state,
            "page": page,
            "page_size": page_size,
        },
    )
    return Call(LIST_ACCOUNTS, request)
