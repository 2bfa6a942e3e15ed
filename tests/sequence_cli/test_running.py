"""The doctor, the sandbox, programs whose permissions are recorded, help, and completion."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module
from pathlib import Path

import keyring
import pytest

from sequence_cli.access import APIName
from sequence_cli.app import app
from sequence_cli.endings import EXPLAINED
from sequence_cli.running import merged, not_named
from sequence_sdk import Permissions, platform

from .conftest import COLUMNS, Shell

PROGRAM = """
import asyncio, multiprocessing, os, sys
from sequence_sdk import PermissionDeniedError, PlatformClient, SequenceClient
from sequence_sdk.platform import Permissions

pod, card = sys.argv[1:]

async def read():
    async with PlatformClient() as platform:
        await platform.accounts.get(pod)

async def write():
    async with SequenceClient() as sequence:
        await sequence.transfers.create(
            source_account_id="acc_01HDEF0123", destination_account_id="acc_01HGHI7890", amount_in_cents=700
        )

async def be_refused():
    declared = Permissions.from_json([{"scope": "READ_RULES", "resources": "*"}])
    async with PlatformClient(permissions=declared) as platform:
        try:
            await platform.accounts.get(card)
        except PermissionDeniedError as error:
            print(error.local, error.missing)

asyncio.run(read())
forked = multiprocessing.get_context("fork").Process(target=lambda: asyncio.run(write()))
forked.start()
forked.join()
asyncio.run(be_refused())
sys.stdout.flush()
os._exit(7)  # nothing runs at the exit
"""


def test_the_least_permissions_of_a_program_are_recorded_and_its_exit_code_is_passed_on(
    platform_shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shell, program = platform_shell, tmp_path / "app.py"
    program.write_text(PROGRAM)
    (tmp_path / "sitecustomize.py").write_text("print('its own sitecustomize')")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    pod, card = map(shell.id, ("acc_01HDEF0123", "acc_01HGHI7890"))
    ended = shell.run("permissions", "record", "--", sys.executable, str(program), pod, card)
    assert ended.code == 7, ended.err
    said, _, recorded = ended.out.partition("{")
    assert said.splitlines()[-1] == "True scope"  # of the program, whose declared permissions still count
    assert said.startswith("its own sitecustomize\n")
    entries = json.loads("{" + recorded)
    route = {"source": "acc_01HDEF0123", "target": "acc_01HGHI7890", "max_amount": 700}
    assert entries == {
        "v1": [{"scope": "MANUAL_TRANSFER", "resources": [route]}],
        "platform": [{"scope": "READ_ACCOUNTS", "resources": [pod, card]}],
    }
    assert Permissions.from_json(entries).allows("createTransfer", **{**ROUTE, "amount_in_cents": 700})
    assert not Permissions.from_json(entries).allows("createTransfer", **{**ROUTE, "amount_in_cents": 701})
    assert platform.Permissions.from_json(entries).allows("getAccount", id=pod)


ROUTE = {"source_account_id": "acc_01HDEF0123", "destination_account_id": "acc_01HGHI7890"}


def test_what_processes_needed_is_put_together() -> None:
    one = json.dumps([{"scope": "READ_ACCOUNTS", "resources": ["acc_01HDEF0123"]}])
    other = json.dumps([{"scope": "READ_ACCOUNTS", "resources": ["acc_01HGHI7890"]}, {"scope": "LIST_RULES"}])
    parts = [{"api": "v1", "entries": one}, {"api": "v1", "entries": other}, {"api": "platform", "entries": "[]"}]
    assert merged(parts) == {
        "v1": [
            {"scope": "READ_ACCOUNTS", "resources": ["acc_01HDEF0123", "acc_01HGHI7890"]},
            {"scope": "LIST_RULES"},
        ]
    }


def test_what_no_response_named_is_said_in_words(platform_shell: Shell) -> None:
    command = [sys.executable, "-m", "sequence_cli", "rules", "--source", platform_shell.id("acc_01GSBX0000003")]
    ended = platform_shell.say("permissions", "record", "--", *command, "--json")
    assert ended.code == 0, ended.err
    assert ended.out == "[]\n"
    assert "needed, too, of a resource that no response named: READ_RULES on any rule" in ended.err


def test_a_program_that_makes_no_call_and_one_that_is_not_there(platform_shell: Shell, tmp_path: Path) -> None:
    silent = platform_shell.say("permissions", "record", "--", sys.executable, "-c", "raise SystemExit(5)")
    assert (silent.code, silent.out) == (5, "")
    assert "made no call with sequence-sdk" in silent.err
    missing = platform_shell.say("permissions", "record", "--", str(tmp_path / "none"))
    assert (missing.code, missing.out) == (127, "")
    assert platform_shell.say("permissions", "record").code == 2
    killed = platform_shell.say("permissions", "record", "--", "sh", "-c", "kill -TERM $$")
    assert killed.code == 128 + signal.SIGTERM


def test_a_program_is_told_to_end_and_what_it_needed_is_still_printed(platform_shell: Shell, tmp_path: Path) -> None:
    ready = tmp_path / "ready"
    program = (
        "import asyncio, pathlib, sys, time; from sequence_sdk import SequenceClient\n"
        "async def main():\n"
        "    async with SequenceClient() as sequence: await sequence.rules.list()\n"
        "asyncio.run(main()); pathlib.Path(sys.argv[1]).touch(); time.sleep(600)"
    )
    command = ["permissions", "record", "--", sys.executable, "-c", program, str(ready)]
    ended = platform_shell.kill(*command, when=ready.exists, with_=signal.SIGTERM)
    assert ended.code == 128 + signal.SIGTERM, ended.err
    assert json.loads(ended.out) == [{"scope": "LIST_RULES"}]


def test_permissions_can_be_written_to_a_file(platform_shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "permissions.json"
    command = [sys.executable, "-m", "sequence_cli", "accounts", "--api", "v1", "--csv"]
    ended = platform_shell.say("permissions", "record", "--to", str(file), "--", *command)
    assert ended.code == 0, ended.err
    assert json.loads(file.read_text()) == [{"scope": "LIST_ACCOUNTS"}]


REPLACED = """
import asyncio, importlib.util, os, sys
assert importlib.util.find_spec("sequence_sdk")  # some only look whether it is there
from sequence_sdk import PlatformClient

