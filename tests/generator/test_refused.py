"""Every mistake in a contract, and all that the generator does not support, is named with its place: `make constructs`
lists them."""

from __future__ import annotations

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from generator.document import Document, Refused
from generator.settings import Settings

from .building import ROOT, SOURCE, WORKSHOP, load, read, save


def without_examples(node: Any) -> Any:
    """A contract that is read sooner."""
    if isinstance(node, list):
        return [without_examples(one) for one in node]
    if not isinstance(node, dict):
        return node
    return {key: without_examples(one) for key, one in node.items() if key not in {"examples", "links"}}


V1, SHOP = without_examples(load(SOURCE)), load(WORKSHOP)
PLATFORM = without_examples(load(ROOT / "openapi-platform.yaml"))

Change = Callable[[dict[str, Any]], object]

REFUSED: dict[str, tuple[dict[str, Any], Change, str]] = {}


def v1(what: str, message: str) -> Callable[[Change], Change]:
    """A mistake in openapi.yaml."""
    return _add(V1, what, message)


def live(what: str, message: str) -> Callable[[Change], Change]:
    """A mistake in openapi-platform.yaml."""
    return _add(PLATFORM, what, message)


def shop(what: str, message: str) -> Callable[[Change], Change]:
    """A mistake in the contract that is made up for tests."""
    return _add(SHOP, what, message)


def _add(document: dict[str, Any], what: str, message: str) -> Callable[[Change], Change]:
    def add(change: Change) -> Change:
        REFUSED[what] = (document, change, message)
        return change

    return add


@pytest.mark.parametrize("what", REFUSED)
def test_refused(what: str, tmp_path: Path) -> None:
    document, change, message = REFUSED[what]
    changed = copy.deepcopy(document)
    change(changed)
    policies = dict.fromkeys(("permissions", "documentation"), document is not SHOP)
    with pytest.raises(Refused) as caught:
        read(changed, tmp_path, **policies)
    assert message in str(caught.value)
    assert str(caught.value).startswith("made_up.json: ")


def test_the_contracts_that_are_changed_are_right_as_they_are(tmp_path: Path) -> None:
    read(V1, tmp_path)
    read(PLATFORM, tmp_path)
    read(SHOP, tmp_path, permissions=False, documentation=False)


def card(document: dict[str, Any]) -> Any:
    return document["paths"]["/cards/{id}"]["get"]


def transfers(document: dict[str, Any]) -> Any:
    return document["paths"]["/transfers"]


def head(document: dict[str, Any]) -> Any:
    return document["x-sequence-contract"]


def schemas(document: dict[str, Any]) -> Any:
    return document["components"]["schemas"]


def things(document: dict[str, Any]) -> Any:
    return document["paths"]["/things"]


def members(document: dict[str, Any]) -> Any:
    return schemas(document)["Thing"]["properties"]


def parameter(**schema: Any) -> Change:
    """A change that adds a query parameter."""
    return lambda document: things(document)["get"]["parameters"].append(
        {"name": "added", "in": "query", "schema": schema}
    )


def member(**schema: Any) -> Change:
    """A change that adds a member to a schema."""
    return lambda document: members(document).update(added=schema)


# ---------------------------------------------------------------------------------------------------- our extensions

