"""openapi-platform.yaml is valid, says of itself how sure it is, and makes a package that reads all of its examples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

import sequence_platform_client as platform
from sequence_runtime.models import to_builtins

from .contract import ROOT
from .platform_contract import BODIES, DOCUMENT, OPERATIONS, RESPONSES, in_python, resolve
from .reading import dicts, nodes, same, snake_case

COMPONENTS: dict[str, dict[str, Any]] = DOCUMENT["components"]
SCHEMAS: dict[str, dict[str, Any]] = COMPONENTS["schemas"]

WEBHOOKS: dict[str, dict[str, Any]] = {name: item["post"] for name, item in DOCUMENT["webhooks"].items()}

ROUTES = {
    "listAccounts": "GET /accounts",
    "createAccount": "POST /accounts",
    "getAccount": "GET /accounts/{id}",
    "listAccountTransfers": "GET /accounts/{accountId}/transfers",
    "listBeneficiaries": "GET /beneficiaries",
    "listRules": "GET /rules",
    "createRule": "POST /rules",
    "getRule": "GET /rules/{id}",
    "updateRule": "PATCH /rules/{id}",
    "triggerRule": "POST /rules/{id}/trigger",
    "listRuleExecutions": "GET /rules/{ruleId}/executions",
    "getRuleExecution": "GET /rules/{ruleId}/executions/{id}",
    "listTransfers": "GET /transfers",
    "createTransfer": "POST /transfers",
    "getTransfer": "GET /transfers/{id}",
    "listExternalTransactions": "GET /external-transactions",
    "getExternalTransaction": "GET /external-transactions/{id}",
    "listCardTransactions": "GET /card-transactions",
    "getCardTransaction": "GET /card-transactions/{id}",
    "listAuditLogs": "GET /audit-logs",
}
SUCCESSES = {"createAccount": "201", "createRule": "201", "createTransfer": "201", "triggerRule": "202"}
LISTS = {operation for operation in ROUTES if operation.startswith("list")}
SCOPES = {
    "READ_ACCOUNTS": {"listAccounts", "getAccount"},
    "CREATE_ACCOUNTS": {"createAccount"},
    "READ_RULES": {"listRules", "getRule", "listRuleExecutions", "getRuleExecution"},
    "CREATE_AND_EDIT_RULES": {"createRule", "updateRule"},
    "TRIGGER_RULES": {"triggerRule"},
    "READ_TRANSFERS": {
        "listAccountTransfers",
        "listTransfers",
        "getTransfer",
        "listExternalTransactions",
        "getExternalTransaction",
        "listCardTransactions",
        "getCardTransaction",
    },
    "MANUAL_TRANSFER": {"createTransfer"},
    "READ_AUDIT_LOGS": {"listAuditLogs"},
    None: {"listBeneficiaries"},
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
CODES = {
    "400": {
        "INVALID_PARAMETERS", "TRANSFER_SOURCE_NOT_FOUND", "TRANSFER_DESTINATION_NOT_FOUND", "IDEMPOTENCY_KEY_MISMATCH"
    },
    "401": {"UNAUTHORIZED"},
    "403": {"ACCESS_DENIED", "MAXIMUM_AMOUNT_EXCEEDED", "RULE_DEACTIVATED", "INVALID_RULE"},
    "404": {
        "ACCOUNT_NOT_FOUND", "RULE_NOT_FOUND", "RULE_EXECUTION_NOT_FOUND", "TRANSFER_NOT_FOUND",
        "CARD_TRANSACTION_NOT_FOUND", "EXTERNAL_TRANSACTION_NOT_FOUND",
    },
    "409": {"TRANSFER_IN_PROGRESS", "RULE_EXECUTION_IN_PROGRESS"},
    "422": {"INVALID_RULE"},
    "429": {"RATE_LIMIT_EXCEEDED"},
    "5XX": {"UNEXPECTED_ERROR"},
}  # fmt: skip
DOCUMENTED = {
    "listRules": {"400"},
    "listAuditLogs": {"400"},
    "createAccount": {"400"},
    "createRule": {"400", "422"},
    "updateRule": {"400", "404", "422"},
    "triggerRule": {"400", "404", "409"},
    "createTransfer": {"400", "409"},
} | {name: {"404"} for name in ROUTES if name.startswith("get")}
"""The statuses beside 401, 403 and 429 that the vendor's document has."""


