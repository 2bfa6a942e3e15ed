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

from .building import SOURCE, WORKSHOP, load, read, save

V1, SHOP = load(SOURCE), load(WORKSHOP)

Change = Callable[[dict[str, Any]], object]

REFUSED: dict[str, tuple[dict[str, Any], Change, str]] = {}


def v1(what: str, message: str) -> Callable[[Change], Change]:
    """A mistake in openapi.yaml."""
    return _add(V1, what, message)


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
    policies = {"permissions": document is V1, "documentation": document is V1}
    with pytest.raises(Refused) as caught:
        read(changed, tmp_path, **policies)
    assert message in str(caught.value)
    assert str(caught.value).startswith("made_up.json: ")


def test_the_contracts_that_are_changed_are_right_as_they_are(tmp_path: Path) -> None:
    read(V1, tmp_path)
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


@shop("an operation without operationId", "GET /things: operationId is missing")
def _(d: dict[str, Any]) -> None:
    del things(d)["get"]["operationId"]


@shop("an operationId that is there twice", "operationId listThings is taken by made_up.json: GET /things")
def _(d: dict[str, Any]) -> None:
    things(d)["post"]["operationId"] = "listThings"


@shop("operationIds that are called alike in Python", "operationId list_things is taken by made_up.json: GET /things")
def _(d: dict[str, Any]) -> None:
    things(d)["post"]["operationId"] = "list_things"


@shop("an operation without a summary", "GET /things: summary is missing")
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
    things(d)["get"]["parameters"].append({"name": "added", "in": "path", "schema": {"type": "string"}})


@shop("a parameter without a name in Python", "parameter ---: '---' leaves no name in Python")
def _(d: dict[str, Any]) -> None:
    things(d)["get"]["parameters"].append({"name": "---", "in": "query", "schema": {"type": "string"}})


@shop("a webhook without a body", "webhook thing.changed: requestBody is missing")
def _(d: dict[str, Any]) -> None:
    del d["webhooks"]["thing.changed"]["post"]["requestBody"]


shop("objects in queries", "parameter added: objects cannot be sent in a query: only a body can hold them")(
    parameter(type="object", properties={"a": {"type": "string"}})
)
shop("maps in queries", "parameter added: maps cannot be sent in a query")(parameter(type="object"))
shop("any type in queries", "parameter added: anys cannot be sent in a query")(parameter())
shop("arrays of arrays in queries", "parameter added: an array of these cannot be sent in a query")(
    parameter(type="array", items={"type": "array", "items": {"type": "string"}})
)


@shop("arrays in headers", "parameter x-priority: lists cannot be sent in a header: only a body can hold them")
def _(d: dict[str, Any]) -> None:
    for one in things(d)["get"]["parameters"]:
        if one["name"] == "x-priority":
            one["schema"] = {"type": "array", "items": {"type": "string"}}


# ----------------------------------------------------------------------------------------------------------- schemas

shop("an unknown format", "string of format ipv4 is not supported: use none, or one of date, date-time")(
    member(type="string", format="ipv4")
)
shop("an unknown type", "file of format None is not supported")(member(type="file"))
shop("a pattern that is none", "pattern [ means nothing to Python")(member(type="string", pattern="["))
shop("limits of another type", "member added: minimum is not supported here")(member(type="string", minimum=1))
shop("nullable, of OpenAPI 3.0", "member added: nullable is not supported here")(member(type="string", nullable=True))
shop("not", "member added: not is not supported here")(member(**{"not": {"type": "string"}}))
shop("if", "member added: if is not supported here")(member(type="object", properties={"a": {}}, **{"if": {}}))
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
shop("a reference to nothing", "schema Nothing: there is none of this name")(
    member(allOf=[{"$ref": "#/components/schemas/Nothing"}])
)


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
