"""What the vendor changes in its published document is found, but for what differs on purpose; and a document that
cannot be read is never taken for one without differences.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from copy import deepcopy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from drift import main

from .contract import ROOT

CONTRACT = ROOT / "openapi-platform.yaml"

DOCUMENT: dict[str, Any] = {
    "openapi": "3.1.0",
    "servers": [{"url": "https://api.example.com/v1"}],
    "components": {
        "securitySchemes": {"Key": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "Boat": {
                "type": "object",
                "required": ["id", "state"],
                "properties": {
                    "id": {"type": "string", "format": "uuid"},
                    "state": {"type": "string", "enum": ["AFLOAT", "HALF_SUNK"]},
                    "engine": {
                        "oneOf": [{"$ref": "#/components/schemas/Diesel"}, {"$ref": "#/components/schemas/Sail"}]
                    },
                    "tenders": {"type": "array", "items": {"$ref": "#/components/schemas/Boat"}},
                },
            },
            "Engine": {"type": "object", "required": ["type"], "properties": {"type": {"type": "string"}}},
            "Diesel": {
                "allOf": [
                    {"$ref": "#/components/schemas/Engine"},
                    {"type": "object", "properties": {"type": {"const": "DIESEL"}, "litres": {"type": "integer"}}},
                ]
            },
            "Sail": {
                "allOf": [
                    {"$ref": "#/components/schemas/Engine"},
                    {"type": "object", "properties": {"type": {"const": "SAIL"}, "area": {"type": "number"}}},
                ]
            },
        },
    },
    "paths": {
        "/boats": {
            "get": {
                "operationId": "listBoats",
                "x-required-scope": "READ_BOATS",
                "parameters": [
                    {"name": "state", "in": "query", "schema": {"type": "string", "enum": ["AFLOAT", "HALF_SUNK"]}},
                    {"name": "ids[]", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}},
                    {"name": "pageSize", "in": "query", "schema": {"type": "integer", "maximum": 100}},
                ],
                "responses": {
                    "200": {
                        "content": {
                            "application/json": {
                                "schema": {
                                    "type": "object",
                                    "required": ["data"],
                                    "properties": {
                                        "data": {"type": "array", "items": {"$ref": "#/components/schemas/Boat"}}
                                    },
                                }
                            }
                        }
                    },
                    "403": {
                        "description": "`ACCESS_DENIED`: the key may not.",
                        "content": {"application/json": {"example": {"error": {"code": "ACCESS_DENIED"}}}},
                    },
                },
            },
            "post": {
                "operationId": "createBoat",
                "requestBody": {
                    "required": True,
                    "content": {
                        "application/json": {
                            "schema": {
                                "type": "object",
                                "required": ["name"],
                                "properties": {
                                    "name": {"type": "string", "maxLength": 20},
                                    "note": {"type": ["string", "null"]},
                                },
                            }
                        }
                    },
                },
                "responses": {"201": {"description": "Made."}},
            },
        }
    },
    "webhooks": {
        "boat.changed": {"post": {"operationId": "onBoatChanged", "responses": {"2XX": {"description": "Seen."}}}}
    },
}

Compare = Callable[..., tuple[int, list[str]]]
Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Compare:
    """Compares two documents, and gives the exit code and the lines that are printed."""

    def compared(ours: dict[str, Any], vendors: dict[str, Any], known: list[dict[str, str]] | None = None) -> Any:
        contract, vendor = tmp_path / "contract.json", tmp_path / "vendor.json"
        contract.write_text(json.dumps(ours))
        vendor.write_text(json.dumps(vendors))
        if known is not None:
            (tmp_path / "contract.known.yaml").write_text(json.dumps(known))
        code = main([str(contract), str(vendor)])
        return code, capsys.readouterr().out.splitlines()

    return compared


def changed(change: Change) -> dict[str, Any]:
    """The document, after a change of the vendor's."""
    document = deepcopy(DOCUMENT)
    change(document)
    return document


def boat(document: dict[str, Any]) -> Any:
    return document["components"]["schemas"]["Boat"]


def listing(document: dict[str, Any]) -> Any:
    return document["paths"]["/boats"]["get"]


def creating(document: dict[str, Any]) -> Any:
    return document["paths"]["/boats"]["post"]


def body(document: dict[str, Any]) -> Any:
    return creating(document)["requestBody"]["content"]["application/json"]["schema"]


