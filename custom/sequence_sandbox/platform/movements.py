"""The platform API's operations on transfers, external transactions and card transactions."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Annotated

from msgspec import Meta, Struct
from starlette.responses import Response

from ..protocol import MAXIMUM_CENTS
from ..records import Transfer
from ..refusals import Refused, bad_request
from .identifiers import to_uuid
from .protocol import Call, internal, not_found
from .records import (
    is_deleted,
    origin,
    show_card_transaction,
    show_external_transaction,
    show_transfer,
)

ROLES = ("source", "destination", "either")
TRANSFER_DIRECTIONS = ("MONEY_IN", "MONEY_OUT", "INTERNAL")
DIRECTIONS = ("MONEY_IN", "MONEY_OUT")
ORIGINS = ("DIRECT_DEPOSIT", "CHECK_DEPOSIT", "CASHBACK", "USER_PULL", "RULE", "USER", "EXTERNAL_PULL")
STATUSES = ("PENDING_APPROVAL", "PROCESSING", "PENDING", "COMPLETE", "INCOMPLETE", "ERROR", "CANCELLED")
EXTERNAL_STATUSES = ("PENDING", "COMPLETE")
MODES = ("ALL", "LIVE", "SIMULATION")
LEAST = 100
"""Cents."""


class NewTransfer(Struct, rename="camel"):
    """The body of createTransfer."""

    source_account_id: Annotated[str, Meta(min_length=1, max_length=255)]
    destination_account_id: Annotated[str, Meta(min_length=1, max_length=255)]
    amount_in_cents: Annotated[int, Meta(ge=LEAST, le=MAXIMUM_CENTS)]
    description: Annotated[str, Meta(max_length=10, pattern=r"^[a-zA-Z0-9 ]*\Z")] | None = ""
    simulation: bool = False


def mode_filter(call: Call) -> Callable[[bool], bool]:
    """Whether to keep what is simulated or what is not, by the parameter `executionMode`."""
    wanted = call.choice("executionMode", MODES, "LIVE")
    return lambda is_simulated: wanted == "ALL" or (wanted == "SIMULATION") == is_simulated


def list_account_transfers(call: Call) -> Response:
    identifier, role = call.path("accountId"), call.choice("accountRole", ROLES, "either")
    keep = _filter(call)
    call.grants.require("READ_TRANSFERS", [identifier])
    account_id = internal(identifier, "acc")
    if account_id is None or account_id not in call.organization.accounts:
        raise not_found("ACCOUNT", identifier)

    def has_role(one: Transfer) -> bool:
        side = one.source if role == "source" else one.destination
        return role == "either" or (side is not None and side["id"] == account_id)

    return _page(call, [account_id], lambda one: keep(one) and has_role(one))


def list_transfers(call: Call) -> Response:
    identifiers, keep = call.uuids("accountIds"), _filter(call)
    call.grants.require_each("READ_TRANSFERS", identifiers)
    return _page(call, _accounts(identifiers), keep)


def get_transfer(call: Call) -> Response:
    identifier = call.path("id")
    call.grants.require("READ_TRANSFERS")
    transfer = call.organization.transfers.get(internal(identifier, "txr") or "")
    if transfer is None or call.settings.is_late(transfer.id):
        raise not_found("TRANSFER", identifier)
    call.grants.require("READ_TRANSFERS", map(to_uuid, transfer.account_ids))
    return call.response(show_transfer(call.organization, transfer))


def create_transfer(call: Call) -> Response:
    body, organization = call.members(NewTransfer), call.organization
    if body.description is None:
        raise bad_request("Member 'description' must be a string.")
    route = {
        "source": body.source_account_id,
        "target": body.destination_account_id,
        "max_amount": body.amount_in_cents,
    }
    call.grants.require_some("MANUAL_TRANSFER", [route])
    ends = [internal(one, "acc") or "" for one in (body.source_account_id, body.destination_account_id)]
    for account_id, side in zip(ends, ("SOURCE", "DESTINATION"), strict=True):
        if account_id not in organization.accounts or is_deleted(organization, account_id):
            raise Refused(400, f"TRANSFER_{side}_NOT_FOUND", f"The {side.lower()} account was not found.")
    source_id, target_id = ends
    call.grants.require_transfer(to_uuid(source_id), to_uuid(target_id), body.amount_in_cents)
    if source_id == target_id:
        raise bad_request("The source and the destination must be different accounts.")
    for account_id, side in zip(ends, ("source", "destination"), strict=True):
        if not organization.accounts[account_id][f"can_be_{side}"]:
            raise bad_request(f"Account with ID '{to_uuid(account_id)}' cannot be the {side} of a transfer.")
    transfer = organization.create_transfer(
        source_id,
        target_id,
        body.amount_in_cents,
        at=call.now,
        description=body.description or None,
        is_simulated=body.simulation,
    )
    call.settings.made(transfer.id)
    return call.response(show_transfer(organization, transfer), status=201)


def list_external_transactions(call: Call) -> Response:
    identifiers = call.uuids("accountIds")
    direction, status = call.choice("direction", DIRECTIONS), call.choice("status", EXTERNAL_STATUSES)
    start, end, window = call.window()
    call.grants.require_each("READ_TRANSFERS", identifiers)
    found = call.organization.external_transactions.select(_accounts(identifiers), start=start, end=end)
    kept = (one for one in found if direction in {None, one.direction.upper()} and status in {None, one.status.upper()})
    return call.page(kept, show_external_transaction, window)


def get_external_transaction(call: Call) -> Response:
    identifier = call.path("id")
    call.grants.require("READ_TRANSFERS")
    one = call.organization.external_transactions.get(internal(identifier, "etxr") or "")
    if one is None:
        raise not_found("EXTERNAL_TRANSACTION", identifier)
    call.grants.require("READ_TRANSFERS", [to_uuid(one.account_id)])
    return call.response(show_external_transaction(one))


def list_card_transactions(call: Call) -> Response:
    identifier, card_id = call.uuid("accountId", required=True) or "", internal(call.uuid("cardId"), "card")
    start, end = call.moment("from"), call.moment("to")
    call.grants.require("READ_TRANSFERS", [identifier])
    found = call.organization.card_transactions.select(_accounts([identifier]), start=start, end=end)
    show = functools.partial(show_card_transaction, call.organization)
    return call.page((one for one in found if card_id in {None, one.card_id}), show)


def get_card_transaction(call: Call) -> Response:
    identifier = call.path("id")
    call.grants.require("READ_TRANSFERS")
    one = call.organization.card_transactions.get(internal(identifier, "ctxr") or "")
    if one is None:
        raise not_found("CARD_TRANSACTION", identifier)
    call.grants.require("READ_TRANSFERS", [to_uuid(one.account_id)])
    return call.response(show_card_transaction(call.organization, one))


def _filter(call: Call) -> Callable[[Transfer], bool]:
    direction, its_origin = call.choice("direction", TRANSFER_DIRECTIONS), call.choice("origin", ORIGINS)
    status, is_wanted = call.choice("status", STATUSES), mode_filter(call)
    execution = internal(call.uuid("ruleExecutionId") or call.uuid("rule_execution_id"), "rex")

    def keep(one: Transfer) -> bool:
        return (
            is_wanted(one.is_simulated)
            and direction in {None, one.direction.upper()}
            and its_origin in {None, origin(one)}
            and status in {None, one.status.upper()}
            and execution in {None, one.rule_execution_id}
        )

    return keep


def _page(call: Call, account_ids: Iterable[str], keep: Callable[[Transfer], bool]) -> Response:
    found = call.organization.transfers.select(account_ids, start=call.moment("from"), end=call.moment("to"))
    return call.page(filter(keep, found), functools.partial(show_transfer, call.organization))


def _accounts(identifiers: Iterable[str]) -> list[str]:
    return [internal(one, "acc") or "" for one in identifiers]
