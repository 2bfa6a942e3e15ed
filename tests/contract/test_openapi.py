"""openapi.yaml says what the documentation says."""

from __future__ import annotations

import re
from typing import Any

import pytest

from .contract import CALL_OF, DOCUMENT, OPERATIONS, ROOT, SEEDS, examples, resolve
from .reading import nodes

SCHEMAS: dict[str, dict[str, Any]] = DOCUMENT["components"]["schemas"]

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

ERRORS = {
    "400": "BadRequest",
    "401": "Unauthorized",
    "403": "Forbidden",
    "404": "NotFound",
    "409": "Conflict",
    "422": "UnprocessableContent",
    "429": "TooManyRequests",
    "5XX": "ServerError",
}
DOCUMENTED_RESPONSES: dict[str, dict[str, Any]] = DOCUMENT["components"]["responses"]


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
def test_each_operation_has_the_named_error_responses_and_echoes_the_request_id(operation: str) -> None:
    method, path, data = OPERATIONS[operation]
    needed = {"400", "401", "403", "429", "5XX"}
    if "{id}" in path:
        needed |= {"404"}
    if method == "POST":
        needed |= {"409", "422"}
    errors = {status: response for status, response in data["responses"].items() if not status.startswith("2")}
    assert errors == {status: {"$ref": f"#/components/responses/{ERRORS[status]}"} for status in needed}
    for response in data["responses"].values():
        assert "X-Request-ID" in resolve(response)["headers"]


# The statuses beside 401 and 403 that pages show: of the 404s, those that are no rule's.
DOCUMENTED = {"createTransfer": {"400"}} | {
    operation: {"404"}
    for operation in ("getAccount", "getCard", "listCardTransactions", "getTransfer", "getRuleExecution")
}


@pytest.mark.parametrize("operation", CALL_OF)
def test_statuses_that_no_page_shows_are_marked(operation: str) -> None:
    data = OPERATIONS[operation][2]
    inferred = {one.removeprefix("response: ") for one in data["x-inferred"] if one.startswith("response: ")}
    shown = DOCUMENTED.get(operation, set()) | {"401", "403"}
    for status, response in data["responses"].items():
        if not status.startswith("2") and "x-provenance" not in resolve(response):
            assert (status in inferred) == (status not in shown), status


@pytest.mark.parametrize("name", ERRORS.values())
def test_an_error_response_has_examples_and_names_its_codes(name: str) -> None:
    response = DOCUMENTED_RESPONSES[name]
    examples_of = response["content"]["application/json"]["examples"].values()
    assert examples_of
    for example in examples_of:
        assert example["value"]["error"]["code"] in response["description"]


def test_how_long_to_wait_is_told_in_seconds_or_by_a_date() -> None:
    for name in ("TooManyRequests", "ServerError"):
        schema = resolve(DOCUMENTED_RESPONSES[name]["headers"]["Retry-After"])["schema"]
        for told in ("1", "60", "Tue, 23 Apr 2024 09:15:01 GMT"):
            assert re.search(schema["pattern"], told)
        for nothing in ("", "soon", "-1", "1.5"):
            assert not re.search(schema["pattern"], nothing)


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


NODES = dict(nodes(DOCUMENT))
MARKED = {path: node for path, node in NODES.items() if "x-provenance" in node or "x-inferred" in node}


def nullable(node: dict[str, Any]) -> bool:
    kinds = node.get("type")
    return (isinstance(kinds, list) and "null" in kinds) or {"type": "null"} in node.get("oneOf", ())


def fits(aspect: str, node: dict[str, Any], path: str) -> bool:
    """Whether a node has an aspect that could be inferred."""
    keyword, _, value = aspect.partition(": ")
    match keyword:
        case "nullable":
            return nullable(node)
        case "name":
            return path.split("/")[-2] == "properties"
        case "enum":
            return value in node["enum"]
        case "response":
            return value in node["responses"]
        case "x-sequence-contract":
            found = node[keyword]
            for step in value.split("."):
                found = found[step]
            return bool(found)
        case _:
            return keyword in node and (not value or keyword == "description")


def inferred(node: dict[str, Any]) -> bool:
    """Whether a member is inferred, or at least its name; or what it refers to."""
    whole = "x-provenance" in node or "name" in node.get("x-inferred", ())
    return whole or ("$ref" in node and inferred(resolve(node)))


@pytest.mark.parametrize("path", MARKED)
def test_a_mark_says_what_was_inferred_and_from_what(path: str) -> None:
    node = MARKED[path]
    assert len(node["x-inferred-from"]) > 3
    assert node.get("x-provenance", "inferred") == "inferred"
    assert ("x-provenance" in node) != ("x-inferred" in node)
    assert [aspect for aspect in node.get("x-inferred", ()) if not fits(aspect, node, path)] == []