NODES = dict(nodes(DOCUMENT))
MARKED = {path: node for path, node in NODES.items() if "x-provenance" in node or "x-inferred" in node}

EVENTS = [
    (name, example["value"])
    for name, data in WEBHOOKS.items()
    for example in data["requestBody"]["content"]["application/json"]["examples"].values()
]


def parameters(operation: str) -> dict[tuple[str, str], dict[str, Any]]:
    return {(node["in"], node["name"]): node for node in map(resolve, OPERATIONS[operation][2]["parameters"])}


# -------------------------------------------------------------------------------------------------- the document


def test_it_is_a_valid_document() -> None:
    validate(DOCUMENT)


def test_it_has_the_sixteen_paths_twenty_operations_and_three_webhooks() -> None:
    assert {name: f"{method} {path}" for name, (method, path, _) in OPERATIONS.items()} == ROUTES
    assert (len(DOCUMENT["paths"]), len(OPERATIONS)) == (16, 20)
    assert set(WEBHOOKS) == {"transfer.changed", "card_transaction.changed", "external_transaction.changed"}
    renamed = {name: data.get("x-vendor-operation-id", name) for name, (_, _, data) in OPERATIONS.items()}
    changed = {name: vendor for name, vendor in renamed.items() if name != vendor}
    assert changed == {"listCardTransactions": "listTransactions", "listAuditLogs": "listAuditLog"}


@pytest.mark.parametrize("operation", ROUTES)
def test_each_operation_has_a_summary_a_page_a_permission_and_a_header(operation: str) -> None:
    data = OPERATIONS[operation][2]
    assert data["summary"]
    assert data["description"]
    (tag,) = data["tags"]
    assert tag in {one["name"] for one in DOCUMENT["tags"]}
    assert data["externalDocs"]["url"] == f"{DOCUMENT['externalDocs']['url']}#tag/{tag}"
    (scope,) = (scope for scope, operations in SCOPES.items() if operation in operations)
    assert data["x-sequence-permission"]["scope"] == scope
    assert data["security"] == [{"ApiKeyAuth": [scope] if scope else []}]
    assert scope is None or f"| `{scope}` |" in COMPONENTS["securitySchemes"]["ApiKeyAuth"]["description"]
    headers = {name for place, name in parameters(operation) if place == "header"}
    keyed = {"idempotency-key"} if operation in {"createTransfer", "triggerRule"} else set[str]()
    assert headers == {"x-called-reason"} | keyed


@pytest.mark.parametrize("operation", ROUTES)
def test_each_operation_has_the_named_error_responses(operation: str) -> None:
    data = OPERATIONS[operation][2]
    errors = {status: response for status, response in data["responses"].items() if status in ERRORS}
    assert errors == {status: {"$ref": f"#/components/responses/{ERRORS[status]}"} for status in errors}
    assert set(data["responses"]) == {*errors, SUCCESSES.get(operation, "200")}
    always = {"401", "429"} if operation == "listBeneficiaries" else {"401", "403", "429"}
    shown = DOCUMENTED.get(operation, set()) | always
    inferred = {one.removeprefix("response: ") for one in data["x-inferred"] if one.startswith("response: ")}
    assert set(errors) == shown | inferred
    assert not shown & inferred
    assert {"400", "5XX"} <= set(errors)


@pytest.mark.parametrize("status", ERRORS)
def test_an_error_response_names_each_of_its_codes_and_has_an_example_of_it(status: str) -> None:
    response = COMPONENTS["responses"][ERRORS[status]]
    examples = response["content"]["application/json"]["examples"].values()
    assert {example["value"]["error"]["code"] for example in examples} == CODES[status]
    for code in CODES[status]:
        assert f"`{code}`" in response["description"]
    assert ("Retry-After" in response.get("headers", {})) == (status in {"429", "5XX"})


def test_every_list_comes_in_pages_and_those_with_bounds_have_a_timeline() -> None:
    for operation in ROUTES:
        data, found = OPERATIONS[operation][2], parameters(operation)
        assert (data.get("x-sequence-pages") == "numbered") == (operation in LISTS)
        assert (("query", "from") in found) == ("x-sequence-timeline" in data)
        if operation in LISTS:
            size = found["query", "pageSize"]["schema"]
            assert (size["minimum"], size["maximum"], size["default"]) == (1, 100, 10)
            assert found["query", "page"]["schema"] == {"type": "integer", "minimum": 1, "default": 1}


