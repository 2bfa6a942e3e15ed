"""The operations: for each a check of the key's permissions, the filters that the documentation names, an answer."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from .documented import Json
from .keys import Key
from .protocol import Query, Refused, answer, api_key, created_between, not_found, page

if TYPE_CHECKING:
    from .sandbox import Sandbox

Handler = Callable[["Sandbox", Request, Key], Response]

ACCOUNT_TYPES = ("income_source", "pod", "external_account")
CARD_STATUSES = ("active", "inactive", "frozen", "stolen", "lost")
CARD_TYPES = ("virtual", "physical")
CARD_TRANSACTION_DIRECTIONS = ("debit", "credit")
ACCOUNT_ROLES = ("source", "destination", "either")
TRANSFER_DIRECTIONS = ("money_in", "money_out", "internal")
TRANSFER_ORIGINS = ("paycheck", "check_deposit", "cashback", "user_pull", "rule", "user", "external_pull")
TRANSFER_STATUSES = ("pending_approval", "processing", "pending", "complete", "incomplete", "error", "cancelled")
RULE_EXECUTION_STATUSES = ("in_progress", "executed", "partial", "failed")
RULE_EXECUTION_TRIGGER_TYPES = ("manual", "scheduled", "on_funds_transferred")

RULE_SUMMARY = ("id", "nickname", "description", "status")
RULE_EXECUTION_SUMMARY = ("id", "rule_id", "rule_name", "trigger_type", "status", "created_at")


def list_accounts(sandbox: Sandbox, request: Request, key: Key) -> Response:
    key.require("LIST_ACCOUNTS")
    wanted = Query(request).choice("type", ACCOUNT_TYPES)
    return answer(request, [one for one in sandbox.data.accounts.values() if wanted in {None, one["type"]}])


def get_account(sandbox: Sandbox, request: Request, key: Key) -> Response:
    identifier = request.path_params["id"]
    key.require("READ_ACCOUNTS", [identifier])
    account = _found("Account", identifier, sandbox.data.accounts)
    return answer(request, {**account, **sandbox.data.account_details[identifier]})


def list_cards(sandbox: Sandbox, request: Request, key: Key) -> Response:
    query = Query(request)
    wanted = {
        "account_id": query.required("account_id"),
        "status": query.choice("status", CARD_STATUSES),
        "type": query.choice("type", CARD_TYPES),
    }
    key.require("READ_CARDS", [query.required("account_id")])
    return answer(request, [card for card in sandbox.data.cards.values() if _has(card, wanted)])


def get_card(sandbox: Sandbox, request: Request, key: Key) -> Response:
    return answer(request, _readable_card(sandbox, request, key))


def list_card_transactions(sandbox: Sandbox, request: Request, key: Key) -> Response:
    query = Query(request)
    wanted = {
        "card_id": _readable_card(sandbox, request, key)["id"],
        "direction": query.choice("direction", CARD_TRANSACTION_DIRECTIONS),
    }
    start, end = query.moment("from"), query.moment("to")
    everything = sandbox.data.card_transactions
    items = [one for one in everything.values() if _has(one, wanted) and created_between(one, start, end)]
    return answer(request, *page(query, items, lambda end: everything.get(f"ctxr_{end}")))


def list_transfers(sandbox: Sandbox, request: Request, key: Key) -> Response:
    query = Query(request)
    account_id = query.required("account_id")
    role = query.choice("account_role", ACCOUNT_ROLES) or "either"
    wanted = {
        "direction": query.choice("direction", TRANSFER_DIRECTIONS),
        "origin": query.choice("origin", TRANSFER_ORIGINS),
        "status": query.choice("status", TRANSFER_STATUSES),
        "rule_execution_id": query.text("rule_execution_id"),
    }
    start, end = query.moment("from"), query.moment("to")
    key.require("READ_TRANSFERS", [account_id])
    sides = ("source", "destination") if role == "either" else (role,)
    everything = sandbox.data.transfers
    items = [
        one
        for one in everything.values()
        if account_id in _accounts_of(one, *sides) and _has(one, wanted) and created_between(one, start, end)
    ]
    return answer(request, *page(query, items, lambda end: everything.get(f"txr_{end}")))


def get_transfer(sandbox: Sandbox, request: Request, key: Key) -> Response:
    key.require("READ_TRANSFERS")
    transfer = _found("Transfer", request.path_params["id"], sandbox.data.transfers)
    key.require("READ_TRANSFERS", _accounts_of(transfer, "source", "destination"))
    return answer(request, transfer)


def list_rules(sandbox: Sandbox, request: Request, key: Key) -> Response:
    key.require("LIST_RULES")
    source_id = Query(request).text("source_id")
    summaries = [_rule_summary(sandbox, rule) for rule in sandbox.data.rules.values()]
    return answer(request, [one for one in summaries if source_id in {None, one["source"]["id"]}])


def get_rule(sandbox: Sandbox, request: Request, key: Key) -> Response:
    identifier = request.path_params["id"]
    key.require("READ_RULES", [identifier])
    return answer(request, _found("Rule", identifier, sandbox.data.rules))


def list_rule_executions(sandbox: Sandbox, request: Request, key: Key) -> Response:
    query = Query(request)
    wanted = {
        "rule_id": query.required("rule_id"),
        "status": query.choice("status", RULE_EXECUTION_STATUSES),
        "trigger_type": query.choice("trigger_type", RULE_EXECUTION_TRIGGER_TYPES),
    }
    start, end = query.moment("from"), query.moment("to")
    key.require("READ_RULE_EXECUTIONS", [query.required("rule_id")])
    everything = sandbox.data.rule_executions
    items = [one for one in everything.values() if _has(one, wanted) and created_between(one, start, end)]
    shown, page_info = page(query, items, lambda end: everything.get(f"rex_{end}"))
    return answer(request, [{name: one[name] for name in RULE_EXECUTION_SUMMARY} for one in shown], page_info)


def get_rule_execution(sandbox: Sandbox, request: Request, key: Key) -> Response:
    key.require("READ_RULE_EXECUTIONS")
    execution = _found("Rule execution", request.path_params["id"], sandbox.data.rule_executions)
    key.require("READ_RULE_EXECUTIONS", [execution["rule_id"]])
    return answer(request, execution)


OPERATIONS: list[tuple[str, str, Handler]] = [
    ("GET", "/accounts", list_accounts),
    ("GET", "/accounts/{id}", get_account),
    ("GET", "/cards", list_cards),
    ("GET", "/cards/{id}", get_card),
    ("GET", "/cards/{id}/transactions", list_card_transactions),
    ("GET", "/transfers", list_transfers),
    ("GET", "/transfers/{id}", get_transfer),
    ("GET", "/rules", list_rules),
    ("GET", "/rules/{id}", get_rule),
    ("GET", "/rule-executions", list_rule_executions),
    ("GET", "/rule-executions/{id}", get_rule_execution),
]


def routes(sandbox: Sandbox) -> list[Route]:
    """The operations as routes below the base path, each behind the check of the API key."""
    return [Route(path, _behind_key(sandbox, handler), methods=[method]) for method, path, handler in OPERATIONS]


def _behind_key(sandbox: Sandbox, handler: Handler) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        request.state.request_id = request.headers.get("x-request-id") or sandbox.next_request_id()
        key = sandbox.keys.get(api_key(request))
        if key is None:
            raise Refused(401, "unauthorized", "Missing or invalid API key.")
        return handler(sandbox, request, key)

    return endpoint


def _found(kind: str, identifier: str, objects: dict[str, Json]) -> Json:
    if identifier not in objects:
        raise not_found(kind, identifier)
    return objects[identifier]


def _has(item: Json, wanted: dict[str, str | None]) -> bool:
    return all(value is None or item[name] == value for name, value in wanted.items())


def _readable_card(sandbox: Sandbox, request: Request, key: Key) -> Json:
    key.require("READ_CARDS")
    card = _found("Card", request.path_params["id"], sandbox.data.cards)
    key.require("READ_CARDS", [card["account_id"]])
    return card


def _accounts_of(transfer: Json, *sides: str) -> list[str]:
    return [transfer[side]["id"] for side in sides if transfer[side] is not None]


def _rule_summary(sandbox: Sandbox, rule: Json) -> Json:
    source = sandbox.data.accounts[rule["trigger"]["account_id"]]
    return {
        **{name: rule[name] for name in RULE_SUMMARY},
        "trigger_type": rule["trigger"]["type"],
        "source": {name: source[name] for name in ("id", "type", "name")},
        "created_at": rule["created_at"],
        "updated_at": rule["updated_at"],
    }