async def read():
    async with PlatformClient() as platform:
        await platform.accounts.get(sys.argv[1])

asyncio.run(read())
if sys.argv[2:]:
    os.execv(sys.executable, [sys.executable, sys.argv[0], *sys.argv[2:]])
"""


def test_what_a_program_needed_before_it_ran_another_in_its_place_is_recorded(
    platform_shell: Shell, tmp_path: Path
) -> None:
    program = tmp_path / "app.py"
    program.write_text(REPLACED)
    both = list(map(platform_shell.id, ("acc_01HDEF0123", "acc_01HGHI7890")))
    ended = platform_shell.run("permissions", "record", "--", sys.executable, str(program), *both)
    assert ended.code == 0, ended.err
    [entry] = json.loads(ended.out)
    assert entry["scope"] == "READ_ACCOUNTS"
    assert set(entry["resources"]) == set(both)


def test_a_file_that_cannot_be_written_is_said_before_the_program_runs(platform_shell: Shell, tmp_path: Path) -> None:
    file, ran = tmp_path / "nowhere" / "permissions.json", tmp_path / "ran"
    ended = platform_shell.say("permissions", "record", "--to", str(file), "--", "touch", str(ran))
    assert (ended.code, ran.exists()) == (2, False)
    assert f"the folder {file.parent} is not there" in ended.err


def test_what_cannot_be_written_in_the_end_is_printed(platform_shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "made" / "permissions.json"
    file.parent.mkdir()
    command = [sys.executable, "-m", "sequence_cli", "rules", "--api", "v1", "--csv"]
    remove = ["sh", "-c", f'rmdir {file.parent}; "$@" > {tmp_path / "rules.csv"}', "sh", *command]
    ended = platform_shell.run("permissions", "record", "--to", str(file), "--", *remove)
    assert (ended.code, json.loads(ended.out)) == (0, [{"scope": "LIST_RULES"}]), ended.err
    assert f"{file} cannot be written" in ended.err


def test_the_program_has_the_key_of_the_keyring(
    platform_shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SEQUENCE_API_KEY")
    monkeypatch.setattr(keyring, "get_password", lambda *_: "sk_ring")
    told = tmp_path / "told"
    program = 'test "$SEQUENCE_API_KEY" = sk_ring && touch "$1"'
    ended = platform_shell.say("permissions", "record", "--", "sh", "-c", program, "sh", str(told))
    assert (ended.code, told.exists()) == (0, True)


def test_what_an_entry_is_enough_for_is_not_said_to_be_needed_too() -> None:
    parts = [
        {"api": "platform", "entries": "[]", "unresolved": ["READ_ACCOUNTS on any account", "READ_RULES on any rule"]},
        {"api": "platform", "entries": "[]", "unresolved": ["READ_ACCOUNTS on the account that the card is linked to"]},
    ]
    needed: dict[APIName, Sequence[Mapping[str, object]]] = {
        "platform": [{"scope": "READ_ACCOUNTS", "resources": ["a"]}],
        "v1": [{"scope": "READ_RULES", "resources": ["a"]}],
    }
    assert not_named(parts, needed) == [
        "READ_RULES on any rule",
        "READ_ACCOUNTS on the account that the card is linked to",
    ]


def test_the_doctor_examines_what_the_key_opens(platform_shell: Shell) -> None:
    ended = platform_shell.say("doctor", "--api", "platform")
    assert (ended.code, ended.err) == (0, "")
    assert "the key opens platform" in ended.out
    import_module("sequence_sdk.__main__")  # as another part of the process may have done
    wrong = platform_shell.say("doctor", "--nothing")
    assert (wrong.code, "unrecognized arguments: --nothing" in wrong.err) == (2, True)


def test_a_sandbox_is_served(platform_shell: Shell) -> None:
    with platform_shell.start("sandbox", "--transfers", "3") as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline().startswith("Sequence sandbox at http://127.0.0.1:")
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=60)
        finally:
            process.kill()
    assert (process.returncode, errors.count("Traceback")) == (0, 0)


def test_a_sandbox_without_its_extra_says_what_to_install(
    platform_shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "starlette.py").write_text("raise ModuleNotFoundError('no', name='starlette')")
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")]))
    ended = platform_shell.run("sandbox")
    assert ended.code == 1
    assert "sequence-sdk[sandbox]" in ended.err
    assert "Traceback" not in ended.err


COMMANDS = ["accounts", "balances", "transfers", "rules", "executions", "export", "pay", "trigger"]


@pytest.mark.parametrize("command", [[], *([one] for one in COMMANDS), ["permissions", "record"]])
def test_help_fits_the_terminal(command: list[str], platform_shell: Shell) -> None:
    ended = platform_shell.say(*command, "--help")
    assert ended.code == 0
    assert max(map(len, ended.out.splitlines())) <= COLUMNS
    if not command:
        assert all(text in " ".join(ended.out.split()) for text in EXPLAINED.values())
    assert "key" not in {option.partition(" ")[0] for option in ended.out.split("--")[1:]}


def test_each_command_has_help(platform_shell: Shell) -> None:
    doctor = platform_shell.say("doctor", "--help")
    assert (doctor.code, doctor.out.startswith("usage: sequence doctor ")) == (0, True)
    shown = platform_shell.say("--help").out
    assert all(f" {name} " in shown for name in (*COMMANDS, "doctor", "sandbox", "permissions"))


@pytest.mark.parametrize("kind", ["bash", "zsh", "fish"])
def test_completion_scripts_are_written_for_each_shell(kind: str) -> None:
    script = app.generate_completion(shell=kind)  # type: ignore[arg-type]
    assert "transfers" in script
    if shutil.which(kind):
        subprocess.run([kind, "-n"], input=script, text=True, check=True, timeout=60)


@pytest.mark.parametrize(
    ("typed", "completed"),
    [("tr", {"transfers", "trigger"}), ("transfers --st", {"--status"}), ("export c", {"card-transactions"})],
)
def test_bash_completes_commands_and_options(typed: str, completed: set[str], tmp_path: Path) -> None:
    file = tmp_path / "sequence.bash"
    file.write_text(app.generate_completion(shell="bash"))
    words = ["sequence", *typed.split(" ")]
    program = f"""
        source {file}
        COMP_WORDS=({" ".join(words)}) COMP_CWORD={len(words) - 1} COMP_LINE="{" ".join(words)}"
        COMP_POINT=${{#COMP_LINE}}
        $(complete -p sequence | sed -E 's/.*-F ([^ ]+).*/\\1/')
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    shown = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert completed <= set(shown.stdout.split()), shown.stderr


def test_completion_is_installed_where_the_shell_looks(
    platform_shell: Shell, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("SHELL", "/bin/bash")
    ended = platform_shell.say("--install-completion", "--shell", "bash")
    assert ended.code == 0, ended.err
    assert any("sequence" in one.name for one in tmp_path.rglob("*") if one.is_file())