v1("a contract without its head", "x-sequence-contract: it is missing")(lambda d: d.pop("x-sequence-contract"))
v1("a head without a member", "Object missing required field `auth-scheme`")(lambda d: head(d).pop("auth-scheme"))
v1("a misspelt member of the head", "Object contains unknown field `in_progress` - at `$.idempotency`")(
    lambda d: head(d)["idempotency"].update(in_progress=[])
)
v1("a text for a list in the head", "Expected `array`, got `str` - at `$.idempotency.mismatch`")(
    lambda d: head(d)["idempotency"].update(mismatch="idempotency_key_mismatch")
)
v1("keys that are kept for ever", "Expected `float` <= 315360000.0 - at `$.idempotency.kept-for`")(
    lambda d: head(d)["idempotency"].update({"kept-for": float("inf")})
)
v1("a header spelt otherwise than in the head", "parameter Idempotency-Key is spelt Idempotency-key in x-sequence")(
    lambda d: head(d)["idempotency"].update(header="Idempotency-key")
)
v1("an unknown part of a permission", "Invalid enum value 'scopes' - at `$.denied[...]`")(
    lambda d: head(d)["denied"].update(forbidden="scopes")
)
v1("a security scheme that is not there", "x-sequence-contract: there is no security scheme Other")(
    lambda d: head(d).update(security="Other")
)
v1("data that is not there", "the response has no member items, which x-sequence-contract names as its data")(
    lambda d: head(d).update(data="items")
)
v1("a page style without a size", "Object missing required field `size` - at `$.pages[...]`")(
    lambda d: head(d)["pages"]["cursor"].pop("size")
)
v1("an unknown kind of page style", "Invalid value 'scroll' - at `$.pages[...].style`")(
    lambda d: head(d)["pages"]["cursor"].update(style="scroll")
)
live("a page that says nowhere how long it is", "GET /accounts: the response has nothing at data.length")(
    lambda d: head(d)["pages"]["numbered"].update(length="data.length")
)
live("a window that no list has", "page style numbered: no response has data.span")(
    lambda d: head(d)["pages"]["numbered"].update(window="data.span")
)
live("an identifier of responses that none has", "response-id: responses do not agree on what requestID is")(
    lambda d: head(d).update({"response-id": "requestID"})
)
live("simulating by an argument that is not there", "simulation: no parameter dryRun, or several names for it")(
    lambda d: head(d)["simulation"].update(argument="dryRun")
)
live("simulating without saying how it shows", "Object missing required field `live` - at `$.simulation`")(
    lambda d: head(d)["simulation"].pop("live")
)
live("something made by a GET", "GET /transfers/{id}: x-sequence-makes: a GET makes nothing")(
    lambda d: d["paths"]["/transfers/{id}"]["get"].update({"x-sequence-makes": "data.id"})
)
live("something made that the response does not name", "x-sequence-makes: the response has nothing at data.transferId")(
    lambda d: transfers(d)["post"].update({"x-sequence-makes": "data.transferId"})
)
live("a scope of all, and of some", "READ_AUDIT_LOGS has resources in one operation, and none in another")(
    lambda d: d["paths"]["/rules"]["get"].update(
        {
            "security": [{"ApiKeyAuth": ["READ_AUDIT_LOGS"]}],
            "x-sequence-permission": {"scope": "READ_AUDIT_LOGS", "resource": {"in": "server", "hint": "any rule"}},
        }
    )
)

