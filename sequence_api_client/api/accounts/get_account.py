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
    documentation="https://cartesio.getsequence.io/docs/accounts/getAccount",
    response=AccountResponse,
    data=attrgetter("data"),
    permission=Permission(scope="READ_ACCOUNTS", location="path", name="id"),
    echoes=(("id", "data.id"),),
)


def get_account(
    id: str,
    *,
    request_id: str | None = None,
) -> Call[AccountResponse, Account]:
    """Get an account.

    One account in full, with its masked account details and its current balance. It must be among the resources
    of the key's `READ_ACCOUNTS`.

    Needs the scope `READ_ACCOUNTS` on `id`.

    Args:
        id: The account's ID, `acc_…`.
        request_id: An identifier for this request, of the caller's choice. The response has it in the header
            `X-Request-ID` and in `request_id`. The server makes one where this is not given. 1 to 255
            characters. (Inferred: its limits.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/accounts/getAccount
    """
    headers: dict[str, str] = {}
    if request_id is not None:
        headers["X-Request-ID"] = checks.header("request_id", request_id, max_length=255)

    request = Request(
        operation="getAccount",
        method="GET",
        path="/accounts/" + checks.path_segment("id", id, "acc_", others=ID_PREFIXES, max_length=255),
        query={},
        headers=headers,
        content=None,
        arguments={
            "id": id,
        },
    )
    return Call(GET_ACCOUNT, request)