def test_arrays_in_queries_are_called_as_they_are_sent() -> None:
    found = {
        (operation, name): node
        for operation in ROUTES
        for (place, name), node in parameters(operation).items()
        if place == "query" and resolve(node["schema"]).get("type") == "array"
    }
    assert set(found) == {("listTransfers", "accountIds[]"), ("listExternalTransactions", "accountIds[]")}
    for node in found.values():
        assert node["required"]
        assert node["schema"]["minItems"] == 1


def test_only_the_former_name_of_a_filter_is_deprecated() -> None:
    deprecated = [path for path, node in NODES.items() if node.get("deprecated")]
    assert deprecated == ["/components/parameters/FormerRuleExecutionId"]


def test_every_kind_of_id_has_one_schema_which_all_ids_refer_to() -> None:
    kinds = {name for name, schema in SCHEMAS.items() if schema.get("format") == "resource-id"}
    assert len(kinds) == 13
    for name in kinds:
        assert (SCHEMAS[name]["type"], SCHEMAS[name]["maxLength"]) == ("string", 255)
        assert "x-id-prefix" not in SCHEMAS[name]
    assert [node for node in NODES.values() if node.get("format") == "uuid"] == []
    references = {f"#/components/schemas/{name}" for name in kinds}
    for path, node in NODES.items():
        for name, member in (node.get("properties") or {}).items():
            if re.search("(^i|I)ds?$", name):
                one = member.get("items", member)
                assert (one.get("$ref") or one["oneOf"][0]["$ref"]) in references, f"{path}.{name}"
    for operation in ROUTES:
        for (_, name), node in parameters(operation).items():
            if re.search(r"(^i|I|_i)ds?(\[\])?$", name):
                assert node["schema"].get("items", node["schema"])["$ref"] in references, f"{operation}: {name}"


def test_account_numbers_are_sensitive() -> None:
    sensitive = {path.rpartition("/")[2] for path, node in NODES.items() if node.get("x-sensitive")}
    assert sensitive == {"routingNumber", "bankAccountNumber"}
    for node in NODES.values():
        for name in sensitive & set(node.get("properties") or ()):
            assert node["properties"][name]["x-sensitive"] is True


def test_objects_with_a_tag_are_open_to_new_values_of_it() -> None:
    assert not [path for path, node in NODES.items() if "discriminator" in node]
    bases = {name: schema for name, schema in SCHEMAS.items() if "x-sequence-variants" in schema}
    assert set(bases) == {"RuleTrigger", "RuleAction", "TriggerDetails"}
    for name, base in bases.items():
        variants = base["x-sequence-variants"]
        assert base["additionalProperties"] is True
        assert variants["tag"] == "type"
        assert list(variants["schemas"]) == resolve(base["properties"]["type"])["enum"]
        for reference in variants["schemas"].values():
            assert resolve({"$ref": reference})["allOf"][0] == {"$ref": f"#/components/schemas/{name}"}


def test_requests_and_responses_have_the_same_kinds_of_actions_and_triggers() -> None:
    for base, new in (("RuleAction", "NewRuleAction"), ("RuleTrigger", "NewRuleTrigger")):
        found = {
            part["properties"]["type"]["enum"][0]: reference["$ref"].rpartition("/New")[2]
            for reference in SCHEMAS[new]["oneOf"]
            for part in resolve(reference).get("allOf", [resolve(reference)])[-1:]
        }
        schemas = SCHEMAS[base]["x-sequence-variants"]["schemas"]
        assert found == {value: reference.rpartition("/")[2] for value, reference in schemas.items()}


def test_enums_have_a_name() -> None:
    unnamed = [path for path, node in NODES.items() if len(node.get("enum", ())) > 1 and path.count("/") > 3]
    assert unnamed == []


# -------------------------------------------------------------------------------------------------- what is inferred


def fits(aspect: str, node: dict[str, Any]) -> bool:
    """Whether a node has an aspect that could be inferred."""
    keyword, _, value = aspect.partition(": ")
    match keyword:
        case "nullable":
            return "null" in node.get("type", ()) or {"type": "null"} in node.get("oneOf", ())
        case "required":
            return value in node["required"]
        case "response":
            return value in node["responses"]
        case _:
            return keyword in node and bool(value) == (keyword == "description")