v1("no permission", "GET /cards/{id}: x-sequence-permission: it is missing")(
    lambda d: card(d).pop("x-sequence-permission")
)
v1("another role than the scope", "security names ['READ_ACCOUNTS'], x-sequence-permission READ_CARDS")(
    lambda d: card(d).update(security=[{"ApiKeyAuth": ["READ_ACCOUNTS"]}])
)
v1("a resource that is no parameter", "x-sequence-permission: no query parameter account_id")(
    lambda d: card(d)["x-sequence-permission"].update(resource={"in": "query", "name": "account_id"})
)
v1("a resource in a cookie", "x-sequence-permission: Invalid value 'cookie' - at `$.resource.in`")(
    lambda d: card(d)["x-sequence-permission"].update(resource={"in": "cookie", "name": "id"})
)
v1(
    "a text for the paths of a resource",
    "x-sequence-permission: Expected `array`, got `str` - at `$.resource.response`",
)(lambda d: card(d)["x-sequence-permission"]["resource"].update(response="data.account_id"))
v1("a resource that the response does not name", "x-sequence-permission: the response has nothing at data.account")(
    lambda d: card(d)["x-sequence-permission"]["resource"].update(response=["data.account"])
)
v1("a misspelt member of a permission", "POST /transfers: x-sequence-permission: Object contains unknown field")(
    lambda d: transfers(d)["post"]["x-sequence-permission"]["resource"].update({"max-amount": "amount_in_cents"})
)
v1("a misspelt extension", "GET /cards/{id}: x-sequence-echo is not supported here")(
    lambda d: card(d).update({"x-sequence-echo": {}})
)
v1("an extension of operations on a schema", "schema Card: x-sequence-echoes is not supported here")(
    lambda d: schemas(d)["Card"].update({"x-sequence-echoes": {}})
)
v1("an echo of no parameter", "GET /cards/{id}: x-sequence-echoes: no parameter card_id")(
    lambda d: card(d).update({"x-sequence-echoes": {"card_id": "data.id"}})
)
v1("an echo that is not there", "GET /cards/{id}: x-sequence-echoes: the response has nothing at data.card.id")(
    lambda d: card(d).update({"x-sequence-echoes": {"id": "data.card.id"}})
)
v1("a success that settles", "POST /transfers: x-sequence-settling: Expected `int` >= 400")(
    lambda d: transfers(d)["post"].update({"x-sequence-settling": [{"status": 201, "code": "done"}]})
)
v1("a status that settles without a code", "x-sequence-settling: Object missing required field `code`")(
    lambda d: transfers(d)["post"].update({"x-sequence-settling": [{"status": 422}]})
)
v1("settling what is attempted again", "x-sequence-settling: 409 TRANSFER_IN_PROGRESS is followed by another attempt")(
    lambda d: transfers(d)["post"].update({"x-sequence-settling": [{"status": 409, "code": "TRANSFER_IN_PROGRESS"}]})
)
v1("a read that is settled", "GET /cards/{id}: x-sequence-settling: it takes no idempotency key")(
    lambda d: card(d).update({"x-sequence-settling": [{"status": 422, "code": "too_small"}]})
)
v1("pages without a style", "GET /transfers: x-sequence-pages: it is missing, although the response has page_info.has")(
    lambda d: transfers(d)["get"].pop("x-sequence-pages")
)
v1("a page style that is not there", "GET /transfers: x-sequence-pages: x-sequence-contract has no page style scroll")(
    lambda d: transfers(d)["get"].update({"x-sequence-pages": "scroll"})
)
v1("pages of what has none", "GET /cards/{id}: x-sequence-pages: it has no parameter first")(
    lambda d: card(d).update({"x-sequence-pages": "cursor"})
)
v1("a timeline of no parameter", "GET /transfers: x-sequence-timeline: it has no parameter since")(
    lambda d: transfers(d)["get"]["x-sequence-timeline"].update(oldest="since")
)
v1("a timeline of no member", "x-sequence-timeline: the response has nothing at data[].createdAt")(
    lambda d: transfers(d)["get"]["x-sequence-timeline"].update(moment="createdAt")
)
v1("an end that is no status", "GET /transfers/{id}: x-sequence-terminal: lost is no status of the response's")(
    lambda d: d["paths"]["/transfers/{id}"]["get"]["x-sequence-terminal"].update(failed=["lost"])
)
v1("an end that is there twice", "GET /transfers/{id}: x-sequence-terminal: complete is there twice")(
    lambda d: d["paths"]["/transfers/{id}"]["get"]["x-sequence-terminal"]["failed"].append("complete")
)
v1("an end of what does not end", "GET /rules/{id}: x-sequence-terminal: done is no status of the response's")(
    lambda d: d["paths"]["/rules/{id}"]["get"].update({"x-sequence-terminal": {"succeeded": ["done"], "failed": []}})
)
v1("an odd availability", "x-availability is neither available nor coming-soon")(
    lambda d: card(d).update({"x-availability": "sometime"})
)
v1("no page of documentation", "GET /cards/{id}: externalDocs: url is missing")(lambda d: card(d).pop("externalDocs"))
v1("a variant that is no schema", "SCHEDULED stands for #/components/schemas/Later, which is no component schema")(
    lambda d: schemas(d)["RuleTrigger"]["x-sequence-variants"]["schemas"].update(SCHEDULED="#/components/schemas/Later")
)
v1("variants by no member", "schema RuleTrigger: x-sequence-variants: it has no member kind")(
    lambda d: schemas(d)["RuleTrigger"]["x-sequence-variants"].update(tag="kind")
)
v1("variants of what is not open", "schema RuleTrigger: x-sequence-variants: additionalProperties must be true")(
    lambda d: schemas(d)["RuleTrigger"].update(additionalProperties=False)
)

# -------------------------------------------------------------------------------------------------------- operations


@shop("an operation without operationId", "GET /things: Object missing required field `operationId`")
def _(d: dict[str, Any]) -> None:
    del things(d)["get"]["operationId"]


@shop("an operationId that is there twice", "operationId listThings is taken by made_up.json: GET /things")
def _(d: dict[str, Any]) -> None:
    things(d)["post"]["operationId"] = "listThings"


