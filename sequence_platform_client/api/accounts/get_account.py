"""getAccount: Get an account."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

from sequence_runtime import Call, Operation, Permission, Request, checks

from ...contract import CONTRACT, ID_PREFIXES
from ...models.account_response import AccountResponse

if TYPE_CHECKING:
    from ...models.account import Account

GET_ACCOUNT: Operation[AccountResponse, Account] = Operation(
    contract=CONTRACT,
    id="getAccount",
    method="GET",
    path="/accounts/{id}",
    documentation="https://app.getsequence.io/api/platform/#tag/accounts",
    response=AccountResponse,
    data=attrgetter("data"),
    permission=Permission(scope="READ_ACCOUNTS", location="path", name="id"),
    echoes=(("id", "data.id"),),
)


def get_account(
    id: str,
    *,
    called_reason: str | None = None,
) -> Call[AccountResponse, Account]:
    """Get an account.

    One account in full, with its account numbers and its balance. It must be among the resources of the key's
    `READ_ACCOUNTS`.

    Needs the scope `READ_ACCOUNTS` on `id`.

    Args:
        id: The account's ID.
        called_reason: Why the API is called, in a few words. The audit log keeps it as `reason`. Printable
            ASCII, as in any header. (Inferred: “printable ASCII”.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://app.getsequence.io/api/platform/#tag/accounts
    """
    headers: dict[str, str] = {}
    if called_reason is not None:
        headers["x-called-reason"] = checks.header("called_reason", called_reason)

    request = Request(
        operation="getAccount",
        method="GET",
        path="/accounts/" + checks.path_segment("id", id, others=ID_PREFIXES, max_length=255),
        query={},
        headers=headers,
        content=None,
        arguments={
            "id": id,
        },
    )
    return Call(GET_ACCOUNT, request)
