"""createAccount: Create an account."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec

from sequence_runtime import Call, Operation, Permission, Request, checks

from ...contract import CONTRACT, ID_PREFIXES
from ...models.account_response import AccountResponse
from ...models.new_account_type import NewAccountType

if TYPE_CHECKING:
    from ...models.account import Account

CREATE_ACCOUNT: Operation[AccountResponse, Account] = Operation(
    contract=CONTRACT,
    id="createAccount",
    method="POST",
    path="/accounts",
    documentation="https://app.getsequence.io/api/platform/#tag/accounts",
    response=AccountResponse,
    data=attrgetter("data"),
    permission=Permission(
        scope="CREATE_ACCOUNTS",
        location="organization",
        otherwise="the beneficiary is of another organization, or is not verified",
    ),
    echoes=(("type", "data.type"), ("name", "data.name")),
)


def create_account(
    *,
    type: NewAccountType | str,
    name: str,
    icon: str | None = None,
    beneficiary_id: str | None = None,
    savings_target_in_cents: int | None = None,
    called_reason: str | None = None,
) -> Call[AccountResponse, Account]:
    """Create an account.

    Makes a pod or an income source, whose balance is zero at first. Its owner is a beneficiary of the
    organization whose identity is verified, the default one where none is given; another owner gets a 403, and
    an unknown one a 400. A name that an account of the same type has gets a 400. There is no idempotency key.

    Needs the scope `CREATE_ACCOUNTS`.

    Args:
        type: The kinds of account that can be created.
        name: Its name, of letters, digits, spaces and hyphens. No other account of the same type may
            have it. How long it may be is not documented. (Inferred: its limits.)
        icon: An emoji; where there is none, the server chooses one.
        beneficiary_id: The ID of its owner, for good; the organization's default beneficiary where it is not
            given.
        savings_target_in_cents: How much is to be saved, in cents. For pods alone. 0 to 9007199254740991. (Inferred: its
            limits.)
        called_reason: Why the API is called, in a few words. The audit log keeps it as `reason`. Printable
            ASCII, as in any header. (Inferred: “printable ASCII”.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://app.getsequence.io/api/platform/#tag/accounts
    """
    headers: dict[str, str] = {}
    if called_reason is not None:
        headers["x-called-reason"] = checks.header("called_reason", called_reason)

    body: dict[str, object] = {
        "type": checks.choice("type", type, NewAccountType),
        "name": checks.text("name", name, min_length=1),
    }
    if icon is not None:
        body["icon"] = checks.text("icon", icon)
    if beneficiary_id is not None:
        body["beneficiaryId"] = checks.resource_id("beneficiary_id", beneficiary_id, others=ID_PREFIXES, max_length=255)
    if savings_target_in_cents is not None:
        body["savingsTargetInCents"] = checks.integer(
            "savings_target_in_cents", savings_target_in_cents, minimum=0, maximum=9007199254740991
        )

    request = Request(
        operation="createAccount",
        method="POST",
        path="/accounts",
        query={},
        headers=headers,
        content=msgspec.json.encode(body),
        arguments={
            "type": type,
            "name": name,
            "icon": icon,
            "beneficiary_id": beneficiary_id,
            "savings_target_in_cents": savings_target_in_cents,
        },
    )
    return Call(CREATE_ACCOUNT, request)
