"""The examples run, and show what they are there to show."""

from __future__ import annotations

import asyncio
import importlib
import inspect
import os
import re
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pytest
from attrs import define

from sequence_api_client.api import OPERATIONS
from sequence_platform_client.api import OPERATIONS as PLATFORM_OPERATIONS
from sequence_sandbox import Sandbox
from sequence_sdk import PlatformClient, SequenceClient
from sequence_sdk.binding import BoundList, BoundOperation, Resource

from .conftest import Served
from .contract.contract import CALLS, bound

ROOT = Path(__file__).parents[1]
EXAMPLES = ROOT / "examples"


def run(name: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {key: value for key, value in os.environ.items() if not key.startswith("SEQUENCE_")}
    return subprocess.run(
        [sys.executable, EXAMPLES / name, *arguments],
        env={**inherited, **environment},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_the_quick_start_is_short() -> None:
    assert len((EXAMPLES / "quickstart.py").read_text().splitlines()) < 40


def test_the_demo_shows_the_main_job() -> None:
    shown = run("demo.py")
    assert shown.returncode == 0, shown.stderr
    for words in (
        "No SEQUENCE_API_KEY is set, so this talks to a Sequence sandbox at http://127.0.0.1:",
        "Chase Checking ••4567 (INCOME_SOURCE)",
        "getAccount needs READ_ACCOUNTS on 67f291c1-a76b-48e4-bcfd-21107feeff46, which this API key does not grant",
        'Add to the key: {"scope": "READ_ACCOUNTS", "resources": ["67f291c1-a76b-48e4-bcfd-21107feeff46"]}',
        "balance in cents: 530000",
        "100000 COMPLETE",
        "Blue Bottle Coffee",
        "Simulating invoice-17, 2500 cents\n",
        ": SIMULATION, COMPLETE\n",
        "the response gets lost",
        "(sequence_sdk) createTransfer: 201 after 2 attempt(s)",
        ": LIVE, COMPLETE\n",
        "for PlatformClient, and acc_01HDEF0123 for SequenceClient\n",
        "SequenceClient sees 1200 cents: txr_",
        "PlatformClient sees 2400 cents: ",
        ".venv/bin/sequence-sandbox serves a sandbox until Ctrl-C; open the page that it names",
    ):
        assert words in shown.stdout
    transactions = shown.stdout.partition("card transactions of Emergency Fund")[2].partition("---")[0]
    assert (
        len([line for line in transactions.splitlines() if re.match(r" *\d{4}-\d\d-\d\d", line)]) == 5
    )  # of two pages
    assert "(sequence_sdk)" not in shown.stdout.partition("(both.py)")[2]
    assert shown.stderr == ""


def test_with_a_key_the_demo_talks_to_the_api_and_says_so(served: Served) -> None:
    key = served.sandbox.create_key()
    url = served.sandbox.platform_url
    shown = run("demo.py", SEQUENCE_API_KEY=key, SEQUENCE_PLATFORM_BASE_URL=url)
    assert shown.returncode == 0, shown.stderr
    assert f"SEQUENCE_API_KEY is set, so this talks to {url}" in shown.stdout
    assert "balance in cents: 812345" in shown.stdout
    assert "Paying" not in shown.stdout
    assert key not in shown.stdout + shown.stderr


def test_the_demo_says_that_the_real_api_is_meant(served: Served) -> None:
    shown = run("demo.py", SEQUENCE_API_KEY="sk_1", SEQUENCE_PLATFORM_BASE_URL="", HTTPS_PROXY="http://127.0.0.1:1")
    assert "the real API" in shown.stdout
    assert shown.returncode == 1
    assert "no response from https://api.getsequence.io, ConnectError" in shown.stderr
    assert "Traceback" not in shown.stderr


@define
class Program:
    """A sandbox whose time flies, and the examples that run with it."""

    sandbox: Sandbox
    environment: dict[str, str]

    def run(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return run(name, *arguments, **self.environment)


@pytest.fixture
def flying(monkeypatch: pytest.MonkeyPatch) -> Iterator[Program]:
    sandbox = Sandbox(running_clock=True, clock_speed=100)
    with sandbox.serve() as base_url:
        environment = {
            "SEQUENCE_API_KEY": sandbox.create_key(),
            "SEQUENCE_BASE_URL": base_url,
            "SEQUENCE_PLATFORM_BASE_URL": sandbox.platform_url,
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        yield Program(sandbox, environment)


def test_the_examples_of_v1_run(flying: Program) -> None:
    shown = flying.run("quickstart_v1.py")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "Chase Checking ••4567 (income_source)" in shown.stdout
    listed = shown.stdout.partition("read in pages of three")[2].strip().splitlines()
    assert len(listed) == 5  # across a page boundary
    flying.sandbox.fail("reset_after", "createTransfer")
    shown = flying.run("pay_v1.py")
    assert (shown.returncode, shown.stderr) == (0, "")
    for words in (
        "(sequence_sdk) createTransfer: 201 after 2 attempt(s)",
        "of 2500 cents for invoice-2024-17, attempts: 2\n",
        "  complete\n",
        "Triggered rule rule_01GSBX0000001, which was execution rex_",
        "  executed, with the transfers txr_",
    ):
        assert words in shown.stdout


def test_a_payment_is_made_once_however_often_it_is_asked_for_and_not_where_its_simulation_fails(
    flying: Program,
) -> None:
    def paid() -> list[int]:
        return [one.amount_in_cents for one in list(flying.sandbox.organization.transfers)[before:] if is_live(one)]

    def is_live(transfer: Any) -> bool:
        return not transfer.is_simulated

    before = len(flying.sandbox.organization.transfers)
    ends = (Sandbox.uuid("acc_01HDEF0123"), Sandbox.uuid("acc_01HGHI7890"))
    refused = flying.run("pay.py", *ends, "99999999", "invoice-1")
    assert refused.returncode == 1
    assert "INCOMPLETE: INSUFFICIENT_FUNDS" in refused.stdout
    assert paid() == []
    for _ in range(2):
        shown = flying.run("pay.py", *ends, "2500", "invoice-2")
        assert (shown.returncode, shown.stderr) == (0, "")
        assert "LIVE, COMPLETE" in shown.stdout
    assert paid() == [2500]


def test_telemetry_prints_a_span_for_each_call_under_the_programs_own(flying: Program) -> None:
    shown = flying.run("telemetry.py")
    assert shown.returncode == 0, shown.stderr
    *calls, own = shown.stdout.splitlines()
    assert own.startswith("read balances under nothing")
    assert {line.split()[0] for line in calls} == {"listAccounts", "getAccount"}
    (under,) = {line.split()[2] for line in calls}
    assert under != "nothing:"
    assert "http.response.status_code=200" in calls[0]


def test_net_worth_says_what_is_missing_and_what_is_old(flying: Program) -> None:
    shown = flying.run("net_worth.py")
    assert (shown.returncode, shown.stderr) == (1, "")
    for line in (
        r"     missing  Index Funds ••9012: no balance\n",
        r"     missing  Harbor Savings ••5678: CONNECTION_LOST \(as of \d{4}-\d\d-\d\d\)\n",
        r"    -1560000  Car Loan \(as of \d{4}-\d\d-\d\d\)\n",
        r"No net worth: 2 balances are missing; the others add up to -342655 cents\n",
    ):
        assert re.search(line, shown.stdout)
    assert "as of" not in flying.run("net_worth.py", "--stale-after", "100000").stdout

    state, without_balance = flying.sandbox.state(), ("acc_01GSBX0000003", "acc_01GSBX0000004")
    state["accounts"] = [one for one in state["accounts"] if one["id"] not in without_balance]
    flying.sandbox.load({**state, "external_transactions": []})
    shown = flying.run("net_worth.py")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.endswith("Net worth: -342655 cents\n")

    pods = [Sandbox.uuid(one) for one in ("acc_01HDEF0123", "acc_01GSBX0000001")]
    key = flying.sandbox.create_key({"platform": [{"scope": "READ_ACCOUNTS", "resources": pods}]})
    shown = run("net_worth.py", **{**flying.environment, "SEQUENCE_API_KEY": key})
    assert shown.returncode == 1
    assert "missing  Chase Checking ••4567: ACCESS_DENIED\n" in shown.stdout
    assert (
        f'Add to the key: {{"scope": "READ_ACCOUNTS", "resources": ["{Sandbox.uuid("acc_01HABC4567")}"]}}'
        in shown.stderr
    )


def test_a_copy_of_several_accounts_gets_what_is_new_and_only_that(flying: Program, tmp_path: Path) -> None:
    path = str(tmp_path / "transfers.db")
    pod, card, fund = (Sandbox.uuid(one) for one in ("acc_01HDEF0123", "acc_01HGHI7890", "acc_01GSBX0000001"))
    first = flying.run("sync_accounts.py", path, pod, fund)
    assert (first.returncode, first.stderr) == (0, "")
    assert re.match(r"2 accounts: [1-9]\d* changed, \d+ request", first.stdout)
    again = flying.run("sync_accounts.py", path, pod, fund)
    assert again.stdout == "2 accounts: 0 changed, 1 request(s)\n"
    assert flying.run("pay.py", pod, card, "2501", "invoice-3").returncode == 0
    assert flying.run("sync_accounts.py", path, fund, pod).stdout == "2 accounts: 1 changed, 1 request(s)\n"
    with closing(sqlite3.connect(path)) as copy:
        assert copy.execute("SELECT status FROM transfers WHERE amount_in_cents = 2501").fetchall() == [("COMPLETE",)]


def test_a_copy_of_all_accounts_follows_deleted_ones_and_those_that_appear_later(
    flying: Program, tmp_path: Path
) -> None:
    path = str(tmp_path / "transfers.db")
    first = flying.run("sync_accounts.py", path)
    assert (first.returncode, first.stderr) == (0, "")
    with closing(sqlite3.connect(path)) as copy:
        (followed,) = copy.execute("SELECT account_ids FROM positions").fetchone()
    assert Sandbox.uuid("acc_01GSBX0000005") in followed  # it was deleted

    async def make_pod() -> str:
        async with PlatformClient() as platform:
            made = await platform.accounts.create(type="POD", name="Boat")
            await platform.transfers.create(
                source_account_id=Sandbox.uuid("acc_01HDEF0123"), destination_account_id=made.id, amount_in_cents=2502
            )
            return made.id

    boat = asyncio.run(make_pod())
    second, third = flying.run("sync_accounts.py", path), flying.run("sync_accounts.py", path)
    accounts = first.stdout.partition(" ")[0]
    assert second.stdout.startswith(f"{int(accounts) + 1} accounts: ")
    assert third.stdout.endswith(", 2 request(s)\n")
    with closing(sqlite3.connect(path)) as copy:
        assert len(copy.execute("SELECT * FROM positions").fetchall()) == 2
        assert copy.execute("SELECT amount_in_cents FROM transfers WHERE destination_id = ?", (boat,)).fetchall() == [
            (2502,)
        ]


def test_a_copy_learns_the_end_of_what_was_open_for_too_long_to_be_watched(flying: Program, tmp_path: Path) -> None:
    path = str(tmp_path / "transfers.db")
    assert flying.run("sync_accounts.py", path).returncode == 0
    with closing(sqlite3.connect(path)) as copy, copy:
        (ended,) = copy.execute(
            "UPDATE transfers SET status = 'PENDING' WHERE id = (SELECT id FROM transfers WHERE status = 'COMPLETE'"
            " ORDER BY created_at LIMIT 1) RETURNING id"
        ).fetchone()
        gone = "5ea90c37-f41b-4d82-9b06-c2d7e8a1603f"
        copy.execute("INSERT INTO transfers (id, status, created_at) VALUES (?, 'PENDING', '2024-01-01')", (gone,))
    shown = flying.run("sync_accounts.py", path)
    assert shown.stderr == f"{gone} is open, and cannot be fetched\n"
    with closing(sqlite3.connect(path)) as copy:
        assert copy.execute("SELECT status FROM transfers WHERE id = ?", (ended,)).fetchall() == [("COMPLETE",)]


@pytest.mark.parametrize("framework", ["starlette", "fastapi"])
def test_an_app_takes_an_event_once_however_often_it_is_delivered(framework: str) -> None:
    shown = run(f"webhooks_{framework}.py")
    assert (shown.returncode, shown.stderr) == (0, "")
    for line in ("first delivery: 204\n", "the same event again: 204\n", "with another body: 400\n"):
        assert line in shown.stdout
    assert shown.stdout.count("processed: transfer.changed 6d19b8e4-a07f-43c2-8b54-e7f301c92da8\n") == 1
    assert shown.stdout.count("refused: no v1 of X-Sequence-Signature fits") == 1


@pytest.mark.parametrize("framework", ["starlette", "fastapi"])
def test_an_event_that_was_stored_before_a_crash_is_processed_at_the_next_start(
    framework: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.syspath_prepend(EXAMPLES)
    example: Any = importlib.import_module(f"webhooks_{framework}")
    database = tmp_path / "events.db"
    with closing(sqlite3.connect(database)) as events, events:
        events.execute(example.TABLE)
        events.execute("INSERT INTO events (id, type, resource_id) VALUES ('1', 'transfer.changed', 'of yesterday')")

    async def start() -> None:
        app = example.make_app(str(database), "secret")
        async with app.router.lifespan_context(app), httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client:
            assert (await client.post("http://app/webhooks")).status_code == 400

    caplog.set_level("INFO", "webhooks")
    for expected in (["processed: transfer.changed of yesterday"], []):
        caplog.clear()
        asyncio.run(start())
        *done, refused = [record.getMessage() for record in caplog.records if record.name == "webhooks"]
        assert done == expected
        assert refused.startswith("refused: it has 0 headers X-Sequence-Signature")


def test_a_worker_that_is_killed_again_and_again_pays_everything_once(tmp_path: Path) -> None:
    """Killed at moments that differ, before, while and after it pays; and half of the responses get lost."""
    sandbox = Sandbox()
    with sandbox.serve() as base_url:
        path, cents = tmp_path / "payments.db", range(1000, 1030)
        environment = {
            **os.environ,
            "SEQUENCE_API_KEY": sandbox.create_key(),
            "SEQUENCE_BASE_URL": base_url,
        }
        command = [sys.executable, str(EXAMPLES / "worker.py"), str(path)]
        subprocess.run(command, env=environment, check=True, timeout=60)  # makes the table
        payments = sqlite3.connect(path)
        with payments:
            payments.executemany(
                "INSERT INTO payments VALUES (?, 'acc_01HDEF0123', 'acc_01HGHI7890', ?, NULL, NULL, NULL, NULL)",
                [(f"invoice-{number}", number) for number in cents],
            )
        killed = 0
        for _ in range(60):
            if not payments.execute("SELECT 1 FROM payments WHERE transfer IS NULL").fetchone():
                break
            for kind in ("reset_after", "latency"):
                sandbox.fail(kind, "createTransfer", **({"seconds": 0.05} if kind == "latency" else {}))
            with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as worker:
                assert worker.stdout
                for _ in range(1 + killed % 3):  # payments that it is through with when it is killed
                    worker.stdout.readline()
                time.sleep(killed % 5 / 50)
                killed += worker.poll() is None
                worker.kill()
        made = [one for one in sandbox.organization.transfers if one.amount_in_cents in cents]
        assert sorted(one.amount_in_cents for one in made) == list(cents)
        assert {row[0] for row in payments.execute("SELECT transfer FROM payments")} == {one.id for one in made}
        assert killed > 3
        payments.close()


@pytest.mark.parametrize("worker", ["worker.py", "worker_platform.py"])
def test_a_worker_with_another_api_key_leaves_open_what_was_tried_before(
    worker: str, flying: Program, tmp_path: Path
) -> None:
    path = tmp_path / "payments.db"
    uuids = worker == "worker_platform.py"
    pod, card = (Sandbox.uuid(one) if uuids else one for one in ("acc_01HDEF0123", "acc_01HGHI7890"))
    assert flying.run(worker, str(path)).returncode == 0  # makes the table
    with closing(sqlite3.connect(path)) as books, books:
        books.execute(
            "INSERT INTO payments (invoice, source, destination, cents) VALUES ('1', ?, ?, 2503)", (pod, card)
        )
    # Where there is a simulation, it goes well.
    flying.sandbox.fail("reset_after", "createTransfer", times=4, after=int(uuids))
    assert "1 open: " in flying.run(worker, str(path)).stdout
    rotated = {**flying.environment, "SEQUENCE_API_KEY": flying.sandbox.create_key()}
    assert "1 open: " in run(worker, str(path), **rotated).stdout
    shown = flying.run(worker, str(path))
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "1 transfer: " in shown.stdout
    made = [one for one in flying.sandbox.organization.transfers if one.amount_in_cents == 2503]
    assert len([one for one in made if not one.is_simulated]) == 1


def test_a_worker_does_not_pay_what_its_simulation_says_will_fail(flying: Program, tmp_path: Path) -> None:
    path = tmp_path / "payments.db"
    assert flying.run("worker_platform.py", str(path)).returncode == 0
    ends = (Sandbox.uuid("acc_01HDEF0123"), Sandbox.uuid("acc_01HGHI7890"))
    with closing(sqlite3.connect(path)) as books, books:
        insert = "INSERT INTO payments (invoice, source, destination, cents) VALUES (?, ?, ?, ?)"
        books.executemany(insert, [("1", *ends, 99999999), ("2", *ends, 2504)])
    shown = flying.run("worker_platform.py", str(path))
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "1 problem: " in shown.stdout
    assert "2 transfer: " in shown.stdout
    made = [one for one in flying.sandbox.organization.transfers if one.amount_in_cents in {99999999, 2504}]
    assert [one.amount_in_cents for one in made if not one.is_simulated] == [2504]


def test_the_page_of_durable_payments_shows_what_the_examples_do() -> None:
    """Its blocks are parts of the programs, which `make test-durable` runs on their engines."""

    def lines(text: str) -> str:
        return "\n".join(line.strip() for line in text.strip().splitlines()) + "\n"

    programs = [lines(path.read_text()) for path in (EXAMPLES / "durable").glob("*.py")]
    blocks = re.findall(r"^ *```python\n(.*?)^ *```", (ROOT / "docs/durable.md").read_text(), re.DOTALL | re.MULTILINE)
    assert [block for block in blocks if not any(lines(block) in program for program in programs)] == []
    assert (len(programs), len(blocks)) == (2, 5)


def test_the_table_of_operations_is_what_would_be_written() -> None:
    program = [sys.executable, ROOT / "custom" / "document.py", "--check"]
    check = subprocess.run(program, capture_output=True, text=True, check=False)
    assert (check.returncode, check.stdout, check.stderr) == (0, "", "")


def test_the_table_of_operations_is_right() -> None:
    """Each row names an operation's parameters and scope, and whether it is coming soon."""
    row = r"^\| `([a-z_.]+)\((.*?)\)`( ¹)? \| `.*?` \| `([A-Z_]+)` \|"
    rows = re.findall(row, (ROOT / "docs" / "operations.md").read_text(), re.MULTILINE)
    client = SequenceClient("sk_1")
    calls = {call.method: call for call in CALLS}
    assert [method for method, *_ in rows] == list(calls)
    for method, parameters, mark, scope in rows:
        operation = OPERATIONS[calls[method].operation]
        assert (operation.permission and operation.permission.scope) == scope
        assert operation.available == (not mark)
        signature = inspect.signature(bound(client, calls[method]))
        assert re.findall(r"\w+", parameters) == [name for name in signature.parameters if name != "request_id"]


def test_the_table_of_the_platform_apis_operations_is_right() -> None:
    """Each operation has a row, with its parameters, what it gives, and its scope."""
    row = r"^\| `([a-z_.]+)\((.*?)\)` \| `(.*?)` \| `?([A-Za-z_]+)`? \| .+ \|$"
    rows = re.findall(row, (ROOT / "docs" / "platform.md").read_text(), re.MULTILINE)
    scopes = {
        re.sub(r"(?<!^)([A-Z])", r"_\1", id).lower(): one.permission.scope if one.permission else "none"
        for id, one in PLATFORM_OPERATIONS.items()
    }
    expected: list[tuple[str, list[str], str, str]] = []
    for name, resource in vars(PlatformClient("sk_1", base_url="http://127.0.0.1:1")).items():
        for method in vars(type(resource)) if isinstance(resource, Resource) else ():
            bound_method: Any = getattr(resource, method)
            if isinstance(bound_method, BoundOperation | BoundList):
                signature = inspect.signature(bound_method)
                left_out = {"called_reason", "page"} | {one for one in signature.parameters if "deprecated" in one}
                parameters = [one for one in signature.parameters if one not in left_out]
                scope = scopes[bound_method.__name__]
                expected.append((f"{name}.{method}", parameters, str(signature.return_annotation), scope))
    assert [(method, re.findall(r"\w+", given), gives, scope) for method, given, gives, scope in rows] == expected
    assert len(rows) == len(PLATFORM_OPERATIONS)