@pytest.mark.parametrize("path", MARKED)
def test_a_mark_says_what_was_inferred_and_from_what(path: str) -> None:
    node = MARKED[path]
    assert len(node["x-inferred-from"]) > 3
    assert node.get("x-provenance", "inferred") == "inferred"
    assert ("x-provenance" in node) != ("x-inferred" in node)
    assert [aspect for aspect in node.get("x-inferred", ()) if not fits(aspect, node)] == []


def test_nothing_says_what_it_was_inferred_from_without_being_marked() -> None:
    assert {path for path, node in NODES.items() if "x-inferred-from" in node} == set(MARKED)


def test_nothing_inferred_is_required_in_a_response() -> None:
    whole = {path for path, node in MARKED.items() if "x-provenance" in node}
    assert whole == {"/components/schemas/ErrorResponse/properties/requestId"}
    assert "requestId" not in SCHEMAS["ErrorResponse"]["required"]
    required = {path for path, node in MARKED.items() for one in node.get("x-inferred", ()) if "required" in one}
    assert required == {"/components/schemas/NewScheduledTrigger"}
    assert not required & {f"/components/schemas/{name}" for name in of_responses()}


def of_responses() -> set[str]:
    """The schemas that responses are made of."""
    found: set[str] = set()

    def reach(node: Any) -> None:
        if isinstance(node, dict):
            name = str(node.get("$ref", "")).removeprefix("#/components/schemas/")
            if name in SCHEMAS and name not in found:
                found.add(name)
                reach(SCHEMAS[name])
            for value in node.get("x-sequence-variants", {}).get("schemas", {}).values():
                reach({"$ref": value})
            for value in node.values():
                reach(value)
        elif isinstance(node, list):
            for value in node:
                reach(value)

    for _, _, data in OPERATIONS.values():
        reach(list(map(resolve, data["responses"].values())))
    return found


ABSENT = {
    "LinkedAccountSummary": {"canBeDestination"},
    "AccountSummary": {"linkedAccount"},
    "Account": {"linkedAccount"},
    "Balance": {"lastStatementDate", "interestRatePercentage", "originalLoanAmountInCents"},
    "Pagination": {"hasNextPage"},
    "ExternalTransactionPage": {"window"},
    "AuditLogEntryPage": {"window"},
    "Transfer": {"executionMode", "description", "addenda"},
    "RuleExecutionSummary": {"executionMode"},
    "RuleTrigger": {"accountId"},
    "ScheduledTrigger": {"startDate"},
    "AuditLogEntry": {"reason"},
    "ErrorResponse": {"requestId"},
    "ConditionParams": {"accountId"},
}


def test_what_may_be_absent_from_responses_is_known() -> None:
    found: dict[str, set[str]] = {}
    for name in of_responses():
        for part in SCHEMAS[name].get("allOf", [SCHEMAS[name]]):
            optional = set(part.get("properties", ())) - set(part.get("required", ()))
            if optional:
                found.setdefault(name, set()).update(optional)
    assert found == ABSENT


def test_every_extension_is_documented() -> None:
    text = (ROOT / "docs" / "contract-extensions.md").read_text()
    sections = set(re.findall(r"^### `(x-[a-z-]+)`$", text, re.MULTILINE))
    used = {name for node in NODES.values() for name in node if name.startswith("x-") and name != "x-called-reason"}
    assert used <= sections
    assert "docs/contract-extensions.md" in DOCUMENT["info"]["description"]


def test_the_document_speaks_of_the_api_alone() -> None:
    texts = [text for node in NODES.values() for text in (node.get("description"), node.get("summary"))]
    said = [text for text in texts if isinstance(text, str)]
    assert [text for text in said if re.search(r"\b(clients?|sdks?|class|raw)\b", text, re.IGNORECASE)] == []


# -------------------------------------------------------------------------------------------------- its examples


def exact(node: Any, *, inside: str = "") -> Any:
    """A part of the document in which an object that has a tag must be of the variant that the tag names."""
    if isinstance(node, list):
        return [exact(one, inside=inside) for one in node]
    if not isinstance(node, dict):
        return node
    name = str(node.get("$ref", "")).removeprefix("#/components/schemas/")
    variants = SCHEMAS.get(name, {}).get("x-sequence-variants")
    if variants is None or name == inside:
        return {key: exact(value, inside=inside) for key, value in node.items()}
    tagged = [
        {"allOf": [{"properties": {variants["tag"]: {"const": value}}}, {"$ref": reference}]}
        for value, reference in variants["schemas"].items()
    ]
    return {"oneOf": tagged}