def test_nothing_says_what_it_was_inferred_from_without_being_marked() -> None:
    assert {path for path, node in NODES.items() if "x-inferred-from" in node} == set(MARKED)


def test_what_no_page_shows_is_marked() -> None:
    whole = {path.removeprefix("/components/") for path, node in MARKED.items() if "x-provenance" in node}
    actions = ("Fixed", "Percentage", "TopUp", "RoundDown", "NextPaymentMinimum", "LastStatementBalance")
    assert whole >= {
        "schemas/CreateTransferBody/properties/description",
        "schemas/RuleAction",
        *(f"schemas/{kind}Action" for kind in actions),
        "schemas/ScheduledTrigger",
        "schemas/ManualTrigger",
        "schemas/ManualDetails",
        "schemas/Condition/properties/operator",
        "schemas/Condition/properties/value",
        "schemas/ConditionTree/properties/any",
        "schemas/ConditionTree/properties/all",
        "schemas/TriggeredRule/properties/execution_id",
        "schemas/TransferList/properties/page_info",
        "responses/Conflict",
        "responses/UnprocessableContent",
        "responses/TooManyRequests",
        "responses/ServerError",
        "headers/Retry-After",
    }
    listed = [resolve(node) for node in OPERATIONS["listTransfers"][2]["parameters"]]
    parameters = {node["name"] for node in listed if "x-provenance" in node}
    assert parameters == {"rule_execution_id", "from", "to", "first", "after"}


@pytest.mark.parametrize(
    ("path", "aspects"),
    [
        ("schemas/TransferStatus", ["enum: incomplete", "enum: error", "enum: cancelled", "description"]),
        ("schemas/RuleTriggerType", ["enum: SCHEDULED", "enum: MANUAL"]),
        (
            "schemas/CreateTransferBody/properties/amount_in_cents",
            ["name", "type", "minimum", "maximum", "description"],
        ),
        ("schemas/Account/allOf/1/properties/balance", ["nullable"]),
        ("schemas/Account/allOf/1/properties/routing_number", ["nullable"]),
        ("schemas/RuleStep/properties/conditions", ["nullable"]),
        ("schemas/Rule/properties/steps", ["description: only the first one is run"]),
        ("parameters/First/schema", ["minimum"]),
        ("parameters/IdempotencyKey/schema", ["minLength", "maxLength", "pattern"]),
        ("securitySchemes/ApiKeyAuth", ["description: max_amount in cents"]),
    ],
)
def test_aspects_that_no_page_shows_are_marked(path: str, aspects: list[str]) -> None:
    assert NODES[f"/components/{path}"]["x-inferred"] == aspects


SHOWN_AS_NULL = {
    "AccountSummary/properties/description",
    "AccountSummary/properties/external_account_type",
    "AccountSummary/properties/institution_name",
    "AccountBalance/properties/available_balance_in_cents",
    "Transfer/properties/error_code",
}


def test_what_no_example_shows_as_null_is_marked_where_it_may_be_null() -> None:
    unmarked = set()
    for path, node in nodes(SCHEMAS):
        above = [NODES.get("/components/schemas" + path[: end.start()], {}) for end in re.finditer("/|$", path)]
        marks = ["x-provenance" in one for one in above] + ["nullable" in node.get("x-inferred", ())]
        if nullable(node) and not any(marks):
            unmarked.add(path.removeprefix("/"))
    assert unmarked == SHOWN_AS_NULL


def test_nothing_inferred_is_required() -> None:
    bodies = {
        data["requestBody"]["content"]["application/json"]["schema"]["$ref"].rsplit("/", 1)[1]
        for _, _, data in OPERATIONS.values()
        if "requestBody" in data
    }
    required = {
        f"{path.split('/')[1]}.{name}"
        for path, node in nodes(SCHEMAS)
        for name in node.get("required", ())
        if inferred(node["properties"][name])
    }
    # A request has to have an amount, whatever it is called.
    assert required == {"CreateTransferBody.amount_in_cents"}
    assert "CreateTransferBody" in bodies
    assert "x-provenance" not in SCHEMAS["CreateTransferBody"]["properties"]["amount_in_cents"]
    assert [path for path, node in MARKED.items() if node.get("required") is True and "x-provenance" in node] == []