@shop("operationIds that are called alike in Python", "operationId list_things is taken by made_up.json: GET /things")
def _(d: dict[str, Any]) -> None:
    things(d)["post"]["operationId"] = "list_things"


@shop("an operation without a summary", "GET /things: Object missing required field `summary`")
def _(d: dict[str, Any]) -> None:
    del things(d)["get"]["summary"]


@shop("a reference in place of a path's operations", "/things: a reference in place of a path's operations is not")
def _(d: dict[str, Any]) -> None:
    d["paths"]["/things"] = {"$ref": "#/components/pathItems/things"}


@shop("methods without a meaning here", "/things: head is not supported here")
def _(d: dict[str, Any]) -> None:
    things(d)["head"] = things(d)["get"]


@shop("servers of an operation", "GET /things: servers is not supported here")
def _(d: dict[str, Any]) -> None:
    things(d)["get"]["servers"] = []


@shop("callbacks", "GET /things: callbacks is not supported here")
def _(d: dict[str, Any]) -> None:
    things(d)["get"]["callbacks"] = {}


@shop("an operation that needs another security scheme", "GET /things: security: it cannot be called with Key alone")
def _(d: dict[str, Any]) -> None:
    things(d)["get"]["security"] = [{"Session": []}, {"Session": [], "Key": []}]


@shop("an operation without security", "security: an operation without any is not supported")
def _(d: dict[str, Any]) -> None:
    things(d)["get"]["security"] = []


@shop("several successful responses", "GET /things: several successful responses (200, 202) are not supported")
def _(d: dict[str, Any]) -> None:
    things(d)["get"]["responses"]["202"] = {"description": "Later."}


@shop("no successful response", "GET /things: no successful response")
def _(d: dict[str, Any]) -> None:
    del things(d)["get"]["responses"]["200"]


@shop("responses that are no JSON", "GET /things: response 200: text/csv is not supported: only application/json is")
def _(d: dict[str, Any]) -> None:
    content = things(d)["get"]["responses"]["200"]["content"]
    content["text/csv"] = content.pop("application/json")


@shop("bodies that are no JSON", "POST /things: request body: multipart/form-data is not supported")
def _(d: dict[str, Any]) -> None:
    content = things(d)["post"]["requestBody"]["content"]
    content["multipart/form-data"] = content.pop("application/json")


@shop("bodies that are no object", "POST /things: request body: it is no JSON object with properties, of one kind")
def _(d: dict[str, Any]) -> None:
    things(d)["post"]["requestBody"]["content"]["application/json"]["schema"] = {"type": "array", "items": {}}


@shop("bodies of several kinds", "POST /things: request body: it is no JSON object with properties, of one kind")
def _(d: dict[str, Any]) -> None:
    schema = {"$ref": "#/components/schemas/Action"}
    things(d)["post"]["requestBody"]["content"]["application/json"]["schema"] = schema


@shop("cookies", "parameter added: parameters in a cookie are not supported: only in path, query and header")
def _(d: dict[str, Any]) -> None:
    things(d)["get"]["parameters"].append({"name": "added", "in": "cookie", "schema": {"type": "string"}})


@shop("parameters with a media type", "parameter added: content is not supported: describe it by a schema")
def _(d: dict[str, Any]) -> None:
    things(d)["get"]["parameters"].append({"name": "added", "in": "query", "content": {"application/json": {}}})


@shop("parameters without a schema", "parameter added: schema is missing")
def _(d: dict[str, Any]) -> None:
    things(d)["get"]["parameters"].append({"name": "added", "in": "query"})


@shop("parameters in another style", "parameter accountIds[]: style pipeDelimited is not supported: use form")
def _(d: dict[str, Any]) -> None:
    things(d)["get"]["parameters"][0]["style"] = "pipeDelimited"


@shop("a parameter that is there twice", "GET /things: a parameter is listed twice")
def _(d: dict[str, Any]) -> None:
    things(d)["get"]["parameters"].append(things(d)["get"]["parameters"][0])


@shop("parameters that are called alike in Python", "parameters maxSize and max-size would both be called max_size")
def _(d: dict[str, Any]) -> None:
    things(d)["get"]["parameters"].insert(0, {"name": "maxSize", "in": "query", "schema": {"type": "string"}})