def base_of(name: str) -> str:
    """The schema with variants, one of which this is."""
    return str(SCHEMAS[name].get("allOf", [{}])[0].get("$ref", "")).removeprefix("#/components/schemas/")


EXACT = {**COMPONENTS, "schemas": {name: exact(node, inside=base_of(name)) for name, node in SCHEMAS.items()}}


def problems(schema: dict[str, Any], payload: Any) -> list[str]:
    validator = Draft202012Validator({**schema, "components": EXACT})
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(payload)]


def test_every_operation_has_examples_of_all_that_it_takes_and_gives() -> None:
    assert {operation for operation, _, _ in RESPONSES} == set(ROUTES)
    assert {operation for operation, _, _ in BODIES} == {
        operation for operation, (_, _, data) in OPERATIONS.items() if "requestBody" in data
    }
    shown = json.dumps([payload for _, _, payload in BODIES + RESPONSES])
    for name in ("RuleActionType", "RuleTriggerType", "RuleExecutionTriggerType", "RuleExecutionStatus"):
        for value in SCHEMAS[name]["enum"]:
            assert f'"{value}"' in shown, f"{name} {value}"


@pytest.mark.parametrize(("operation", "name", "payload"), RESPONSES, ids=[f"{one[0]}-{one[1]}" for one in RESPONSES])
def test_an_example_of_a_response_is_of_its_schema(operation: str, name: str, payload: Any) -> None:
    responses = OPERATIONS[operation][2]["responses"]
    assert problems(responses[SUCCESSES.get(operation, "200")]["content"]["application/json"]["schema"], payload) == []


@pytest.mark.parametrize(("operation", "name", "payload"), BODIES, ids=[f"{one[0]}-{one[1]}" for one in BODIES])
def test_an_example_of_a_request_is_of_its_schema(operation: str, name: str, payload: Any) -> None:
    body = OPERATIONS[operation][2]["requestBody"]["content"]["application/json"]
    assert problems(body["schema"], payload) == []


def test_the_other_examples_are_of_their_schemas() -> None:
    for _, payload in EVENTS:
        assert problems({"$ref": "#/components/schemas/WebhookEvent"}, payload) == []
    for name in ERRORS.values():
        media = COMPONENTS["responses"][name]["content"]["application/json"]
        for example in media["examples"].values():
            assert problems(media["schema"], example["value"]) == []
    for node in [*COMPONENTS["parameters"].values(), *COMPONENTS["headers"].values()]:
        for example in node.get("examples", {}).values():
            assert problems(node["schema"], example["value"]) == []


def test_what_is_wrong_is_found() -> None:
    (payload,) = (payload for operation, name, payload in RESPONSES if (operation, name) == ("getRule", "nested"))
    action = json.loads(json.dumps(payload))
    action["data"]["steps"][0]["actions"][0]["amountInCents"] = "much"
    assert problems({"$ref": "#/components/schemas/RuleResponse"}, action)
    tree = json.loads(json.dumps(payload))
    tree["data"]["steps"][0]["conditions"] = {"all": [{"any": []}]}
    assert problems({"$ref": "#/components/schemas/RuleResponse"}, tree)


# -------------------------------------------------------------------------------------------------- its package


def names(node: Any) -> Iterator[str]:
    """What the members of builtins are called."""
    if isinstance(node, dict):
        for name, value in node.items():
            yield name
            yield from names(value)
    elif isinstance(node, list):
        for value in node:
            yield from names(value)


@pytest.mark.parametrize(("operation", "name", "payload"), RESPONSES, ids=[f"{one[0]}-{one[1]}" for one in RESPONSES])
def test_an_example_of_a_response_comes_out_whole(operation: str, name: str, payload: Any) -> None:
    found = platform.CONTRACT.operations[operation]
    model = found.decode(json.dumps(payload).encode())
    assert same(to_builtins(model, wire_names=True), payload)
    # An open object keeps what it does not know under the name that it has in JSON.
    assert [one for one in names(to_builtins(model)) if re.search("[A-Z]", one)] == []
    data = found.data(model)
    assert isinstance(data, list) == (operation in LISTS)


