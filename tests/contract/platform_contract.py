"""openapi-platform.yaml, its examples, and one full call of every operation of the platform API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from ruamel.yaml import YAML

from .contract import BETWEEN, FROM, ROOT, TO, Call
from .reading import dicts, resolved, snake_case

DOCUMENT: dict[str, Any] = YAML(typ="safe").load(ROOT / "openapi-platform.yaml")

OPERATIONS: dict[str, tuple[str, str, dict[str, Any]]] = {
    data["operationId"]: (method.upper(), path, data)
    for path, methods in DOCUMENT["paths"].items()
    for method, data in methods.items()
}


def resolve(node: Any) -> Any:
    return resolved(DOCUMENT, node)


BODIES = [
    (operation, name, example["value"])
    for operation, (_, _, data) in OPERATIONS.items()
    if "requestBody" in data
    for name, example in data["requestBody"]["content"]["application/json"]["examples"].items()
]
RESPONSES = [
    (operation, name, example["value"])
    for operation, (_, _, data) in OPERATIONS.items()
    for status, response in data["responses"].items()
    if status.startswith("2")
    for name, example in response["content"]["application/json"]["examples"].items()
]

REASON = "monthly close"

ACCOUNT = "e81d3a57-92c4-4b1f-b6a9-0d54c7f2ae63"
POD = "a2f4d9c1-6e0b-47d8-8f5a-1be93c0d7742"
RULE = "07c6e2b9-d83f-4e6a-a1f7-95b20d4c8e31"
EXECUTION = "f3a97d10-4b2c-4c8e-9e65-62d8b1a0573c"
TRANSFER = "5d13f7b9-e604-4c82-97a1-f28b06c3d5e4"
EXTERNAL = "49e6d1b7-0ca8-4b53-9f7d-85a2c3e90f16"
PURCHASE = "3fa7b2d8-c610-4e95-8d4b-70e19c5a26f3"
CARD = "0ad84c7e-5b91-4f26-a3ed-96c17b20f853"
KEY = "c85e1d3f-70b6-4294-8ad9-5be40f92716c"

SUCCESSES = [(operation, payload) for operation, _, payload in RESPONSES]


def in_python(body: dict[str, Any]) -> dict[str, Any]:
    """The members of a body, as arguments. What is below them keeps its names; moments have to be given as such."""
    arguments = {snake_case(name): value for name, value in json.loads(json.dumps(body)).items()}
    for node in dicts(arguments):
        if "startDate" in node:
            node["startDate"] = datetime.fromisoformat(node["startDate"])
    return arguments


def errors() -> Iterator[tuple[str, int, Any]]:
    """Every example of an error: operation, status and payload."""
    for operation, (_, _, data) in OPERATIONS.items():
        for status, response in data["responses"].items():
            for example in resolve(response)["content"]["application/json"]["examples"].values():
                if status.startswith("4"):
                    yield operation, int(status), example["value"]


ERRORS = list(errors())

BODY = {operation: body for operation, name, body in BODIES if name != "simulation"}
"""One body of each operation that has one."""

SENT = ("Content-Type", "application/json")


def _call(
    operation: str,
    method: str,
    positional: tuple[str, ...],
    keyword: dict[str, Any],
    target: str,
    headers: tuple[tuple[str, str], ...] = (),
) -> Call:
    body = BODY.get(operation)
    said = {name: value for name, value in (body or {}).items() if value is not None or operation == "updateRule"}
    return Call(
        operation,
        method,
        None,
        positional,
        {**in_python(body or {}), **keyword, "called_reason": REASON},
        target,
        said if body is not None else None,
        (("x-called-reason", REASON), *headers, *((SENT,) if body is not None else ())),
    )


CALLS = [
    _call(
        "listAccounts",
        "accounts.list",
        (),
        {"type": "POD", "state": "ALL", "page_size": 50},
        "/accounts?type=POD&state=ALL&pageSize=50",
    ),
    _call("createAccount", "accounts.create", (), {}, "/accounts"),
    _call("getAccount", "accounts.get", (ACCOUNT,), {}, f"/accounts/{ACCOUNT}"),
    _call(
        "listAccountTransfers",
        "accounts.list_transfers",
        (POD,),
        {
            "account_role": "source",
            "direction": "MONEY_OUT",
            "status": "COMPLETE",
            "origin": "EXTERNAL_PULL",
            "execution_mode": "ALL",
            "rule_execution_id": EXECUTION,
            "from_": FROM,
            "to": TO,
            "page_size": 50,
        },
        f"/accounts/{POD}/transfers?accountRole=source&direction=MONEY_OUT&status=COMPLETE&origin=EXTERNAL_PULL"
        f"&executionMode=ALL&ruleExecutionId={EXECUTION}&{BETWEEN}&pageSize=50",
    ),
    _call("listBeneficiaries", "beneficiaries.list", (), {"page_size": 50}, "/beneficiaries?pageSize=50"),
    _call("listRules", "rules.list", (), {"source_id": POD, "page_size": 50}, f"/rules?sourceId={POD}&pageSize=50"),
    _call("createRule", "rules.create", (), {}, "/rules"),
    _call("getRule", "rules.get", (RULE,), {}, f"/rules/{RULE}"),
    _call("updateRule", "rules.update", (RULE,), {}, f"/rules/{RULE}"),
    _call(
        "triggerRule",
        "rules.trigger",
        (RULE,),
        {"idempotency_key": "payroll:2026-04"},
        f"/rules/{RULE}/trigger",
        (("idempotency-key", "payroll:2026-04"),),
    ),
    _call(
        "listRuleExecutions",
        "rule_executions.list",
        (RULE,),
        {
            "status": "PARTIAL",
            "trigger_type": "SEQUENCE_API",
            "execution_mode": "SIMULATION",
            "from_": FROM,
            "to": TO,
            "page_size": 50,
        },
        f"/rules/{RULE}/executions?status=PARTIAL&triggerType=SEQUENCE_API&executionMode=SIMULATION&{BETWEEN}"
        "&pageSize=50",
    ),
    _call("getRuleExecution", "rule_executions.get", (RULE, EXECUTION), {}, f"/rules/{RULE}/executions/{EXECUTION}"),
    _call(
        "listTransfers",
        "transfers.list",
        (),
        {
            "account_ids": [POD, ACCOUNT],
            "direction": "INTERNAL",
            "status": "PENDING_APPROVAL",
            "origin": "RULE",
            "execution_mode": "LIVE",
            "rule_execution_id": EXECUTION,
            "from_": FROM,
            "to": TO,
            "page_size": 50,
        },
        f"/transfers?accountIds%5B%5D={POD}&accountIds%5B%5D={ACCOUNT}&direction=INTERNAL&status=PENDING_APPROVAL"
        f"&origin=RULE&executionMode=LIVE&ruleExecutionId={EXECUTION}&{BETWEEN}&pageSize=50",
    ),
    _call(
        "createTransfer",
        "transfers.create",
        (),
        {"idempotency_key": "0b8e4b8e-2f4c-4d65-9d6a-6d1f1c7f0a11"},
        "/transfers",
        (("idempotency-key", "0b8e4b8e-2f4c-4d65-9d6a-6d1f1c7f0a11"),),
    ),
    _call("getTransfer", "transfers.get", (TRANSFER,), {}, f"/transfers/{TRANSFER}"),
    _call(
        "listExternalTransactions",
        "external_transactions.list",
        (),
        {
            "account_ids": [ACCOUNT],
            "direction": "MONEY_OUT",
            "status": "PENDING",
            "from_": FROM,
            "to": TO,
            "page_size": 50,
        },
        f"/external-transactions?accountIds%5B%5D={ACCOUNT}&direction=MONEY_OUT&status=PENDING&{BETWEEN}&pageSize=50",
    ),
    _call("getExternalTransaction", "external_transactions.get", (EXTERNAL,), {}, f"/external-transactions/{EXTERNAL}"),
    _call(
        "listCardTransactions",
        "card_transactions.list",
        (),
        {"account_id": POD, "card_id": CARD, "from_": FROM, "to": TO, "page_size": 50},
        f"/card-transactions?accountId={POD}&cardId={CARD}&{BETWEEN}&pageSize=50",
    ),
    _call("getCardTransaction", "card_transactions.get", (PURCHASE,), {}, f"/card-transactions/{PURCHASE}"),
    _call(
        "listAuditLogs",
        "audit_logs.list",
        (),
        {"api_key_id": KEY, "action": "CREATE_TRANSFER", "from_": FROM, "to": TO, "page_size": 50},
        f"/audit-logs?apiKeyId={KEY}&action=CREATE_TRANSFER&{BETWEEN}&pageSize=50",
    ),
]
"""One call of every operation, with every parameter that it has but a number of a page, which the client gives."""
