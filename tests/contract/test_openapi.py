"""openapi.yaml says what the documentation says."""

from __future__ import annotations

from typing import Any

import pytest

from .contract import CALL_OF, DOCUMENT, OPERATIONS, SEEDS, examples, resolve

ENUMS = {
    "AccountType": ["income_source", "pod", "external_account"],
    "CardStatus": ["active", "inactive", "frozen", "stolen", "lost"],
    "CardType": ["virtual", "physical"],
    "CardTransactionDirection": ["debit", "credit"],
    "AccountRole": ["source", "destination", "either"],
    "TransferDirection": ["money_in", "money_out", "internal"],
    "TransferOrigin": ["paycheck", "check_deposit", "cashback", "user_pull", "rule", "user", "external_pull"],
    "RuleStatus": ["enabled", "disabled"],
    "RuleExecutionStatus": ["in_progress", "executed", "partial", "failed"],
    "RuleExecutionTriggerType": ["manual", "scheduled", "on_funds_transferred"],
}


def test_it_has_the_thirteen_operations() -> None:
    assert set(OPERATIONS) == set(CALL_OF)
    assert len(OPERATIONS) == 13


@pytest.mark.parametrize("operation", CALL_OF)
def test_each_operation_names_its_scope_and_where_the_resource_is_found(operation: str) -> None:
    data = OPERATIONS[operation][2]
    scope, resource = CALL_OF[operation].permission
    assert data["security"] == [{"ApiKeyAuth": [scope]}]
    permission = data["x-sequence-permission"]
    assert permission["scope"] == scope
    found = {key: value for key, value in permission["resource"].items() if key not in {"hint", "response"}}
    assert found == resource
    assert ("hint" in permission["resource"]) == (resource["in"] == "server")


@pytest.mark.parametrize("operation", CALL_OF)
def test_each_operation_links_its_page_and_takes_a_request_id(operation: str) -> None:
    data = OPERATIONS[operation][2]
    assert data["externalDocs"]["url"].endswith(f"/docs/{data['tags'][0]}/{operation}")
    headers = {resolve(node)["name"] for node in data["parameters"] if resolve(node)["in"] == "header"}
    assert headers == ({"X-Request-ID", "Idempotency-Key"} if "requestBody" in data else {"X-Request-ID"})


@pytest.mark.parametrize("operation", CALL_OF)
def test_each_operation_responds_with_the_documented_statuses_and_echoes_the_request_id(operation: str) -> None:
    responses = OPERATIONS[operation][2]["responses"]
    assert {"401", "403", "429", "5XX", "400"} <= set(responses)
    takes_an_id = "{id}" in OPERATIONS[operation][1]
    assert ("404" in responses) == takes_an_id
    assert ("409" in responses) == (OPERATIONS[operation][0] == "POST")
    for response in responses.values():
        assert "X-Request-ID" in resolve(response)["headers"]


def test_the_card_operations_are_the_ones_coming_soon() -> None:
    coming_soon = {name for name, (_, _, data) in OPERATIONS.items() if data.get("x-availability") == "coming-soon"}
    assert coming_soon == {"listCards", "getCard", "listCardTransactions"}


@pytest.mark.parametrize("name", ENUMS)
def test_enums_have_exactly_the_documented_values(name: str) -> None:
    assert DOCUMENT["components"]["schemas"][name]["enum"] == ENUMS[name]


@pytest.mark.parametrize("operation", SEEDS)
def test_every_documented_payload_is_an_example_of_its_response(operation: str) -> None:
    shown: dict[str, list[Any]] = {}
    for name, status, _, payload in examples():
        if name == operation:
            shown.setdefault(status, []).append(payload)
    for status, payload in SEEDS[operation].items():
        assert payload in shown[status]


def test_page_size_and_cursor_are_as_documented() -> None:
    for operation in ("listCardTransactions", "listTransfers", "listRuleExecutions"):
        parameters = {resolve(node)["name"]: resolve(node) for node in OPERATIONS[operation][2]["parameters"]}
        first = parameters["first"]["schema"]
        assert (first["minimum"], first["maximum"], first["default"]) == (1, 100, 20)
        assert parameters["after"]["schema"]["type"] == "string"
        assert parameters["from"]["schema"]["format"] == parameters["to"]["schema"]["format"] == "date-time"


def marked(node: Any, path: str = "") -> dict[str, str]:
    """Where the document has the mark of what is inferred, and from what."""
    found: dict[str, str] = {}
    if isinstance(node, dict):
        if "x-provenance" in node:
            assert node["x-provenance"] == "inferred"
            found[path] = node["x-inferred-from"]
        for key, value in node.items():
            found |= marked(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            found |= marked(value, f"{path}/{index}")
    return found


def test_what_no_page_shows_is_marked_with_what_it_was_inferred_from() -> None:
    found = marked(DOCUMENT)
    assert all(found.values())
    for path in (
        "/components/schemas/CreateTransferBody/properties/amount_in_cents",
        "/components/schemas/CreateTransferBody/properties/description",
        "/components/schemas/TransferStatus",
        "/components/schemas/RuleTriggerType",
        "/components/schemas/RuleAction",
        "/components/schemas/ConditionTree/properties/any",
        "/components/schemas/ConditionTree/properties/all",
        "/components/schemas/TriggeredRule/properties/execution_id",
        "/components/schemas/RuleExecutionSummary",
        "/components/responses/Error",
    ):
        assert path in found, path
    inferred_parameters = {"rule_execution_id", "from", "to", "first", "after"}
    listed = [resolve(node) for node in OPERATIONS["listTransfers"][2]["parameters"]]
    assert {node["name"] for node in listed if "x-provenance" in node} == inferred_parameters


def test_every_operation_has_a_call_in_these_tests() -> None:
    assert set(CALL_OF) == set(OPERATIONS)