@shop("a path parameter that is not described", "the path has {thingId}, and no parameter of this name")
def _(d: dict[str, Any]) -> None:
    del d["paths"]["/things/{thingId}/{thingKind}"]["parameters"][0]


@shop("a path parameter that is not in the path", "GET /things: path parameter added is not in the path")
def _(d: dict[str, Any]) -> None:
    things(d)["get"]["parameters"].append(
        {"name": "added", "in": "path", "required": True, "schema": {"type": "string"}}
    )


@shop("a parameter without a name in Python", "parameter ---: '---' leaves no name in Python")
def _(d: dict[str, Any]) -> None:
    things(d)["get"]["parameters"].append({"name": "---", "in": "query", "schema": {"type": "string"}})


@shop("a webhook without a body", "webhook thing.changed: Object missing required field `requestBody`")
def _(d: dict[str, Any]) -> None:
    del d["webhooks"]["thing.changed"]["post"]["requestBody"]


shop("objects in queries", "parameter added: an object cannot be sent in a query: only a body can hold that")(
    parameter(type="object", properties={"a": {"type": "string"}})
)
shop("maps in queries", "parameter added: a map cannot be sent in a query")(parameter(type="object"))
shop("any type in queries", "parameter added: any type cannot be sent in a query")(parameter())
shop("arrays of arrays in queries", "parameter added: an array of these cannot be sent in a query")(
    parameter(type="array", items={"type": "array", "items": {"type": "string"}})
)


@shop("arrays in headers", "parameter x-priority: a list cannot be sent in a header: only a body can hold that")
def _(d: dict[str, Any]) -> None:
    for one in things(d)["get"]["parameters"]:
        if one["name"] == "x-priority":
            one["schema"] = {"type": "array", "items": {"type": "string"}}


# ----------------------------------------------------------------------------------------------------------- schemas

shop("an unknown format", "string of format ipv4 is not supported: use none, or one of date, date-time")(
    member(type="string", format="ipv4")
)
shop("an unknown type", "file is no type: use one of array, boolean, integer")(member(type="file"))
shop("a pattern that is none", "pattern [ means nothing to Python")(member(type="string", pattern="["))
shop("limits of another type", "member added: minimum is not supported here")(member(type="string", minimum=1))
shop("nullable, of OpenAPI 3.0", "member added: nullable is not supported here")(member(type="string", nullable=True))
shop("not", "member added: not is not supported here")(member(**{"not": {"type": "string"}}))
shop("if", "member added: if is not supported here")(member(type="object", properties={"a": {}}, **{"if": {}}))
shop("readOnly and writeOnly", "readOnly is not supported here")(member(type="string", readOnly=True))
shop("a misspelt reference", "there is no schema Prt; there is Part")(member(**{"$ref": "#/components/schemas/Prt"}))
shop("patternProperties", "patternProperties is not supported here")(member(type="object", patternProperties={}))
shop("prefixItems", "prefixItems is not supported here")(member(type="array", prefixItems=[{}]))
shop("properties beside a map", "properties beside a schema of additionalProperties are not supported")(
    member(type="object", properties={"a": {}}, additionalProperties={"type": "string"})
)
shop("what is required and not there", "b is required, and no member")(
    member(type="object", properties={"a": {}}, required=["b"])
)
shop("enums of texts and numbers", "an enum must have strings only, or whole numbers only, beside null")(
    member(enum=["a", 1])
)
shop("enums with a value twice", "a value is listed twice")(member(enum=["a", "b", "a"]))
shop("enums whose values are called alike", "several values would be called A_B in Python")(member(enum=["a-b", "a_b"]))
shop("const of an object", "const {} is not supported: use a string, a number or a boolean")(member(const={}))
shop("alternatives that JSON does not tell apart", "JSON does not tell these alternatives apart")(
    member(oneOf=[{"type": "string"}, {"type": "string", "format": "date"}])
)
shop("objects among other alternatives", "oneOf of objects with and without a name, or of objects and others")(
    member(oneOf=[{"$ref": "#/components/schemas/Part"}, {"type": "string"}])
)
shop("alternatives in a place that has no name", "alternatives that are component schemas must be one themselves")(
    member(oneOf=[{"$ref": "#/components/schemas/Part"}, {"$ref": "#/components/schemas/Base"}])
)
shop("alternatives without a required member", "it has no required member by which it can be told")(
    member(oneOf=[{"type": "object", "properties": {"a": {}}}, {"type": "object", "properties": {"b": {}}}])
)
shop("alternatives with one member of two types", "another alternative has it with another type")(
    member(
        oneOf=[
            {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}},
            {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}},
        ]
    )
)
shop("members that are called alike in Python", "another member is called thing_name in Python, too")(
    lambda d: members(d).update(thing_name={"type": "string"})
)
shop("a reference beside other keywords", "member added: type is not supported here")(
    member(**{"$ref": "#/components/schemas/Part", "type": "object"})
)
shop("a reference to another document", "refers to another document: copy what it refers to into this one")(
    member(**{"$ref": "other.yaml#/Part"})
)
shop("a reference to what is no schema", "#/components/securitySchemes/Key is no component schema")(
    member(**{"$ref": "#/components/securitySchemes/Key"})
)
shop("a reference to nothing", "there is no schema Nothing")(member(allOf=[{"$ref": "#/components/schemas/Nothing"}]))


