"""createTransfer: Create a transfer."""

from __future__ import annotations

from operator import attrgetter
from typing import TYPE_CHECKING

import msgspec

from sequence_runtime import Call, Operation, Permission, Request, checks

from ...contract import CONTRACT, ID_PREFIXES
from ...models.transfer_response import TransferResponse

if TYPE_CHECKING:
    from ...models.transfer import Transfer

CREATE_TRANSFER: Operation[TransferResponse, Transfer] = Operation(
    contract=CONTRACT,
    id="createTransfer",
    method="POST",
    path="/transfers",
    documentation="https://app.getsequence.io/api/platform/#tag/transfers",
    response=TransferResponse,
    data=attrgetter("data"),
    permission=Permission(
        scope="MANUAL_TRANSFER",
        location="body",
        source="source_account_id",
        target="destination_account_id",
        max_amount="amount_in_cents",
    ),
    idempotent=True,
    echoes=(
        ("source_account_id", "data.source.id"),
        ("destination_account_id", "data.destination.id"),
        ("amount_in_cents", "data.amount_in_cents"),
        ("simulation", "data.execution_mode"),
    ),
    makes="data.id",
)


def create_transfer(
    *,
    source_account_id: str,
    destination_account_id: str,
    amount_in_cents: int,
    description: str | None = None,
    simulation: bool | None = None,
    idempotency_key: str | None = None,
    called_reason: str | None = None,
) -> Call[TransferResponse, Transfer]:
    """Create a transfer.

    Makes an ACH transfer from one account to another, or simulates one. It is carried out after the response;
    getting the transfer tells how far it has come. The key needs an entry of `MANUAL_TRANSFER` whose `source`
    is `sourceAccountId` and whose `target` is `destinationAccountId`. If that entry has a `max_amount`, the
    amount must not be above it, or it gets a 403 with the code `MAXIMUM_AMOUNT_EXCEEDED`. An account that there
    is none of gets a 400.

    Needs the scope `MANUAL_TRANSFER` for `source_account_id`, `destination_account_id` and `amount_in_cents`.

    Args:
        source_account_id: The ID of the account that the money leaves.
        destination_account_id: The ID of the account that the money goes to.
        amount_in_cents: The amount in cents, a dollar at least. What the greatest amount is, is not documented.
            100 to 9007199254740991. (Inferred: its limits.)
        description: What the recipient's statement calls the payment. At most 10 characters, matching
            `^[a-zA-Z0-9 ]*$`.
        simulation: Whether no money is moved; money is, where this is not given.
        idempotency_key: A unique key that makes a repeat safe: for 24 hours, requests with the same key and body
            get the response to the first one, and nothing is done again. After that, it is as if the
            key were new. A UUID v4 is recommended. 1 to 36 characters, matching
            `^[A-Za-z0-9._:/|-]+$`.
        called_reason: Why the API is called, in a few words. The audit log keeps it as `reason`. Printable
            ASCII, as in any header. (Inferred: “printable ASCII”.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://app.getsequence.io/api/platform/#tag/transfers
    """
    headers: dict[str, str] = {}
    if idempotency_key is not None:
        headers["idempotency-key"] = checks.header(
            "idempotency_key", idempotency_key, max_length=36, pattern="^[A-Za-z0-9._:/|-]+$"
        )
    if called_reason is not None:
        headers["x-called-reason"] = checks.header("called_reason", called_reason)

    body: dict[str, object] = {
        "sourceAccountId": checks.resource_id(
            "source_account_id", source_account_id, others=ID_PREFIXES, max_length=255
        ),
        "destinationAccountId": checks.resource_id(
            "destination_account_id", destination_account_id, others=ID_PREFIXES, max_length=255
        ),
        "amountInCents": checks.integer("amount_in_cents", amount_in_cents, minimum=100, maximum=9007199254740991),
    }
    if description is not None:
        body["description"] = checks.text("description", description, max_length=10, pattern="^[a-zA-Z0-9 ]*$")
    if simulation is not None:
        body["simulation"] = checks.boolean("simulation", simulation)

    request = Request(
        operation="createTransfer",
        method="POST",
        path="/transfers",
        query={},
        headers=headers,
        content=msgspec.json.encode(body),
        arguments={
            "source_account_id": source_account_id,
            "destination_account_id": destination_account_id,
            "amount_in_cents": amount_in_cents,
            "description": description,
            "simulation": simulation,
        },
    )
    return Call(CREATE_TRANSFER, request)