STATUS = "GET /boats 200 data[].state"
CHANGES: dict[str, tuple[Change, list[str]]] = {
    "a path": (
        lambda d: d["paths"].update({"/crews": {"get": {"operationId": "listCrews", "responses": {}}}}),
        ["new GET /crews: operationId listCrews"],
    ),
    "a method that is gone": (lambda d: d["paths"]["/boats"].pop("post"), ["gone POST /boats"]),
    "a method": (
        lambda d: d["paths"]["/boats"].update({"delete": {"operationId": "sinkBoats", "responses": {"204": {}}}}),
        ["new DELETE /boats: operationId sinkBoats"],
    ),
    "the name of an operation": (
        lambda d: listing(d).update(operationId="getBoats"),
        ['changed GET /boats: operationId getBoats, here "listBoats"'],
    ),
    "a scope": (
        lambda d: listing(d).update({"x-required-scope": "SEE_BOATS"}),
        ["new GET /boats: scope SEE_BOATS", "gone GET /boats: scope READ_BOATS"],
    ),
    "a scope that is needed no more": (
        lambda d: listing(d).pop("x-required-scope"),
        ["gone GET /boats: scope READ_BOATS"],
    ),
    "a parameter": (
        lambda d: listing(d)["parameters"].append(
            {"name": "X-Why", "in": "header", "required": True, "schema": {"type": "string"}}
        ),
        ["new GET /boats header x-why: required, type string"],
    ),
    "a parameter of the whole path": (
        lambda d: d["paths"]["/boats"].update(parameters=[{"name": "at", "in": "query", "schema": {"type": "string"}}]),
        ["new GET /boats query at: type string", "new POST /boats query at: type string"],
    ),
    "the place of a parameter": (
        lambda d: listing(d)["parameters"][2].update({"in": "header"}),
        ["new GET /boats header pagesize: type integer, maximum 100", "gone GET /boats query pageSize"],
    ),
    "a parameter that is required": (
        lambda d: listing(d)["parameters"][0].update(required=True),
        ["new GET /boats query state: required"],
    ),
    "a parameter that is deprecated": (
        lambda d: listing(d)["parameters"][0].update(deprecated=True),
        ["new GET /boats query state: deprecated"],
    ),
    "a value that a parameter takes no more": (
        lambda d: listing(d)["parameters"][0]["schema"]["enum"].remove("HALF_SUNK"),
        ["gone GET /boats query state: enum HALF_SUNK"],
    ),
    "a bound": (
        lambda d: listing(d)["parameters"][2]["schema"].update(maximum=50),
        ["changed GET /boats query pageSize: maximum 50, here 100"],
    ),
    "a bound that is gone": (
        lambda d: body(d)["properties"]["name"].pop("maxLength"),
        ["gone POST /boats request name: maxLength 20"],
    ),
    "a member of a request": (
        lambda d: body(d)["properties"].update(size={"type": "integer", "minimum": 1}),
        ["new POST /boats request size: type integer, minimum 1"],
    ),
    "a member of a request that is required": (
        lambda d: body(d)["required"].append("note"),
        ["new POST /boats request note: required"],
    ),
    "a body that is optional": (
        lambda d: creating(d)["requestBody"].update(required=False),
        ["gone POST /boats request: required"],
    ),
    "a member that may not be null any more": (
        lambda d: body(d)["properties"]["note"].update(type="string"),
        ["gone POST /boats request note: nullable"],
    ),
    "a member of a response, with what is in it": (
        lambda d: boat(d)["properties"].update(crew={"type": "object", "properties": {"captain": {"type": "string"}}}),
        ["new GET /boats 200 data[].crew: type object"],
    ),
    "a member of a response that is gone": (
        lambda d: boat(d)["properties"].pop("engine"),
        ["gone GET /boats 200 data[].engine"],
    ),
    "a type": (
        lambda d: boat(d)["properties"]["id"].update(type="integer"),
        ['changed GET /boats 200 data[].id: type integer, here "string"'],
    ),
    "a value of an enum in a response": (
        lambda d: boat(d)["properties"]["state"]["enum"].append("ASHORE"),
        [f"new {STATUS}: enum ASHORE"],
    ),
    "a member that is not always there any more": (
        lambda d: boat(d)["required"].remove("state"),
        [f"gone {STATUS}: required"],
    ),
    "a member that may be null, by oneOf": (
        lambda d: boat(d)["properties"].update(state={"oneOf": [boat(d)["properties"]["state"], {"type": "null"}]}),
        [f"new {STATUS}: nullable"],
    ),
    "a member of a variant": (
        lambda d: d["components"]["schemas"]["Sail"]["allOf"][1]["properties"].update(masts={"type": "integer"}),
        ["new GET /boats 200 data[].engine<SAIL>.masts: type integer"],
    ),
    "a member of what all variants are made of": (
        lambda d: d["components"]["schemas"]["Engine"]["properties"].update(age={"type": "integer"}),
        [f"new GET /boats 200 data[].engine<{tag}>.age: type integer" for tag in ("DIESEL", "SAIL")],
    ),
    "the values of an object whose names are free": (
        lambda d: boat(d).update(additionalProperties={"type": "string"}),
        ["new GET /boats 200 data[]{}: type string"],
    ),
    "a variant": (
        lambda d: boat(d)["properties"]["engine"]["oneOf"].append({"properties": {"type": {"enum": ["OARS"]}}}),
        ["new GET /boats 200 data[].engine: variant OARS", "new GET /boats 200 data[].engine<OARS>"],
    ),
    "a status": (
        lambda d: creating(d)["responses"].update({"409": {"description": "`BOAT_IN_PROGRESS`"}}),
        ["new POST /boats 409", "new errors 409: code BOAT_IN_PROGRESS"],
    ),
    "a status that is gone": (
        lambda d: creating(d)["responses"].update({"202": creating(d)["responses"].pop("201")}),
        ["new POST /boats 202", "gone POST /boats 201"],
    ),
    "an error code in an example": (
        lambda d: listing(d)["responses"]["403"]["content"]["application/json"].update(
            examples={"limit": {"value": {"error": {"code": "TOO_MANY_BOATS"}}}}
        ),
        ["new errors 403: code TOO_MANY_BOATS"],
    ),
    "a media type": (
        lambda d: listing(d)["responses"]["200"]["content"].update({"text/csv": {}}),
        ["new GET /boats 200: content text/csv"],
    ),
    "a header of a response": (
        lambda d: listing(d)["responses"]["403"].update(headers={"Retry-After": {"schema": {"type": "integer"}}}),
        ["new GET /boats 403 header retry-after: type integer"],
    ),
    "a webhook": (
        lambda d: d["webhooks"].update({"crew.changed": {"post": {"operationId": "onCrew", "responses": {}}}}),
        ["new WEBHOOK crew.changed: operationId onCrew"],
    ),
    "a webhook that is gone": (lambda d: d.pop("webhooks"), ["gone WEBHOOK boat.changed"]),
    "how a key is sent": (
        lambda d: d["components"]["securitySchemes"]["Key"].update(scheme="basic"),
        ["new security: http basic", "gone security: http bearer"],
    ),
    "an address that is gone": (
        lambda d: d.update(servers=[{"url": "https://api.example.com/v2"}]),
        ["gone servers: server https://api.example.com/v1"],
    ),
}