@shop("a schema that refers to itself", "schema Loop: it is made of itself, with no object in between")
def _(d: dict[str, Any]) -> None:
    schemas(d)["Loop"] = {"type": "array", "items": {"$ref": "#/components/schemas/Loop"}}


@shop("references in a circle", "#/components/schemas/Two refers to itself")
def _(d: dict[str, Any]) -> None:
    schemas(d)["One"] = {"$ref": "#/components/schemas/Two"}
    schemas(d)["Two"] = {"$ref": "#/components/schemas/One"}


@shop(
    "classes of one name", "its class would be called ThingMaker, as that of made_up.json: schema Thing: member maker"
)
def _(d: dict[str, Any]) -> None:
    schemas(d)["thing_maker"] = {"type": "object", "properties": {"a": {"type": "string"}}}


@shop("a class with a name that generated code uses", "its class would be called Request, which generated code uses")
def _(d: dict[str, Any]) -> None:
    schemas(d)["Request"] = {"type": "object", "properties": {"a": {"type": "string"}}}


@shop("a variant in two unions", "Cut is a variant of Action already: give each its own")
def _(d: dict[str, Any]) -> None:
    schemas(d)["Step"] = {
        "oneOf": [{"$ref": "#/components/schemas/Cut"}, {"$ref": "#/components/schemas/Paint"}],
        "discriminator": schemas(d)["Action"]["discriminator"],
    }


@shop("a mapping to nothing", "discriminator: CUT stands for #/components/schemas/Saw, which is no component schema")
def _(d: dict[str, Any]) -> None:
    schemas(d)["Action"]["discriminator"]["mapping"]["CUT"] = "#/components/schemas/Saw"


@shop("an alternative that is not in the mapping", "Cut is not both among the alternatives and in the mapping")
def _(d: dict[str, Any]) -> None:
    del schemas(d)["Action"]["discriminator"]["mapping"]["CUT"]


# ------------------------------------------------------------------------------- what is of another type, or hostile

