"""The generated package follows openapi.yaml, and nothing else."""

from __future__ import annotations

import copy
import importlib.util
import inspect
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from filecmp import dircmp
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from ruamel.yaml import YAML

from sequence_sdk import ConfigurationError, PermissionDeniedError
from sequence_sdk.binding import Resource, paginated
from sequence_sdk.client import Client
from sequence_sdk.permissions import Permissions
from sequence_sdk.session import Session

from .conftest import API_KEY, Server
from .contract.contract import DOCUMENT, ROOT

PAYEES = {
    "get": {
        "operationId": "listPayees",
        "tags": ["payees"],
        "summary": 'List "payees"',
        "description": "Whom an account pays.",
        "externalDocs": {"url": "https://example.com/docs/payees/listPayees"},
        "security": [{"ApiKeyAuth": ["READ_PAYEES"]}],
        "x-availability": "coming-soon",
        "x-sequence-permission": {"scope": "READ_PAYEES", "resource": {"in": "query", "name": "account_id"}},
        "x-sequence-pages": "cursor",
        "parameters": [
            {
                "name": "account_id",
                "in": "query",
                "required": True,
                "description": "The account.",
                "schema": {"type": "string", "format": "resource-id"},
            },
            {"name": "kind", "in": "query", "schema": {"$ref": "#/components/schemas/PayeeKind"}},
            {"name": "colour", "in": "query", "schema": {"type": "string", "enum": ["red", "blue"]}},
            {"name": "active", "in": "query", "schema": {"type": ["boolean", "null"]}},
            {"name": "since", "in": "query", "schema": {"type": "string", "format": "date"}},
            {"name": "query", "in": "query", "schema": {"type": "string"}},
            {"name": "headers", "in": "query", "schema": {"type": "string"}},
            {"name": "transport", "in": "query", "schema": {"type": "string"}},
            {"name": "import", "in": "query", "schema": {"type": "string"}},
            {"$ref": "#/components/parameters/First"},
            {"$ref": "#/components/parameters/After"},
        ],
        "responses": {
            "200": {
                "description": "One page.",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/PayeeList"}}},
            }
        },
    }
}

SCHEMAS = {
    "PayeeKind": {"type": "string", "description": 'What a payee "is"', "enum": ["person", "company"]},
    "Payee": {
        "type": "object",
        "description": 'Somebody """to \\pay"',
        "required": ["id", "kind"],
        "properties": {
            "id": {"type": "string", "description": "Its ID."},
            "kind": {"$ref": "#/components/schemas/PayeeKind"},
            "since": {"type": ["string", "null"], "format": "date-time"},
            "limits": {"type": "array", "items": {"type": ["integer", "null"]}},
        },
    },
    "PayeeList": {
        "type": "object",
        "description": "One page of payees.",
        "required": ["request_id", "data", "page_info"],
        "properties": {
            "request_id": {"type": "string"},
            "data": {"type": "array", "items": {"$ref": "#/components/schemas/Payee"}},
            "page_info": {"$ref": "#/components/schemas/PageInfo"},
        },
    },
}