@pytest.mark.parametrize("name", CHANGES)
def test_a_change_of_the_vendors_is_a_line_of_its_own(name: str, compare: Compare) -> None:
    change, lines = CHANGES[name]
    code, printed = compare(DOCUMENT, changed(change))
    assert (code, sorted(printed)) == (1, sorted(lines))


def wrapped(document: dict[str, Any]) -> None:
    """Says the same with references, `allOf` and names of its own."""
    schemas = document["components"]["schemas"]
    schemas["Vessel"] = {"allOf": [schemas["Boat"]], "description": "A vessel."}
    schemas["State"] = {"enum": ["AFLOAT", "HALF_SUNK"]}
    schemas["Boat"] = {"$ref": "#/components/schemas/Vessel"}
    schemas["Vessel"]["allOf"][0]["properties"]["state"] = {"$ref": "#/components/schemas/State"}


SAME: dict[str, Change] = {
    "schemas, written otherwise": wrapped,
    "prose of an error that names a scope and a value": lambda d: listing(d)["responses"]["403"].update(
        description="`ACCESS_DENIED`: the key lacks `READ_BOATS`, or the boat is `HALF_SUNK`."
    ),
    "prose and tags": lambda d: listing(d).update(description="Boats.", summary="Boats", tags=["Boats"]),
    "an ID's format": lambda d: boat(d)["properties"]["id"].pop("format"),
    "the brackets of a list in a query": lambda d: listing(d)["parameters"][1].update(name="ids"),
    "one more server": lambda d: d["servers"].append({"url": "http://localhost:4000/v1"}),
    "a code that is no example any more": lambda d: listing(d)["responses"]["403"].update(
        description="", content={"application/json": {}}
    ),
    "objects that may grow": lambda d: boat(d).update(additionalProperties=True),
}


