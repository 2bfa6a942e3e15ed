"""The platform API's operations on accounts, on beneficiaries, and on the audit log."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct
from starlette.responses import Response

from ..documented import Json
from ..protocol import MAXIMUM_CENTS
from ..refusals import bad_request, forbidden
from .protocol import Call, internal, not_found
from .records import (
    account,
    action,
    is_deleted,
    show_account,
    show_account_summary,
    show_beneficiary,
    show_log_entry,
)

ACCOUNT_TYPES = ("INCOME_SOURCE", "POD", "EXTERNAL_ACCOUNT")
ACCOUNT_STATES = ("ACTIVE", "ALL")
LOGGED_ACTIONS = (
    "GET_ACCOUNT", "LIST_ACCOUNTS", "LIST_BENEFICIARIES", "LIST_TRANSFERS", "GET_TRANSFER", "CREATE_TRANSFER",
    "TRIGGER_RULE", "LIST_RULES", "GET_RULE", "LIST_RULE_EXECUTIONS", "GET_RULE_EXECUTION",
)  # fmt: skip
LONGEST_NAME, LONGEST_ICON = 100, 16


class NewAccount(Struct, rename="camel"):
    """The body of createAccount."""

    type: Literal["POD", "INCOME_SOURCE"]
    name: Annotated[str, Meta(min_length=1)]
    icon: str | None = None
    beneficiary_id: Annotated[str, Meta(min_length=1, max_length=255)] | None = None
    savings_target_in_cents: Annotated[int, Meta(ge=0, le=MAXIMUM_CENTS)] | None = None


def list_accounts(call: Call) -> Response:
    kind = call.choice("type", ACCOUNT_TYPES)
    state = call.choice("state", ACCOUNT_STATES, "ACTIVE")
    call.grants.require("READ_ACCOUNTS")
    organization = call.organization
    accounts = [account(organization, account_id) for account_id in organization.accounts]
    kept = [
        one
        for one in accounts
        if kind in {None, one["type"].upper()} and (state == "ALL" or one.get("deleted_at") is None)
    ]
    return call.page(sorted(kept, key=_created, reverse=True), show_account_summary)


def get_account(call: Call) -> Response:
    identifier = call.path("id")
    call.grants.require("READ_ACCOUNTS", [identifier])
    account_id = internal(identifier, "acc")
    if account_id is None or account_id not in call.organization.accounts:
        raise not_found("ACCOUNT", identifier)
    return call.response(show_account(account(call.organization, account_id)))


def create_account(call: Call) -> Response:
    body, organization = call.members(NewAccount), call.organization
    call.grants.require("CREATE_ACCOUNTS")
    if len(body.name) > LONGEST_NAME or not all(one.isalnum() or one in " -" for one in body.name):
        raise bad_request(f"A name has letters, digits, spaces and hyphens, and up to {LONGEST_NAME} of them.")
    if body.icon is not None and (not 1 <= len(body.icon) <= LONGEST_ICON or body.icon.isascii()):
        raise bad_request("An icon is one emoji.")
    if body.savings_target_in_cents is not None and body.type != "POD":
        raise bad_request("Only a pod can have a savings target.")
    beneficiary = _beneficiary(call, body.beneficiary_id)
    same = [
        one
        for one in organization.accounts.values()
        if (one["type"].upper(), one["name"]) == (body.type, body.name) and not is_deleted(organization, one["id"])
    ]
    if same:
        raise bad_request("There is an account of this type with this name.")
    account_id = organization.create_account(
        body.type.lower(), body.name, beneficiary=beneficiary["name"], savings_target=body.savings_target_in_cents
    )
    return call.response(show_account(account(organization, account_id)), status=201)


def list_beneficiaries(call: Call) -> Response:
    verified = [one for one in call.organization.beneficiaries.values() if one["is_verified"]]
    return call.page(verified, show_beneficiary)


def list_audit_logs(call: Call) -> Response:
    key_id, wanted = internal(call.uuid("apiKeyId"), "key"), call.choice("action", LOGGED_ACTIONS)
    start, end, window = call.window()
    call.grants.require("READ_AUDIT_LOGS")
    entries = call.organization.log.select(["*" if key_id is None else key_id], start=start, end=end)
    return call.page((one for one in entries if wanted in {None, action(one)}), show_log_entry, window)


def _beneficiary(call: Call, uuid: str | None) -> Json:
    beneficiaries = call.organization.beneficiaries
    found = beneficiaries.get(internal(uuid, "ben") or "") if uuid else next(iter(beneficiaries.values()))
    if found is None:
        raise bad_request(f"Beneficiary with ID '{uuid}' was not found.")
    if not found["is_verified"]:
        raise forbidden()
    return found


def _created(one: Json) -> str:
    return str(one["created_at"])