def test_objects_with_a_tag_are_of_their_variant_or_of_the_base() -> None:
    get_rule, models = platform.CONTRACT.operations["getRule"], platform.models
    (payload,) = (payload for operation, name, payload in RESPONSES if (operation, name) == ("getRule", "nested"))
    rule = get_rule.decode(json.dumps(payload).encode()).data
    assert type(rule.trigger) is models.FundsTransferredTrigger
    assert [type(action).__name__ for step in rule.steps for action in step.actions] == [
        "TopUpAction",
        "LastStatementBalanceAction",
        "PercentageAction",
    ]
    assert rule.steps[0].conditions.all[1].any[1].condition.params.account_id == "a2f4d9c1-6e0b-47d8-8f5a-1be93c0d7742"
    tomorrow = json.loads(json.dumps(payload).replace("TOP_UP", "LOTTERY").replace("POD", "TREE"))
    action = get_rule.decode(json.dumps(tomorrow).encode()).data.steps[0].actions[0]
    assert type(action) is models.RuleAction
    assert (action.type, action.destination.type) == ("LOTTERY", "TREE")
    assert action.raw["amountInCents"] == 50000


def test_members_that_may_be_absent_can_be() -> None:
    for operation, _, payload in RESPONSES:
        lean = json.loads(json.dumps(payload))
        for node in dicts(lean):
            for name in {"requestId", *(name for listed in ABSENT.values() for name in listed)} & set(node):
                if name not in {"description", "accountId", "requestId"}:
                    del node[name]
        platform.CONTRACT.operations[operation].decode(json.dumps(lean).encode())


def call(operation: str, **more: Any) -> Any:
    return getattr(platform.api, snake_case(operation))(**more)


IDS = {"id": "07c6e2b9-d83f-4e6a-a1f7-95b20d4c8e31"}


@pytest.mark.parametrize(("operation", "name", "payload"), BODIES, ids=[f"{one[0]}-{one[1]}" for one in BODIES])
def test_an_example_of_a_request_is_sent_as_it_is(operation: str, name: str, payload: Any) -> None:
    path = IDS if "{id}" in OPERATIONS[operation][1] else {}
    request = call(operation, **path, **in_python(payload)).request
    sent = json.loads(request.content)
    # An optional member that is null is the same as one that is not sent, at the top.
    expected = payload if operation == "updateRule" else {key: one for key, one in payload.items() if one is not None}
    assert sent == expected


def test_a_rule_can_be_made_of_models() -> None:
    models = platform.models
    pod = models.NewRuleAccount(id="a2f4d9c1", type=models.AccountType.POD)
    card = models.NewRuleAccount(id="e81d3a57", type=models.AccountType.EXTERNAL_ACCOUNT)
    balance = models.Condition(fact="BALANCE", operator="GREATER_THAN", value=1.5, value_fact=None, params=None)
    request = call(
        "createRule",
        trigger=models.NewScheduledTrigger(
            schedule_type="DAILY", start_date=datetime(2026, 8, 3, tzinfo=UTC), account_id="a2f4d9c1"
        ),
        steps=[
            models.NewRuleStep(
                conditions=models.ConditionTree(any=[models.ConditionTree(condition=balance)]),
                actions=[
                    models.NewPercentageAction(
                        source=pod,
                        destination=card,
                        group_index=0,
                        percentage_value=5,
                        percentage_target="SOURCE_ACCOUNT",
                    )
                ],
            )
        ],
    ).request
    body = json.loads(request.content)
    assert problems({"$ref": "#/components/schemas/CreateRuleBody"}, body) == []
    assert body["trigger"] == {
        "type": "SCHEDULED",
        "scheduleType": "DAILY",
        "startDate": "2026-08-03T00:00:00Z",
        "accountId": "a2f4d9c1",
    }
    assert body["steps"][0]["actions"][0]["type"] == "PERCENTAGE"