@pytest.mark.parametrize("name", SAME)
def test_what_says_the_same_otherwise_is_no_difference(name: str, compare: Compare) -> None:
    assert compare(DOCUMENT, changed(SAME[name])) == (0, ["The contract agrees with the vendor's document."])


def test_variants_and_scopes_of_the_contracts_extensions_are_those_of_the_vendors_oneof(compare: Compare) -> None:
    ours = deepcopy(DOCUMENT)
    ours["components"]["schemas"]["Engine"]["x-sequence-variants"] = {
        "tag": "type",
        "schemas": {"DIESEL": "#/components/schemas/Diesel", "SAIL": "#/components/schemas/Sail"},
    }
    boat(ours)["properties"]["engine"] = {"$ref": "#/components/schemas/Engine"}
    del listing(ours)["x-required-scope"]
    listing(ours).update({"operationId": "boats", "x-vendor-operation-id": "listBoats"})
    listing(ours)["security"] = [{"Key": ["READ_BOATS"]}]
    code, printed = compare(ours, DOCUMENT)
    assert (code, printed) == (0, ["The contract agrees with the vendor's document."])


def test_what_the_contract_marks_as_inferred_need_not_be_in_the_vendors(compare: Compare) -> None:
    ours = deepcopy(DOCUMENT)
    boat(ours)["properties"]["flag"] = {"type": "string", "x-provenance": "inferred"}
    ours["components"]["schemas"]["Guess"] = {"type": "string", "x-provenance": "inferred"}
    boat(ours)["properties"]["port"] = {"$ref": "#/components/schemas/Guess"}
    body(ours)["required"].append("note")
    body(ours)["x-inferred"] = ["required: note"]
    body(ours)["properties"]["name"].update({"minLength": 1, "type": ["string", "null"]})
    body(ours)["properties"]["name"]["x-inferred"] = ["minLength", "nullable", "description: how long"]
    listing(ours)["responses"]["5XX"] = {"description": "It failed."}
    listing(ours)["x-inferred"] = ["response: 5XX"]
    boat(ours)["properties"]["state"] = {"type": "string", "enum": ["AFLOAT", "HALF_SUNK", "LOST"]}
    boat(ours)["properties"]["state"]["x-inferred"] = ["enum: LOST"]
    assert compare(ours, DOCUMENT)[0] == 0


def test_the_vendor_now_documents_what_was_inferred(compare: Compare) -> None:
    ours = deepcopy(DOCUMENT)
    listing(ours)["responses"]["400"] = {"description": "It is wrong."}
    listing(ours)["x-inferred"] = ["response: 400"]
    vendors = changed(lambda d: listing(d)["responses"].update({"400": {"description": "Bad."}}))
    assert compare(ours, vendors) == (1, ["new GET /boats 400", "new errors 400"])


def test_a_difference_on_purpose_is_not_printed_and_others_beside_it_are(compare: Compare) -> None:
    vendors = changed(lambda d: boat(d)["properties"]["state"]["enum"].extend(["ASHORE", "LOST"]))
    known = [{"difference": "new GET * data[].state: enum ASHORE", "reason": "boats are not landed here"}]
    assert compare(DOCUMENT, vendors, known) == (1, [f"new {STATUS}: enum LOST"])


def test_a_difference_on_purpose_that_is_there_no_more_is_printed(compare: Compare) -> None:
    known = [{"difference": f"new {STATUS}: enum ASHORE", "reason": "boats are not landed here"}]
    assert compare(DOCUMENT, DOCUMENT, known) == (1, [f"settled new {STATUS}: enum ASHORE"])


def test_a_difference_on_purpose_needs_a_reason(compare: Compare) -> None:
    assert compare(DOCUMENT, DOCUMENT, [{"difference": "gone POST /boats"}])[0] == 2


