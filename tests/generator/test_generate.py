"""The generated packages follow their contracts, and nothing else."""

from __future__ import annotations

import importlib
import inspect
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from filecmp import dircmp
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from generator.package import differences, write
from generator.settings import Package, Settings
from sequence_sdk import ConfigurationError, PermissionDeniedError
from sequence_sdk.binding import Resource, paginated
from sequence_sdk.client import Client
from sequence_sdk.permissions import Permissions
from sequence_sdk.session import Session

from ..conftest import API_KEY, Server
from ..contract.contract import ROOT
from .building import GENERATOR, SOURCE, WORKSHOP, load, package, save

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


V1 = Package(document="openapi.yaml", package="sequence_api_client")
SHOP = Package(document="workshop.yaml", package="workshop_client", permissions=False, documentation=False)
SETTINGS = Settings([V1, SHOP], GENERATOR)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with two contracts, and settings that name them."""
    for path in (SOURCE, WORKSHOP):
        (tmp_path / path.name).write_text(path.read_text())
    named = [{"document": "openapi.yaml", "package": "sequence_api_client"}]
    named.append(
        {"document": "workshop.yaml", "package": "workshop_client", "permissions": False, "documentation": False}
    )
    save({"packages": named, **GENERATOR}, tmp_path / "generator-config.yaml")
    return tmp_path


def command(*arguments: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "generator", *map(str, arguments)],
        cwd=ROOT / "custom", capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_committed_packages_are_what_would_be_generated() -> None:
    check = command("--check")
    assert check.returncode == 0, check.stdout
    assert check.stdout == "Every package is up to date.\n"


@pytest.mark.long
def test_one_command_makes_the_package_of_every_contract_and_names_what_was_edited_by_hand(project: Path) -> None:
    config = ("--config", project / "generator-config.yaml")
    assert command(*config).returncode == 0
    assert command(*config, "--check").stdout == "Every package is up to date.\n"
    edited = project / "sequence_api_client" / "models" / "card.py"
    edited.write_text(edited.read_text() + "\n# a note\n")
    (project / "sequence_api_client" / "api" / "cards" / "get_card.py").unlink()
    (project / "workshop_client" / "extra.py").touch()
    check = command(*config, "--check")
    assert check.returncode == 1
    assert check.stdout.splitlines() == [
        "out of date: sequence_api_client/api/cards/get_card.py",
        "out of date: sequence_api_client/models/card.py",
        "out of date: workshop_client/extra.py",
        "Run `make generate` and commit the result.",
    ]
    assert "removed: workshop_client/extra.py\n" in command(*config).stdout
    assert not (project / "workshop_client" / "extra.py").exists()
    assert command(*config, "--check").returncode == 0


def test_a_mistake_in_one_contract_is_named_and_nothing_is_written(project: Path) -> None:
    text = (project / "workshop.yaml").read_text()
    (project / "workshop.yaml").write_text(text.replace("in: path", "in: cookie", 1))
    run = command("--config", project / "generator-config.yaml")
    assert run.returncode == 2
    assert "workshop.yaml: " in run.stderr
    assert "parameters in a cookie are not supported" in run.stderr
    assert "Traceback" not in run.stderr
    assert not (project / "sequence_api_client").exists()
    run = command("--config", project / "nothing.yaml")
    assert run.returncode == 2
    assert run.stderr.startswith("nothing.yaml: it cannot be read")


def test_a_folder_that_was_not_generated_is_left_alone(project: Path) -> None:
    (project / "workshop_client").mkdir()
    (project / "workshop_client" / "mine.py").write_text("important = 1")
    run = command("--config", project / "generator-config.yaml")
    assert run.returncode == 2
    assert run.stderr == (
        "workshop_client: a folder of this name is there that was not generated: name the package otherwise\n"
    )
    assert (project / "workshop_client" / "mine.py").exists()


@pytest.mark.anyio
async def test_the_contract_in_the_documentation_becomes_a_client(
    anyio_backend: str, server: Server, tmp_path: Path
) -> None:
    page = (ROOT / "docs" / "contract-extensions.md").read_text().partition("## A contract of your own")[2]
    config, contract = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    (program,) = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (tmp_path / "library.yaml").write_text(contract)
    (tmp_path / "generator-config.yaml").write_text(config)
    assert command("--config", tmp_path / "generator-config.yaml").returncode == 0
    server.reply('{"bookId": "b1", "shelfMark": null}')
    namespace: dict[str, Any] = {}
    sys.path.insert(0, str(tmp_path))
    try:
        exec(compile(program, "contract-extensions.md", "exec"), namespace)
        found = await namespace["shelf_mark"](API_KEY, server.base_url)
    finally:
        sys.path.remove(str(tmp_path))
        for module in [one for one in sys.modules if one.partition(".")[0] == "library_client"]:
            del sys.modules[module]
    assert found == {"shelf_mark": None, "bookId": "b1", "shelfMark": None}
    assert server.asked[0].target.endswith("/books/b1")
    assert server.asked[0].headers["Authorization"] == f"Bearer {API_KEY}"


def test_generating_twice_gives_the_same_and_leaves_no_caches(project: Path) -> None:
    found = write(SETTINGS, project, check=False)
    assert found == ["sequence_api_client/all of it", "workshop_client/all of it"]
    first = project / "first"
    (project / "workshop_client").rename(first)
    write(SETTINGS, project, check=False)
    assert differences(dircmp(first, project / "workshop_client")) == []
    names = {path.name for path in project.rglob("*")}
    assert not {name for name in names if name.startswith(".") or name == "__pycache__"}
    assert "py.typed" in names
    assert not any(str(project) in path.read_text() or "/tmp" in path.read_text() for path in first.rglob("*.py"))


@pytest.fixture
def payees(tmp_path: Path) -> Iterator[ModuleType]:
    """The API of a package that was generated with a new endpoint."""
    document = load(SOURCE)
    document["paths"]["/payees"] = PAYEES
    document["components"]["schemas"] |= SCHEMAS
    with package(save(document, tmp_path / "grown.yaml"), "grown_api_client", tmp_path) as grown:
        yield grown.api


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
    tmp_path: Path,
) -> None:
    document = load(SOURCE)
    create = document["paths"]["/transfers"]["post"]
    create["x-sequence-settling"] = [{"status": 422, "code": "too_small"}, {"status": 400, "code": "bad_id"}]
    with package(save(document, tmp_path / "settled.yaml"), "settled_client", tmp_path):
        made = tmp_path / "settled_client" / "api" / "transfers"
    text = (made / "create_transfer.py").read_text()
    assert 'settling=((422, "too_small"), (400, "bad_id")),' in text
    assert '("destination_account_id", "data.destination.id")' in text
    assert "settling=" not in (ROOT / "sequence_api_client/api/transfers/create_transfer.py").read_text()
    assert "echoes" not in (made / "list_transfers.py").read_text()


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