@pytest.mark.parametrize(
    ("operation", "arguments", "message"),
    [
        ("createTransfer", {"amount_in_cents": 99}, "amount_in_cents is 99; it must be at least 100"),
        ("createTransfer", {"description": "much too long"}, "description has 13 characters; at most 10"),
        ("createTransfer", {"description": "no-dash"}, "description 'no-dash' does not match"),
        ("createTransfer", {"idempotency_key": "é"}, "idempotency_key 'é' cannot be a header"),
        ("createTransfer", {"idempotency_key": "a b"}, "idempotency_key 'a b' does not match"),
        ("createAccount", {"type": "EXTERNAL_ACCOUNT"}, "type is 'EXTERNAL_ACCOUNT'; it must be one of POD, INCOME_S"),
        ("createRule", {"steps": []}, "steps has 0 items; it must have at least 1"),
        ("listTransfers", {"account_ids": []}, "account_ids has 0 items; it must have at least 1"),
        ("listTransfers", {"page_size": 101}, "page_size is 101; it must be at most 100"),
        ("listTransfers", {"from_": datetime(2026, 7, 1)}, "from_ has no time zone"),  # noqa: DTZ001
    ],
)
def test_what_the_api_would_refuse_is_not_sent(operation: str, arguments: dict[str, Any], message: str) -> None:
    right: dict[str, dict[str, Any]] = {
        "createTransfer": {"source_account_id": "a", "destination_account_id": "b", "amount_in_cents": 100},
        "createAccount": {"type": "POD", "name": "Boat"},
        "createRule": {"trigger": {"type": "MANUAL", "accountId": "a"}},
        "listTransfers": {"account_ids": ["a"]},
    }
    with pytest.raises(ValueError, match=re.escape(message)):
        call(operation, **{**right[operation], **arguments})


def test_queries_and_headers_are_spelt_as_in_the_document() -> None:
    request = call(
        "listTransfers",
        account_ids=["a2f4d9c1", "e81d3a57"],
        execution_mode="ALL",
        rule_execution_id="f3a97d10",
        from_=datetime(2026, 7, 1, tzinfo=UTC),
        page=2,
        page_size=100,
        called_reason="monthly close",
    ).request
    assert request.query == {
        "accountIds[]": ("a2f4d9c1", "e81d3a57"),
        "executionMode": "ALL",
        "ruleExecutionId": "f3a97d10",
        "from": "2026-07-01T00:00:00Z",
        "page": "2",
        "pageSize": "100",
    }
    assert request.headers == {"x-called-reason": "monthly close"}
    with pytest.warns(DeprecationWarning, match="rule_execution_id_deprecated"):
        former = call("listAccountTransfers", account_id="a/b", rule_execution_id_deprecated="f3a9").request
    assert (former.path, former.query) == ("/accounts/a%2Fb/transfers", {"rule_execution_id": "f3a9"})


def test_the_contract_says_what_the_head_says() -> None:
    contract = platform.CONTRACT
    assert contract.base_url == "https://api.getsequence.io/platform/v1"
    assert (contract.auth_scheme, contract.request_id, contract.rate_limit) == ("Bearer", None, (100, 60))
    assert contract.denied == {"access_denied": None, "maximum_amount_exceeded": "amount"}
    assert contract.idempotency.mismatch == {"idempotency_key_mismatch"}
    codes = [code.lower() for code in CODES["409"]]
    assert all(code.endswith(contract.idempotency.in_progress) for code in codes)
    idempotent = {name for name in ROUTES if contract.operations[name].idempotent}
    assert idempotent == {"createTransfer", "triggerRule"}
    assert contract.operations["getTransfer"].has_failed("CANCELLED")
    assert not contract.operations["getTransfer"].is_terminal("PENDING")
    assert contract.operations["listBeneficiaries"].permission is None
    page = contract.operations["listAccounts"].pages
    assert page.more == "data.pagination.has_next_page"


def test_account_numbers_are_not_printed() -> None:
    (payload,) = (one for operation, name, one in RESPONSES if (operation, name) == ("getAccount", "income-source"))
    response = platform.CONTRACT.operations["getAccount"].decode(json.dumps(payload).encode())
    assert response.data.bank_account_number == "5550001284"
    assert "5550001284" not in repr(response)
    assert "099900013" not in repr(response)


def test_every_event_is_decoded() -> None:
    assert {name for name, _ in EVENTS} == set(platform.WEBHOOKS) == set(WEBHOOKS)
    for name, payload in EVENTS:
        event = platform.WEBHOOKS[name].decode(json.dumps(payload).encode())
        assert (event.type, event.resource.id) == (name, payload["resource"]["id"])
    with pytest.raises(msgspec.ValidationError):
        platform.WEBHOOKS["transfer.changed"].decode(b"{}")
    headers = {resolve(node)["name"] for data in WEBHOOKS.values() for node in data["parameters"]}
    assert headers == {"X-Sequence-Signature", "X-Sequence-Event-Id"}
    assert [data["security"] for data in WEBHOOKS.values()] == [[], [], []]