@pytest.mark.parametrize("combined", ["oneOf", "anyOf"])
def test_schemas_that_hold_themselves_have_an_end(combined: str, compare: Compare) -> None:
    def nested(document: dict[str, Any]) -> None:
        schemas = document["components"]["schemas"]
        options = [{"$ref": "#/components/schemas/Engine"}, {"$ref": "#/components/schemas/Boat"}, {"type": "null"}]
        schemas["Engine"]["properties"]["part"] = {combined: options}

    assert compare(changed(nested), changed(nested))[0] == 0
    code, printed = compare(changed(nested), DOCUMENT)
    assert (code, sorted({line.partition(" ")[0] for line in printed})) == (1, ["gone"])


def test_the_contract_does_not_differ_from_itself(tmp_path: Path) -> None:
    alone = tmp_path / CONTRACT.name
    shutil.copy(CONTRACT, alone)
    assert main([str(alone), str(CONTRACT)]) == 0


def test_differences_can_be_read_by_programs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    ours, vendors = tmp_path / "ours.json", tmp_path / "vendors.json"
    ours.write_text(json.dumps(DOCUMENT))
    vendors.write_text(json.dumps(changed(lambda d: boat(d)["properties"]["state"]["enum"].append("ASHORE"))))
    assert main([str(ours), str(vendors), "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == [{"kind": "new", "place": STATUS, "what": "enum ASHORE"}]


class Vendor(ThreadingHTTPServer):
    """Serves one document, and remembers what asked for it."""

    daemon_threads = True
    status, content = 200, ""

    def __init__(self) -> None:
        self.agents: list[str] = []
        super().__init__(("127.0.0.1", 0), Responding)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/openapi"


class Responding(BaseHTTPRequestHandler):
    server: Vendor

    def do_GET(self) -> None:
        self.server.agents.append(self.headers["User-Agent"])
        content = self.server.content.encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:
        return None


@pytest.fixture
def vendor() -> Iterator[Vendor]:
    with Vendor() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def contract(tmp_path: Path) -> str:
    path = tmp_path / "contract.json"
    path.write_text(json.dumps(DOCUMENT))
    return str(path)


def test_the_document_is_fetched_under_the_projects_name(vendor: Vendor, contract: str) -> None:
    vendor.content = json.dumps(changed(lambda d: d.pop("webhooks")))
    program = [sys.executable, str(ROOT / "custom/drift.py"), contract, vendor.url]
    done = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "gone WEBHOOK boat.changed\n", "")
    assert [agent.startswith("sequence-sdk") for agent in vendor.agents] == [True]


@pytest.mark.parametrize(
    ("status", "content", "message"),
    [
        (200, "<!doctype html><title>API</title>", "is an HTML page"),
        (403, json.dumps(DOCUMENT), "responds with the status 403"),
        (302, "", "responds with the status 302"),
        (200, '{"openapi": ', "is no valid JSON"),
        (200, '{"error": "later"}', "has no `openapi`"),
        (200, "[]", "has no `openapi`"),
        (200, '{"openapi": "3.1.0", "paths": []}', "is no OpenAPI document that can be read"),
        (200, '{"openapi": "3.1.0", "paths": {"/a": {"$ref": "#/b"}}}', "#/b leads nowhere"),
        (200, '{"openapi": "3.1.0", "paths": {"/a": {"$ref": "#/paths/~1a"}}}', "leads to itself"),
    ],
)
def test_a_response_that_is_no_document_is_never_taken_for_one(
    status: int, content: str, message: str, vendor: Vendor, contract: str, capsys: pytest.CaptureFixture[str]
) -> None:
    vendor.status, vendor.content = status, content
    assert main([contract, vendor.url]) == 2
    shown = capsys.readouterr()
    assert (shown.out, vendor.url in shown.err, message in shown.err) == ("", True, True)


def test_a_file_that_is_not_there_and_an_address_without_encryption_are_refused(
    contract: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([contract, "nowhere.json"]) == 2
    assert "nowhere.json cannot be read" in capsys.readouterr().err
    assert main([contract, "http://app.example.com/openapi"]) == 2
    assert "is no https URL" in capsys.readouterr().err


def test_a_server_that_cannot_be_reached_is_an_error(vendor: Vendor, contract: str) -> None:
    vendor.shutdown()
    vendor.server_close()
    assert main([contract, vendor.url]) == 2