for _what, _change, _message in (
    ("a type that is none", {"type": {}}, "member added: Expected `str | array`, got `object` - at `$.type`"),
    (
        "required that is no list",
        {"type": "object", "required": 5},
        "Expected `array`, got `int` - at `$.required`",
    ),
    ("properties that are none", {"properties": 7}, "Expected `object`, got `int` - at `$.properties`"),
    ("an enum that is no list", {"enum": True}, "Expected `array`, got `bool` - at `$.enum`"),
    ("no alternative", {"oneOf": []}, "Expected `array` of length >= 1 - at `$.oneOf`"),
    ("an alternative that is no schema", {"oneOf": [None]}, "Expected `object`, got `null` - at `$.oneOf[0]`"),
    ("type null", {"type": "null"}, "type null alone says nothing"),
    (
        "a length that is a text",
        {"type": "string", "maxLength": "5"},
        "Expected `int`, got `str` - at `$.maxLength`",
    ),
    ("a length below 0", {"type": "string", "maxLength": -1}, "Expected `int` >= 0 - at `$.maxLength`"),
    ("multiples of 0", {"type": "integer", "multipleOf": 0}, "Expected `float` > 0.0 - at `$.multipleOf`"),
    ("limits that nothing keeps", {"type": "integer", "minimum": 2, "maximum": 1}, "minimum is above maximum"),
    ("a flag that is a text", {"type": "string", "x-sensitive": "no"}, "Expected `bool`, got `str`"),
    ("an enum of another type", {"type": "string", "enum": [1, 2]}, "its values are not of type string"),
    ("a const of another type", {"type": "string", "const": 5}, "const 5 is none of string"),
    ("a number of more than 64 bits", {"enum": [1, 10**30]}, "a value does not fit into 64 bits"),
    (
        "a type beside alternatives",
        {"type": "integer", "oneOf": [{"type": "string"}, {"type": "boolean"}]},
        "type beside oneOf",
    ),
    (
        "alternatives within alternatives",
        {"oneOf": [{"oneOf": [{"type": "string"}, {"type": "integer"}]}, {"type": "boolean"}]},
        "JSON does not tell",
    ),
    (
        "members that contradict each other",
        {"allOf": [{"properties": {"a": {"type": "string"}}}, {"properties": {"a": {"type": "integer"}}}]},
        "another part of allOf has this member with another type",
    ),
    (
        "limits that allOf would drop",
        {
            "allOf": [
                {"properties": {"a": {"type": "string", "maxLength": 3}}},
                {"properties": {"a": {"type": "string"}}},
            ]
        },
        "another part of allOf has this member with another type",
    ),
    (
        "what stands beside a reference in allOf",
        {"allOf": [{"$ref": "#/components/schemas/Base", "required": ["type"]}, {"properties": {"a": {}}}]},
        "required is not supported here",
    ),
    (
        "minLength of an ID",
        {"type": "string", "format": "resource-id", "minLength": 5},
        "minLength of an ID is not supported",
    ),
    (
        "variants of a schema without a name",
        {
            "type": "object",
            "additionalProperties": True,
            "properties": {"t": {"type": "string"}},
            "x-sequence-variants": {"tag": "t", "schemas": {"a": "#/components/schemas/Base"}},
        },
        "only a component schema can have variants",
    ),
):
    shop(_what, _message)(member(**_change))  # type: ignore[arg-type]

for _name in ("__eq__", "ﬁ", "名", "???"):
    shop(f"a member called {_name}", "in Python")(lambda d, name=_name: members(d).update({name: {"type": "string"}}))

for _id in ('a"""b', "1", "-", "import os", "date", "checks", "made things", "UNSET", "counts"):
    shop(f"the operationId {_id}", "GET /things: ")(lambda d, id=_id: things(d)["get"].update(operationId=id))

for _tag in ("", "1", "#", "__init__", "名"):
    shop(f"the tag {_tag!r}", "made_up.json: ")(lambda d, tag=_tag: things(d)["get"].update(tags=[tag]))

for _schema in ("é", "a b", "x" * 200, "Any", "CONTRACT"):
    shop(f"a schema called {_schema[:9]}", "made_up.json: ")(
        lambda d, name=_schema: schemas(d).update({name: {"type": "object", "properties": {"a": {}}}})
    )

for _path in ("things", "/a b", "/a?x=1", "/a}b{", '/a"b'):
    shop(f"the path {_path}", "made_up.json: ")(
        lambda d, path=_path: d["paths"].update({path: d["paths"].pop("/things")})
    )


@shop("a schema whose allOf leads back to it", "its allOf leads back to it")
def _(d: dict[str, Any]) -> None:
    schemas(d)["Loop"] = {"allOf": [{"$ref": "#/components/schemas/Loop"}]}


@shop("a union of itself", "schema Loop: ")
def _(d: dict[str, Any]) -> None:
    schemas(d)["Loop"] = {"oneOf": [{"$ref": "#/components/schemas/Loop"}, {"$ref": "#/components/schemas/Part"}]}


@shop("alternatives that cannot be told apart", "Round cannot be told from Square: give them a discriminator")
def _(d: dict[str, Any]) -> None:
    schemas(d)["Square"]["properties"]["radiusInMm"] = {"type": "number"}


@shop("a tag whose values a schema does not have", "SAW stands for Cut, whose type cannot be that")
def _(d: dict[str, Any]) -> None:
    mapping = schemas(d)["Action"]["discriminator"]["mapping"]
    mapping["SAW"] = mapping.pop("CUT")


@shop("a tag that is no member", "Cut has no member kind, by which it is told")
def _(d: dict[str, Any]) -> None:
    schemas(d)["Action"]["discriminator"]["propertyName"] = "kind"