def test_every_extension_is_documented_with_an_example() -> None:
    text = (ROOT / "docs" / "contract-extensions.md").read_text()
    sections = dict(re.findall(r"^### `(x-[a-z-]+)`\n(.*?)(?=^##|\Z)", text, re.DOTALL | re.MULTILINE))
    used = {name for node in NODES.values() for name in node if name.startswith("x-")}
    assert used <= set(sections)
    # Nothing is documented as the first, and the others stand in the other contract.
    assert set(sections) - used == {"x-sequence-settling", "x-sequence-makes", "x-vendor-operation-id"}
    for name, section in sections.items():
        assert f"[`{name}`](#{name})" in text, name
        assert f"{name}:" in section or name == "x-inferred-from", name
    assert "docs/contract-extensions.md" in DOCUMENT["info"]["description"]


def test_objects_with_a_tag_are_open_to_new_values_of_it() -> None:
    assert not [path for path, node in NODES.items() if "discriminator" in node]
    bases = {name: schema for name, schema in SCHEMAS.items() if "x-sequence-variants" in schema}
    assert set(bases) == {"RuleTrigger", "RuleAction", "TriggerDetails"}
    for name, base in bases.items():
        variants = base["x-sequence-variants"]
        assert base["additionalProperties"] is True
        assert variants["tag"] in base["properties"]
        for reference in variants["schemas"].values():
            first, second = resolve({"$ref": reference})["allOf"]
            assert first == {"$ref": f"#/components/schemas/{name}"}
            assert second["type"] == "object"
    assert "account_id" in SCHEMAS["RuleTrigger"]["properties"]


ID_KINDS = {
    "AccountId": "acc_",
    "CardId": "card_",
    "CardTransactionId": "ctxr_",
    "TransferId": "txr_",
    "RuleId": "rule_",
    "RuleExecutionId": "rex_",
    "RequestId": "req_",
}


def test_every_kind_of_id_has_one_schema_which_all_ids_refer_to() -> None:
    found = {name: schema["x-id-prefix"] for name, schema in SCHEMAS.items() if "x-id-prefix" in schema}
    assert found == ID_KINDS
    for name in ID_KINDS:
        assert (SCHEMAS[name]["format"], SCHEMAS[name]["maxLength"]) == ("resource-id", 255)
    elsewhere = [path for path, node in NODES.items() if "x-id-prefix" in node or node.get("format") == "resource-id"]
    assert elsewhere == [f"/components/schemas/{name}" for name in ID_KINDS]
    references = {f"#/components/schemas/{name}" for name in ID_KINDS}
    for path, node in nodes(SCHEMAS):
        for name, member in node.get("properties", {}).items():
            if re.search("(^|_)ids?$", name):
                one = member.get("items", member)
                assert (one.get("$ref") or one["oneOf"][0]["$ref"]) in references, f"{path}.{name}"
    for _, _, data in OPERATIONS.values():
        for parameter in map(resolve, data["parameters"]):
            if re.search("(^|_)id$", parameter["name"]):
                assert parameter["schema"]["$ref"] in references


@pytest.mark.parametrize("operation", ["listCardTransactions", "listTransfers", "listRuleExecutions"])
def test_the_link_to_the_next_page_keeps_every_filter(operation: str) -> None:
    data = OPERATIONS[operation][2]
    link = data["responses"]["200"]["links"]["next_page"]
    expected = {
        node["name"]: f"$request.{node['in']}.{node['name']}"
        for node in map(resolve, data["parameters"])
        if node["in"] in {"path", "query"}
    }
    assert link["operationId"] == operation
    assert link["parameters"] == expected | {"after": "$response.body#/page_info/end_cursor"}


def test_the_document_speaks_of_the_api_alone() -> None:
    texts = [text for node in NODES.values() for text in (node.get("description"), node.get("summary"))]
    said = [text for text in texts if isinstance(text, str)]
    assert [text for text in said if re.search(r"\b(clients?|sdks?|programs?|class|raw)\b", text, re.IGNORECASE)] == []
    assert "license" not in DOCUMENT["info"]


def test_sentences_of_the_documentation_are_not_lost() -> None:
    for operation in ("listCardTransactions", "listTransfers", "listRuleExecutions"):
        assert "ordered by `created_at`, the newest first" in " ".join(OPERATIONS[operation][2]["description"].split())
    for operation, (scope, resource) in ((name, call.permission) for name, call in CALL_OF.items()):
        said = " ".join(OPERATIONS[operation][2]["description"].split())
        if resource["in"] != "none":
            assert f"`{scope}`" in said
    for operation in ("getCard", "listCardTransactions"):
        assert "`v2`" in OPERATIONS[operation][2]["description"]
    (role,) = (node for node in OPERATIONS["listTransfers"][2]["parameters"] if node.get("name") == "account_role")
    assert "ignored where there is no `account_id`" in " ".join(role["description"].split())


def test_every_operation_has_a_call_in_these_tests() -> None:
    assert set(CALL_OF) == set(OPERATIONS)
