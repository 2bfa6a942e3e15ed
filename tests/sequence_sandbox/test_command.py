"""`sequence-sandbox` starts, says where it is, serves, and stops when it is told to."""

from __future__ import annotations

import json
import re
import shlex
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import httpx
import pytest

from sequence_sandbox import Sandbox, __main__ as command
from sequence_sandbox.control.actions import ACTIONS
from sequence_sandbox.faults import KINDS
from sequence_sandbox.platform.identifiers import to_uuid


@contextmanager
def running(*arguments: str) -> Iterator[tuple[Any, dict[str, str]]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "sequence_sandbox", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            greeting = [process.stdout.readline().strip() for _ in range(4)]
            yield process, dict(line.removeprefix("export ").split("=", 1) for line in greeting[1:])
        finally:
            process.kill()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_is_and_stops_cleanly(stop: signal.Signals) -> None:
    with running() as (process, settings):
        page = process.stdout.readline().strip().removeprefix("# To look at it: ")
        assert "<title>Sequence sandbox</title>" in httpx.get(page).text
        base_url, key = settings["SEQUENCE_BASE_URL"], settings["SEQUENCE_API_KEY"]
        assert base_url.startswith("http://127.0.0.1:")
        headers = {"Authorization": f"ApiKey {key}"}
        assert httpx.get(f"{base_url}/accounts", headers=headers).status_code == 200
        assert httpx.get(f"{base_url}/accounts/acc_01HDEF0123", headers=headers).status_code == 200
        assert httpx.get(f"{base_url}/accounts/acc_01HABC4567", headers=headers).status_code == 403
        platform_url, headers = settings["SEQUENCE_PLATFORM_BASE_URL"], {"Authorization": f"Bearer {key}"}
        assert httpx.get(f"{platform_url}/accounts", headers=headers).status_code == 200
        assert httpx.get(f"{platform_url}/accounts/{to_uuid('acc_01HDEF0123')}", headers=headers).status_code == 200
        assert httpx.get(f"{platform_url}/accounts/{to_uuid('acc_01HABC4567')}", headers=headers).status_code == 403
        said = process.stdout.readline()
        assert said == "# The key may do everything but read acc_01HABC4567; --permissions gives it others.\n"
        process.send_signal(stop)
        _, errors = process.communicate(timeout=10)
        assert "Traceback" not in errors


def test_a_key_and_its_permissions_can_be_given(tmp_path: Path) -> None:
    file = tmp_path / "permissions.json"
    file.write_text(json.dumps([{"scope": "LIST_RULES"}]))
    with running("--key", "sk_mine", "--permissions", str(file)) as (_, settings):
        assert settings["SEQUENCE_API_KEY"] == "sk_mine"
        headers = {"Authorization": "ApiKey sk_mine"}
        assert httpx.get(f"{settings['SEQUENCE_BASE_URL']}/rules", headers=headers).status_code == 200
        assert httpx.get(f"{settings['SEQUENCE_BASE_URL']}/accounts", headers=headers).status_code == 403


def test_a_key_without_any_permission_can_be_given(tmp_path: Path) -> None:
    file = tmp_path / "permissions.json"
    file.write_text("[]")
    with running("--permissions", str(file)) as (_, settings):
        headers = {"Authorization": f"ApiKey {settings['SEQUENCE_API_KEY']}"}
        assert httpx.get(f"{settings['SEQUENCE_BASE_URL']}/accounts", headers=headers).status_code == 403


def test_it_explains_itself(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        command.main(["--help"])
    assert caught.value.code == 0
    shown = capsys.readouterr().out
    assert "--permissions FILE" in shown
    assert all(f"{action.method:6} /_sandbox{action.path}" in shown for action in ACTIONS)
    assert all(f"  {kind} " in shown for kind in KINDS)


def test_it_says_which_version_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        command.main(["--version"])
    assert caught.value.code == 0
    assert capsys.readouterr().out.strip() == f"sequence-sandbox {version('sequence-sdk')}"


@pytest.mark.parametrize("flags", [[], ["--control-token", "tok_mine"]])
def test_where_other_machines_can_reach_it_control_needs_the_token_it_says(flags: list[str]) -> None:
    with running("--host", "0.0.0.0", "--allow-remote", *flags) as (process, settings):
        exported = process.stdout.readline().strip().removeprefix("export SEQUENCE_SANDBOX_TOKEN=")
        assert exported == flags[-1] if flags else len(exported) >= 32
        origin = settings["SEQUENCE_BASE_URL"].removesuffix("/api/v1").replace("0.0.0.0", "127.0.0.1")
        assert httpx.post(f"{origin}/_sandbox/reset").status_code == 401
        headers = {"Authorization": f"Bearer {exported}"}
        assert httpx.post(f"{origin}/_sandbox/reset", headers=headers).status_code == 200


@pytest.mark.parametrize("content", [None, "{", "{}", '[{"resources": []}]', '[{"scope": "LIST_ACOUNTS"}]'])
def test_a_permissions_file_that_is_none(
    content: str | None, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "permissions.json"
    if content is not None:
        file.write_text(content)
    with pytest.raises(SystemExit) as caught:
        command.main(["--permissions", str(file)])
    assert caught.value.code == 2
    assert "--permissions" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--host", "0.0.0.0"], "--allow-remote"),
        (["--host", "example.com"], "--allow-remote"),
        (["--transfers", "-1"], "cannot be below 0"),
        (["--rate-limit", "0"], "cannot be below 1"),
        (["--latency", "-1"], "cannot be below 0"),
        (["--port", "99999"], "--port 99999"),
        (["--clock", "backwards"], "--clock"),
        (["--control-token", ""], "--control-token must not be empty"),
        (["--clock-speed", "0"], "--clock-speed must be above 0"),
    ],
)
def test_flags_that_are_wrong(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        command.main(arguments)
    assert caught.value.code == 2
    assert message in capsys.readouterr().err


def test_flags_change_what_is_served() -> None:
    flags = [
        "--transfers",
        "7",
        "--card-transactions",
        "5",
        "--variation",
        "3",
        "--rate-limit",
        "2",
        "--clock",
        "still",
    ]
    with running(*flags, "--without-coming-soon", "--host", "localhost", "--latency", "0.01") as (_, settings):
        headers = {"Authorization": f"ApiKey {settings['SEQUENCE_API_KEY']}"}
        base_url = settings["SEQUENCE_BASE_URL"]
        transfers = httpx.get(f"{base_url}/transfers?account_id=acc_01HDEF0123", headers=headers).json()
        assert len(transfers["data"]) == 7
        assert transfers["data"][1]["amount_in_cents"] == 1000 + (1 + 3) * 6007 % 90000
        assert httpx.get(f"{base_url}/cards?account_id=acc_01HDEF0123", headers=headers).status_code == 404
        assert httpx.get(f"{base_url}/accounts", headers=headers).status_code == 200
        limited = httpx.get(f"{base_url}/accounts", headers=headers)
        assert (limited.status_code, limited.headers["Retry-After"]) == (429, "30")


def test_a_seed_from_a_file_is_served_with_its_first_key(tmp_path: Path) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text(
        "accounts: [{id: acc_01PAY, name: Payroll, type: income_source}, {id: acc_01RENT, name: Rent, type: pod}]\n"
        "keys: [{key: sk_first}]\n"
    )
    with running("--seed", str(seed), "--transfers", "60", "--days", "365", "--recent", "0.5") as (_, settings):
        assert settings["SEQUENCE_API_KEY"] == "sk_first"
        headers = {"Authorization": "ApiKey sk_first"}
        found = httpx.get(f"{settings['SEQUENCE_BASE_URL']}/accounts", headers=headers).json()["data"]
        assert [one["name"] for one in found] == ["Payroll", "Rent"]
        month = datetime.now(UTC) - timedelta(days=30)
        query = {"account_id": "acc_01RENT", "from": month.isoformat(), "first": 100}
        recent = httpx.get(f"{settings['SEQUENCE_BASE_URL']}/transfers", params=query, headers=headers).json()["data"]
        assert 10 < len(recent) < 40


def test_a_seed_that_is_wrong_is_said_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    seed = tmp_path / "seed.yaml"
    seed.write_text("accounts: [{id: acc_01PAY, name: Payroll}]")
    with pytest.raises(SystemExit):
        command.main(["--seed", str(seed)])
    assert f"{seed}: accounts[0]: object missing required field `type`" in capsys.readouterr().err


def test_a_port_that_is_taken(served: Any, capsys: pytest.CaptureFixture[str]) -> None:
    port = served.base_url.split(":")[2].split("/")[0]
    with pytest.raises(SystemExit) as caught:
        command.main(["--port", port])
    assert caught.value.code == 2
    assert "--port" in capsys.readouterr().err


def test_without_the_extra_it_says_which_one_is_missing() -> None:
    program = "import sys; sys.modules['starlette'] = None; from sequence_sandbox import Sandbox"
    tried = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert tried.returncode == 1
    assert "install the extra, as in pip install 'sequence-sdk[sandbox]'" in tried.stderr


DOCS = Path(__file__).parents[2] / "docs" / "testing.md"


@pytest.fixture
def served_here() -> Iterator[Sandbox]:
    """A sandbox like the one of the documentation."""
    sandbox = Sandbox()
    with sandbox.serve():
        yield sandbox


def test_what_the_documentation_says_to_do_with_curl_works(served_here: Sandbox) -> None:
    """Each line for the sandbox on this machine, in its order, sent as curl would."""
    lines = [line for line in DOCS.read_text().splitlines() if line.startswith("$ curl") and "localhost:8000" in line]
    found = {path for line in lines for path in re.findall(r"/_sandbox(/\w+)", line)}
    assert {action.path for action in ACTIONS} <= found
    served_here.create_key(key="sk_test")
    for line in lines:
        _, *words = shlex.split(line.removeprefix("$ "))
        flags = {words[n]: words[n + 1] for n in range(len(words) - 1) if words[n] in {"-X", "-d", "-H"}}
        (where,) = (word for word in words if word.startswith("localhost:8000"))
        headers = {"Content-Type": "application/x-www-form-urlencoded"} if "-d" in flags else {}
        headers |= dict(words[n + 1].split(": ", 1) for n in range(len(words)) if words[n] == "-H")
        response = httpx.request(
            flags.get("-X", "POST" if "-d" in flags else "GET"),
            where.replace("localhost:8000", served_here.origin),
            content=flags.get("-d"),
            headers=headers,
        )
        assert response.status_code == (201 if "Idempotency-Key" in headers else 200), (line, response.text)
