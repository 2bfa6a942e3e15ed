"""The documented payloads, openapi.yaml, and one full call of every operation."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from attrs import frozen
from ruamel.yaml import YAML

from .reading import resolved

ROOT = Path(__file__).parents[2]

SEEDS: dict[str, dict[str, Any]] = {
    path.stem: json.loads(path.read_text()) for path in sorted((Path(__file__).parent / "seeds").glob("*.json"))
}
"""The example payloads of the documentation pages that could be read whole: by operation, then by status."""

DOCUMENT: dict[str, Any] = YAML(typ="safe").load(ROOT / "openapi.yaml")

OPERATIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    data["operationId"]: (method.upper(), path, data)
    for path, methods in DOCUMENT["paths"].items()
    for method, data in methods.items()
}
"""Method, path and description of every operation."""


def resolve(node: Any) -> Any:
    return resolved(DOCUMENT, node)


def examples() -> Iterator[tuple[str, str, str, Any]]:
    """Every example of a response: operation, status, name and payload."""
    for operation, (_, _, data) in OPERATIONS.items():
        for status, response in data["responses"].items():
            for name, example in resolve(response)["content"]["application/json"].get("examples", {}).items():
                yield operation, str(status), name, example["value"]


MODES: dict[Any, Any] = {"SIMULATION": True, "LIVE": False}
"""What the platform API responds to an argument that says whether to simulate."""


def to_json(payload: Any) -> bytes:
    return json.dumps(payload).encode()


SUCCESSES = [(operation, payload) for operation, status, _, payload in examples() if status.startswith("2")]
ERRORS = [(operation, int(status), payload) for operation, status, _, payload in examples() if status.startswith("4")]


@frozen
class Call:
    """A call of an operation with every parameter, and the request that it has to make."""

    operation: str
    method: str
    """As users call it."""
    permission: tuple[str, dict[str, str]] | None
    """The scope that it needs, and where the resource is found, by v1's documentation's table of scopes."""
    positional: tuple[str, ...]
    keyword: dict[str, Any]
    target: str
    body: Any = None
    headers: tuple[tuple[str, str], ...] = ()


FROM = datetime(2024, 4, 1, tzinfo=UTC)
TO = datetime(2024, 4, 30, 23, 59, 59, 500_000, tzinfo=timezone(timedelta(hours=2)))
BETWEEN = "from=2024-04-01T00%3A00%3A00Z&to=2024-04-30T21%3A59%3A59.500000Z"

CALLS = [
    Call("listAccounts", "accounts.list", ("LIST_ACCOUNTS", {"in": "none"}), (), {"type": "pod"}, "/accounts?type=pod"),
    Call(
        "getAccount",
        "accounts.get",
        ("READ_ACCOUNTS", {"in": "path", "name": "id"}),
        ("acc_01HGHI7890",),
        {},
        "/accounts/acc_01HGHI7890",
    ),
    Call(
        "listCards",
        "cards.list",
        ("READ_CARDS", {"in": "query", "name": "account_id"}),
        (),
        {"account_id": "acc_01HDEF0123", "status": "frozen", "type": "virtual"},
        "/cards?account_id=acc_01HDEF0123&status=frozen&type=virtual",
    ),
    Call("getCard", "cards.get", ("READ_CARDS", {"in": "server"}), ("card_01HABC4567",), {}, "/cards/card_01HABC4567"),
    Call(
        "listCardTransactions",
        "cards.list_transactions",
        ("READ_CARDS", {"in": "server"}),
        ("card_01HABC4567",),
        {"direction": "credit", "from_": FROM, "to": TO, "first": 50, "after": "cursor_01HGHI3333"},
        f"/cards/card_01HABC4567/transactions?direction=credit&{BETWEEN}&first=50&after=cursor_01HGHI3333",
    ),
    Call(
        "listTransfers",
        "transfers.list",
        ("READ_TRANSFERS", {"in": "query", "name": "account_id"}),
        (),
        {
            "account_id": "acc_01HDEF0123",
            "account_role": "source",
            "direction": "money_out",
            "origin": "user",
            "status": "complete",
            "rule_execution_id": "rex_01HABC4567",
            "from_": FROM,
            "to": TO,
            "first": 50,
            "after": "cursor_1",
        },
        "/transfers?account_id=acc_01HDEF0123&account_role=source&direction=money_out&origin=user&status=complete"
        f"&rule_execution_id=rex_01HABC4567&{BETWEEN}&first=50&after=cursor_1",
    ),
    Call(
        "getTransfer",
        "transfers.get",
        ("READ_TRANSFERS", {"in": "server"}),
        ("txr_01HABC1111",),
        {},
        "/transfers/txr_01HABC1111",
    ),
    Call(
        "createTransfer",
        "transfers.create",
        (
            "MANUAL_TRANSFER",
            {
                "in": "body",
                "source": "source_account_id",
                "target": "destination_account_id",
                "max_amount": "amount_in_cents",
            },
        ),
        (),
        {
            "source_account_id": "acc_01HDEF0123",
            "destination_account_id": "acc_01HGHI7890",
            "amount_in_cents": 5000,
            "description": "loyer d'avril, été",
            "idempotency_key": "0b8e4b8e-2f4c-4d65-9d6a-6d1f1c7f0a11",
        },
        "/transfers",
        {
            "source_account_id": "acc_01HDEF0123",
            "destination_account_id": "acc_01HGHI7890",
            "amount_in_cents": 5000,
            "description": "loyer d'avril, été",
        },
        (("Idempotency-Key", "0b8e4b8e-2f4c-4d65-9d6a-6d1f1c7f0a11"), ("Content-Type", "application/json")),
    ),
    Call(
        "listRules",
        "rules.list",
        ("LIST_RULES", {"in": "none"}),
        (),
        {"source_id": "acc_01HABC4567"},
        "/rules?source_id=acc_01HABC4567",
    ),
    Call(
        "getRule",
        "rules.get",
        ("READ_RULES", {"in": "path", "name": "id"}),
        ("rule_01HXYZ1234",),
        {},
        "/rules/rule_01HXYZ1234",
    ),
    Call(
        "triggerRule",
        "rules.trigger",
        ("TRIGGER_RULES", {"in": "path", "name": "id"}),
        ("rule_01HXYZ1234",),
        {"manual_execute_amount": 5000, "idempotency_key": "payroll:2024-04"},
        "/rules/rule_01HXYZ1234/trigger",
        {"manual_execute_amount": 5000},
        (("Idempotency-Key", "payroll:2024-04"), ("Content-Type", "application/json")),
    ),
    Call(
        "listRuleExecutions",
        "rule_executions.list",
        ("READ_RULE_EXECUTIONS", {"in": "query", "name": "rule_id"}),
        (),
        {
            "rule_id": "rule_01HXYZ1234",
            "status": "failed",
            "trigger_type": "manual",
            "from_": FROM,
            "to": TO,
            "first": 50,
            "after": "cursor_1",
        },
        f"/rule-executions?rule_id=rule_01HXYZ1234&status=failed&trigger_type=manual&{BETWEEN}&first=50&after=cursor_1",
    ),
    Call(
        "getRuleExecution",
        "rule_executions.get",
        ("READ_RULE_EXECUTIONS", {"in": "server"}),
        ("rex_01HABC4567",),
        {},
        "/rule-executions/rex_01HABC4567",
    ),
]
"""One call of every operation, with every parameter that it has."""

CALL_OF = {call.operation: call for call in CALLS}


def needed(call: Call) -> tuple[Any, ...] | None:
    """The resources that a call needs its scope on; None where only the server knows."""
    assert call.permission
    where = call.permission[1]
    match where["in"]:
        case "none":
            return ()
        case "server":
            return None
        case "path":
            return call.positional
        case "query":
            return (call.keyword[where["name"]],)
        case _:
            return ({key: call.keyword[where[key]] for key in ("source", "target", "max_amount")},)


def entry(call: Call) -> dict[str, Any]:
    """The permission entry that a call needs, on every resource where only the server knows which."""
    assert call.permission
    resources = needed(call)
    listed = ["*"] if resources is None else list(resources)
    return {"scope": call.permission[0]} | ({"resources": listed} if listed else {})


def hint(call: Call) -> str | None:
    """The resource in words, where only the server knows it."""
    found: str | None = OPERATIONS[call.operation][2]["x-sequence-permission"]["resource"].get("hint")
    return found


def at(node: Any, path: str) -> Any:
    """What JSON has first at a path such as `data[].account_id`."""
    for step in path.split("."):
        node = node[step.removesuffix("[]")][0] if step.endswith("[]") else node[step]
    return node


def bound(client: Any, call: Call) -> Any:
    """The client's method that a call names."""
    resource, method = call.method.split(".")
    return getattr(getattr(client, resource), method)


async def perform(client: Any, call: Call, **more: Any) -> Any:
    """Make a call and give its whole response."""
    return await bound(client, call).with_response(*call.positional, **call.keyword, **more)