@pytest.fixture
def generator(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script, as a module."""
    spec = importlib.util.spec_from_file_location("generate_under_test", ROOT / "custom" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "generate_under_test", module)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def document() -> dict[str, Any]:
    return copy.deepcopy(DOCUMENT)


def write(generator: ModuleType, document: dict[str, Any], folder: Path) -> Path:
    """The package that is generated from a document."""
    generator.DOCUMENT = folder / "openapi.yaml"
    text = io.StringIO()
    YAML().dump(document, text)
    generator.DOCUMENT.write_text(text.getvalue())
    target: Path = folder / "sequence_api_client"
    generator.generate(target)
    return target


def test_the_committed_package_is_what_would_be_generated() -> None:
    check = subprocess.run(
        [sys.executable, ROOT / "custom" / "generate.py", "--check"], capture_output=True, text=True, check=False
    )
    assert check.returncode == 0, check.stdout
    assert "up to date" in check.stdout


def test_generating_twice_gives_the_same_and_leaves_no_caches(generator: ModuleType, tmp_path: Path) -> None:
    for name in ("one", "other"):
        generator.generate(tmp_path / name)
    assert generator.differences(dircmp(tmp_path / "one", tmp_path / "other")) == []
    names = {path.name for path in (tmp_path / "one").rglob("*")}
    assert not {name for name in names if name.startswith(".") or name == "__pycache__"}
    assert "py.typed" in names
    assert not any("/tmp" in path.read_text() for path in (tmp_path / "one").rglob("*.py"))


def test_a_package_that_was_edited_by_hand_is_named(
    generator: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    package = tmp_path / "sequence_api_client"
    generator.generate(package)
    generator.PACKAGE = package
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    assert generator.main() == 0
    capsys.readouterr()
    edited = package / "models" / "card.py"
    edited.write_text(edited.read_text() + "\n# a note\n")
    (package / "api" / "cards" / "get_card.py").unlink()
    (package / "extra.py").touch()
    assert generator.main() == 1
    named = [line for line in capsys.readouterr().out.splitlines() if line.startswith("out of date")]
    assert named == [
        "out of date: sequence_api_client/api/cards/get_card.py",
        "out of date: sequence_api_client/extra.py",
        "out of date: sequence_api_client/models/card.py",
    ]
    monkeypatch.setattr(sys, "argv", ["generate.py"])
    assert generator.main() == 0
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    assert generator.main() == 0


@pytest.fixture
def payees(
    generator: ModuleType, document: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ModuleType]:
    """The API of a package that was generated with a new endpoint."""
    document["paths"]["/payees"] = PAYEES
    document["components"]["schemas"] |= SCHEMAS
    package = write(generator, document, tmp_path)
    package.rename(tmp_path / "grown_api_client")
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("grown_api_client.api")
    for name in [name for name in sys.modules if name.startswith("grown_api_client")]:
        del sys.modules[name]


def test_a_new_endpoint_appears_with_all_that_belongs_to_it(payees: Any) -> None:
    operation = payees.OPERATIONS["listPayees"]
    assert (operation.method, operation.path, operation.permission.scope) == ("GET", "/payees", "READ_PAYEES")
    assert (operation.permission.location, operation.permission.name) == ("query", "account_id")
    assert (operation.pages.size, operation.pages.position, operation.pages.largest) == ("first", "after", 100)
    assert not operation.available
    assert not operation.idempotent
    assert operation.documentation == "https://example.com/docs/payees/listPayees"
    doc = payees.list_payees.__doc__
    assert 'List "payees".' in doc
    assert "Whom an account pays." in doc
    assert "Needs the scope `READ_PAYEES` on `account_id`." in doc
    assert "account_id: The account." in doc
    annotations = payees.list_payees.__annotations__
    assert annotations["account_id"] == "str"
    assert annotations["kind"] == "PayeeKind | str | None"
    assert annotations["first"] == "int | None"
    assert annotations["return"] == "Call[PayeeList, list[Payee]]"
    assert [
        annotations[name] for name in ("colour", "active", "since", "query_", "headers_", "transport", "import_")
    ] == [
        "ListPayeesColour | str | None",
        "bool | None",
        "date | None",
        *["str | None"] * 4,
    ]
    payload = {
        "request_id": "r",
        "data": [{"id": "p", "kind": "robot", "since": None, "limits": [1, None]}],
        "page_info": {"has_next_page": False},
    }
    (payee,) = operation.decode(json.dumps(payload).encode()).data
    assert (payee.id, payee.kind, payee.since, payee.limits) == ("p", "robot", None, [1, None])


@pytest.mark.anyio
async def test_a_new_endpoint_takes_one_line_in_a_table_of_resources(
    payees: Any, anyio_backend: str, server: Server
) -> None:
    """As CONTRIBUTING says: the contract, `make generate`, and that line. All else follows from the contract."""
    grown = importlib.import_module("grown_api_client.contract").CONTRACT

    class Payees(Resource):
        list = paginated(lambda: payees.list_payees)

    class GrownClient(Client):
        contract = grown
        payees: Payees

        def _bind(self, session: Session) -> None:
            super()._bind(session)
            self.payees = Payees(session)

    class GrownPermissions(Permissions):
        contract = grown

    page = {"request_id": "r", "data": [{"id": "p", "kind": "person"}], "page_info": {"has_next_page": False}}
    async with GrownClient(API_KEY, base_url=server.base_url, max_retries=0) as client:
        server.reply(json.dumps(page))
        assert [one.id async for one in client.payees.list(account_id="acc_1")] == ["p"]
        assert server.asked[0].target.endswith("/payees?account_id=acc_1&first=100")
        server.reply('{"error": {"code": "forbidden", "message": "No."}}', 403)
        with pytest.raises(PermissionDeniedError, match="listPayees needs READ_PAYEES on acc_1") as caught:
            await client.payees.list(account_id="acc_1").collect()
        granted = GrownPermissions.from_json(f"[{caught.value.grant}]")
        assert granted.allows("listPayees", account_id="acc_1")
        assert not granted.allows("listPayees", account_id="acc_2")
        signature = str(inspect.signature(client.payees.list))
    assert signature.startswith("(*, account_id: 'str', kind: 'PayeeKind | str | None' = None")
    assert signature.endswith("-> 'Pager[Payee]'")
    with pytest.raises(ConfigurationError, match="READ_PAYEES needs resources"):
        GrownPermissions.from_json('[{"scope": "READ_PAYEES"}]')


def test_what_a_response_repeats_and_what_settles_a_write_is_written_into_the_operations(
    generator: ModuleType, document: dict[str, Any], tmp_path: Path
) -> None:
    create = document["paths"]["/transfers"]["post"]
    create["x-sequence-settling"] = [{"status": 422, "code": "too_small"}, {"status": 400, "code": "bad_id"}]
    package = write(generator, document, tmp_path)
    text = (package / "api" / "transfers" / "create_transfer.py").read_text()
    assert 'settling=((422, "too_small"), (400, "bad_id")),' in text
    assert '("destination_account_id", "data.destination.id")' in text
    assert "settling=" not in (ROOT / "sequence_api_client/api/transfers/create_transfer.py").read_text()
    assert "echoes" not in (package / "api" / "transfers" / "list_transfers.py").read_text()


def test_parameters_of_every_kind_are_checked_and_sent(payees: Any) -> None:
    named = {"query_": "q", "headers_": "h", "transport": "t", "import_": "i"}
    call = payees.list_payees(account_id="acc_1", colour="red", active=True, since=date(2024, 4, 1), first=5, **named)
    assert call.request.query == {
        "account_id": "acc_1",
        "colour": "red",
        "active": "true",
        "since": "2024-04-01",
        "query": "q",
        "headers": "h",
        "transport": "t",
        "import": "i",
        "first": "5",
    }
    for wrong in ({"active": 1}, {"since": "2024-04-01"}, {"since": datetime.now(UTC)}, {"colour": "green"}):
        with pytest.raises(ValueError, match=next(iter(wrong))):
            payees.list_payees(account_id="acc_1", **wrong)


def changed(document: dict[str, Any], what: str) -> None:  # noqa: PLR0912, PLR0915 - one branch a mistake
    """Make one mistake in a document."""
    card, head = document["paths"]["/cards/{id}"]["get"], document["x-sequence-contract"]
    match what:
        case "no permission":
            del card["x-sequence-permission"]
        case "another role":
            card["security"] = [{"ApiKeyAuth": ["READ_ACCOUNTS"]}]
        case "no page":
            del card["externalDocs"]
        case "odd availability":
            card["x-availability"] = "sometime"
        case "odd parameter":
            card["parameters"].append(
                {"name": "sizes", "in": "query", "schema": {"type": "array", "items": {"type": "string"}}}
            )
        case "odd name":
            card["parameters"].append({"name": "a-b", "in": "query", "schema": {"type": "string"}})
        case "odd member":
            document["components"]["schemas"]["Card"]["properties"]["from"] = {"type": "string"}
        case "no such resource":
            card["x-sequence-permission"]["resource"] = {"in": "query", "name": "account_id"}
        case "no response":
            del card["responses"]["200"]
        case "empty response":
            card["responses"] = {"204": {"description": "Nothing."}}
        case "odd body":
            content = {"application/json": {"schema": {"type": "array", "items": {"type": "string"}}}}
            document["paths"]["/transfers"]["post"]["requestBody"] = {"content": content}
        case "echo of nothing":
            card["x-sequence-echoes"] = {"card_id": "data.id"}
        case "echo nowhere":
            card["x-sequence-echoes"] = {"id": "data.card.id"}
        case "settling success":
            document["paths"]["/transfers"]["post"]["x-sequence-settling"] = [{"status": 201, "code": "done"}]
        case "settling without a code":
            document["paths"]["/transfers"]["post"]["x-sequence-settling"] = [{"status": 422}]
        case "no page style":
            del document["paths"]["/transfers"]["get"]["x-sequence-pages"]
        case "odd page style":
            document["paths"]["/transfers"]["get"]["x-sequence-pages"] = "scroll"
        case "pages of one":
            card["x-sequence-pages"] = "cursor"
        case "style without a size":
            del document["x-sequence-contract"]["pages"]["cursor"]["size"]
        case "odd style":
            document["x-sequence-contract"]["pages"]["cursor"]["style"] = "scroll"
        case "no contract":
            del document["x-sequence-contract"]
        case "no scheme":
            del document["x-sequence-contract"]["auth-scheme"]
        case "other data":
            document["x-sequence-contract"]["data"] = "items"
        case "timeline of nothing":
            document["paths"]["/transfers"]["get"]["x-sequence-timeline"]["oldest"] = "since"
        case "odd end":
            document["paths"]["/transfers/{id}"]["get"]["x-sequence-terminal"]["failed"] = ["lost"]
        case "end of nothing":
            document["paths"]["/rules/{id}"]["get"]["x-sequence-terminal"] = {"succeeded": ["done"], "failed": []}
        case "misspelt member":
            head["idempotency"]["in_progress"] = head["idempotency"].pop("in-progress")
        case "text for a list":
            head["idempotency"]["mismatch"] = "idempotency_key_mismatch"
        case "endless keys":
            head["idempotency"]["kept-for"] = float("inf")
        case "other header":
            head["idempotency"]["header"] = "Idempotency-key"
        case "odd denial":
            head["denied"]["forbidden"] = "scopes"
        case "text for paths":
            card["x-sequence-permission"]["resource"]["response"] = "data.account_id"
        case "misspelt resource":
            resource = document["paths"]["/transfers"]["post"]["x-sequence-permission"]["resource"]
            resource["max-amount"] = resource.pop("max_amount")
        case "cookie resource":
            card["x-sequence-permission"]["resource"] = {"in": "cookie", "name": "id"}
        case "misspelt extension":
            card["x-sequence-echo"] = card.pop("x-sequence-echoes")
        case "parameters of a path":
            document["paths"]["/cards/{id}"]["parameters"] = card.pop("parameters")
        case "moment of nothing":
            document["paths"]["/transfers"]["get"]["x-sequence-timeline"]["moment"] = "createdAt"
        case "two ends":
            document["paths"]["/transfers/{id}"]["get"]["x-sequence-terminal"]["failed"].append("complete")
        case "settling what is repeated":
            document["paths"]["/transfers"]["post"]["x-sequence-settling"] = [
                {"status": 409, "code": "TRANSFER_IN_PROGRESS"}
            ]
        case "settling read":
            card["x-sequence-settling"] = [{"status": 422, "code": "too_small"}]


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("no permission", "GET /cards/{id}: x-sequence-permission: it is missing"),
        ("another role", "security names ['READ_ACCOUNTS'], x-sequence-permission READ_CARDS"),
        ("no page", "externalDocs.url is missing"),
        ("odd availability", "x-availability is neither available nor coming-soon"),
        ("odd parameter", "parameter sizes: no check is known for array"),
        ("odd name", "parameter a-b cannot be named a-b in Python"),
        ("odd member", "schema Card: member from cannot be an attribute's name"),
        ("no such resource", "no query parameter account_id"),
        ("no response", "no successful response"),
        ("empty response", "the successful response is no component schema in JSON"),
        ("odd body", "POST /transfers: the request body is no JSON object with properties"),
        ("echo of nothing", "GET /cards/{id}: x-sequence-echoes: no parameter card_id"),
        ("echo nowhere", "GET /cards/{id}: x-sequence-echoes: the response has nothing at data.card.id"),
        ("settling success", "POST /transfers: x-sequence-settling: Expected `int` >= 400"),
        ("settling without a code", "x-sequence-settling: Object missing required field `code`"),
        ("no page style", "GET /transfers: x-sequence-pages is missing, although the response has page_info.has_next"),
        ("odd page style", "GET /transfers: x-sequence-pages: x-sequence-contract has no page style scroll"),
        ("pages of one", "GET /cards/{id}: x-sequence-pages: it has no parameter first"),
        ("style without a size", "x-sequence-contract: Object missing required field `size` - at `$.pages[...]`"),
        ("odd style", "x-sequence-contract: Invalid value 'scroll' - at `$.pages[...].style`"),
        ("no contract", "x-sequence-contract: it is missing"),
        ("no scheme", "x-sequence-contract: Object missing required field `auth-scheme`"),
        ("other data", "the response has no member items, which x-sequence-contract names as its data"),
        ("timeline of nothing", "GET /transfers: x-sequence-timeline: it has no parameter since"),
        ("odd end", "GET /transfers/{id}: x-sequence-terminal: lost is no status of the response's"),
        ("end of nothing", "GET /rules/{id}: x-sequence-terminal: done is no status of the response's"),
        ("misspelt member", "x-sequence-contract: Object contains unknown field `in_progress` - at `$.idempotency`"),
        ("text for a list", "x-sequence-contract: Expected `array`, got `str` - at `$.idempotency.mismatch`"),
        ("endless keys", "x-sequence-contract: Expected `float` <= 315360000.0 - at `$.idempotency.kept-for`"),
        ("other header", "parameter Idempotency-Key is spelt Idempotency-key in x-sequence-contract"),
        ("odd denial", "x-sequence-contract: Invalid enum value 'scopes' - at `$.denied[...]`"),
        ("text for paths", "x-sequence-permission: Expected `array`, got `str` - at `$.resource.response`"),
        ("misspelt resource", "POST /transfers: x-sequence-permission: Object contains unknown field `max-amount`"),
        ("cookie resource", "x-sequence-permission: Invalid value 'cookie' - at `$.resource.in`"),
        ("misspelt extension", "GET /cards/{id}: x-sequence-echo is no extension of an operation"),
        ("parameters of a path", "GET /cards/{id}: parameters of a whole path are not read"),
        ("moment of nothing", "x-sequence-timeline: the response has nothing at data[].createdAt"),
        ("two ends", "GET /transfers/{id}: x-sequence-terminal: complete is there twice"),
        ("settling what is repeated", "x-sequence-settling: 409 TRANSFER_IN_PROGRESS is followed by another attempt"),
        ("settling read", "GET /cards/{id}: x-sequence-settling: it takes no idempotency key"),
    ],
)
def test_a_mistake_in_the_document_is_named(
    what: str, message: str, generator: ModuleType, document: dict[str, Any], tmp_path: Path
) -> None:
    changed(document, what)
    with pytest.raises(SystemExit) as caught:
        write(generator, document, tmp_path)
    assert message in str(caught.value)
