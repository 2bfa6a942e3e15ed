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
    documentation="https://cartesio.getsequence.io/docs/transfers/createTransfer",
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
    ),
)


def create_transfer(
    *,
    source_account_id: str,
    destination_account_id: str,
    amount_in_cents: int,
    description: str | None = None,
    idempotency_key: str | None = None,
    request_id: str | None = None,
) -> Call[TransferResponse, Transfer]:
    """Create a transfer.

    Makes a manual transfer from one account to another. It is carried out after the response; getting the
    transfer tells how far it has come. The key needs an entry of `MANUAL_TRANSFER` whose `source` is
    `source_account_id` and whose `target` is `destination_account_id`. If that entry has a `max_amount`, the
    amount must not be above it.

    Needs the scope `MANUAL_TRANSFER` for `source_account_id`, `destination_account_id` and `amount_in_cents`.

    Args:
        source_account_id: The ID of the account that the money leaves, `acc_…`.
        destination_account_id: The ID of the account that the money goes to, `acc_…`.
        amount_in_cents: The amount in cents, above zero and up to what JSON numbers hold exactly. The vendor's
            later API refuses less than 100. 1 to 9007199254740991. (Inferred: its name, its type, its
            limits.)
        description: A note about the transfer. (Inferred.)
        idempotency_key: A unique key that makes a repeat safe: for 24 hours, requests with the same key get the
            response to the first one, and nothing is done again. A UUID v4 is recommended. 1 to 36
            characters, matching `^[A-Za-z0-9._:/|-]+$`. (Inferred: its limits.)
        request_id: An identifier for this request, of the caller's choice. The response has it in the header
            `X-Request-ID` and in `request_id`. The server makes one where this is not given. 1 to 255
            characters. (Inferred: its limits.)

    Raises:
        ValueError: An argument cannot be sent; nothing was.

    Documentation: https://cartesio.getsequence.io/docs/transfers/createTransfer
    """
    headers: dict[str, str] = {}
    if idempotency_key is not None:
        headers["Idempotency-Key"] = checks.header(
            "idempotency_key", idempotency_key, max_length=36, pattern="^[A-Za-z0-9._:/|-]+$"
        )
    if request_id is not None:
        headers["X-Request-ID"] = checks.header("request_id", request_id, max_length=255)

    body: dict[str, object] = {
        "source_account_id": checks.resource_id(
            "source_account_id", source_account_id, "acc_", others=ID_PREFIXES, max_length=255
        ),
        "destination_account_id": checks.resource_id(
            "destination_account_id", destination_account_id, "acc_", others=ID_PREFIXES, max_length=255
        ),
        "amount_in_cents": checks.integer("amount_in_cents", amount_in_cents, minimum=1, maximum=9007199254740991),
    }
    if description is not None:
        body["description"] = checks.text("description", description)

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
        },
    )
    return Call(CREATE_TRANSFER, request)