@shop("unknown parts of the document", "x-sequence-contrct is not supported here")
def _(d: dict[str, Any]) -> None:
    d["x-sequence-contrct"] = {}


@shop("a server with variables", "servers: Expected `str` matching regex")
def _(d: dict[str, Any]) -> None:
    d["servers"] = [{"url": "https://{region}.example.com"}]


@shop("no operations", "made_up.json: Expected `object` of length >= 1 - at `$.paths`")
def _(d: dict[str, Any]) -> None:
    d["paths"] = {}


@shop("a security scheme of another kind", "security scheme Key is not supported: it has to be http")
def _(d: dict[str, Any]) -> None:
    d["components"]["securitySchemes"]["Key"] = {"type": "apiKey", "in": "header", "name": "X-Api-Key"}


@shop("two tags", "GET /things: Expected `array` of length <= 1 - at `$.tags`")
def _(d: dict[str, Any]) -> None:
    things(d)["get"]["tags"].append("others")


@shop("a body that takes more than it says", "additionalProperties of a whole body is not supported")
def _(d: dict[str, Any]) -> None:
    things(d)["post"]["requestBody"]["content"]["application/json"]["schema"]["additionalProperties"] = True


@shop("a response that may be null", "response 201: a response that may be null, or of several types, is not supported")
def _(d: dict[str, Any]) -> None:
    schema = things(d)["post"]["responses"]["201"]["content"]["application/json"]["schema"]
    schema["type"] = ["object", "null"]


@shop("content where there is none", "response 204: 204 has no content")
def _(d: dict[str, Any]) -> None:
    responses = d["paths"]["/things/{thingId}/{thingKind}"]["delete"]["responses"]
    responses["204"]["content"] = {"application/json": {"schema": {"type": "object", "properties": {"data": {}}}}}


@shop("a path parameter that need not be there", "parameter thingId: a path parameter has to be required")
def _(d: dict[str, Any]) -> None:
    d["paths"]["/things/{thingId}/{thingKind}"]["parameters"][0]["required"] = False


@shop("a header that HTTP libraries set", "parameter Host: HTTP libraries set this header themselves")
def _(d: dict[str, Any]) -> None:
    things(d)["get"]["parameters"].append({"name": "Host", "in": "header", "schema": {"type": "string"}})


@shop("pages of more than there can be", "x-sequence-pages: largest is 51, and pageSize cannot be that")
def _(d: dict[str, Any]) -> None:
    head(d)["pages"]["numbered"]["largest"] = 51


@shop("a next page that is not true or false", "x-sequence-pages: data.items is not true or false")
def _(d: dict[str, Any]) -> None:
    head(d)["pages"]["numbered"]["more"] = "data.items"


@shop("a timeline of what is no moment", "x-sequence-timeline: thingName is no moment")
def _(d: dict[str, Any]) -> None:
    things(d)["get"]["x-sequence-timeline"]["moment"] = "thingName"


# --------------------------------------------------------------------------------------------------- whole documents


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("openapi: [", "broken.yaml: it cannot be read"),
        ("openapi: 3.0.3", "broken.yaml: it is no OpenAPI 3.1 document"),
        ("swagger: '2.0'", "broken.yaml: it is no OpenAPI 3.1 document"),
        ("- a", "broken.yaml: it is no OpenAPI 3.1 document"),
        ("", "broken.yaml: it is no OpenAPI 3.1 document"),
    ],
)
def test_a_document_that_is_none_is_refused(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(text)
    with pytest.raises(Refused) as caught:
        Document(path)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ({}, "config.yaml: packages: it is missing"),
        ({"packages": [{"document": "a.yaml"}]}, "packages: Object missing required field `package` - at `$[0]`"),
        ({"packages": [{"document": "a", "package": "b", "permission": True}]}, "unknown field `permission`"),
        ({"packages": [{"document": "a", "package": "b-c"}]}, "a package's name must be one in Python"),
        ({"packages": [{"document": name, "package": "b"} for name in "ac"]}, "two contracts make the same package"),
    ],
)
def test_settings_that_say_something_else_are_refused(config: dict[str, Any], message: str, tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        Settings.read(save(config, tmp_path / "config.yaml"))
    assert message in str(caught.value)
