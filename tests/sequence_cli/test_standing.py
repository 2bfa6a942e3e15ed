"""Once something was made or may have been, no word and no code says otherwise, whatever happens to the command."""

from __future__ import annotations

import asyncio
import json
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sequence_cli import references, showing
from sequence_cli.__main__ import main
from sequence_cli.endings import NOT_SHOWN, NOTHING_MOVED, OK, UNKNOWN, in_words
from sequence_cli.options import Output
from sequence_cli.records import TRANSFERS
from sequence_cli.references import folder
from sequence_cli.standing import Standing
from sequence_sandbox import Sandbox
from sequence_sdk import SequenceError

from .conftest import Shell
from .test_payments import AMOUNTS, order, paid

TRANSFER = {"id": "txr_1", "amount_in_cents": 100, "status": "complete", "created_at": "2026-07-15T09:02:00Z"}


def kept(shell: Shell) -> list[tuple[str, str | None]]:
    """What this machine knows of references."""
    with closing(sqlite3.connect(folder(shell.environment) / "references.db")) as database:
        return database.execute("SELECT reference, made FROM tried").fetchall()


@pytest.fixture
def slow_shell(platform_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shell]:
    """A shell over a sandbox in which nothing that is made ends by itself."""
    sandbox = Sandbox()
    with sandbox.serve():
        monkeypatch.setenv("SEQUENCE_PLATFORM_BASE_URL", sandbox.platform_url)
        monkeypatch.setenv("SEQUENCE_API_KEY", sandbox.create_key())
        platform_shell.sandbox = sandbox
        yield platform_shell


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_while_it_waits_it_says_what_was_made(by: signal.Signals, slow_shell: Shell) -> None:
    shell, cents = slow_shell, next(AMOUNTS)
    pay = order(shell, cents, "--reference", "waiting", "--yes", "--json")

    def asked() -> bool:
        return any(one.operation == "getTransfer" for one in shell.sandbox.requests)

    for number in range(2):  # a rerun, too
        shell.sandbox.requests.clear()
        ended = shell.kill(*pay, when=asked, with_=by)
        assert ended.code == 5, ended.err
        [(_, made)] = kept(shell)
        assert made is not None
        assert f"{made} was made, and is waited for no longer" in ended.err
        assert [one["id"] for one in json.loads(ended.out or "[]")] == ([made] if number == 0 else [])
    assert paid(shell.sandbox, cents) == 1


def test_what_is_not_waited_for_is_known_and_shown(slow_shell: Shell) -> None:
    pay = order(slow_shell, next(AMOUNTS), "--reference", "later", "--yes", "--json", "--timeout", "0")
    first = slow_shell.say(*pay)
    again = slow_shell.say(*pay)
    assert (first.code, again.code) == (5, 5)
    [one], [other] = json.loads(first.out), json.loads(again.out)
    assert one["id"] == other["id"]
    assert f"{one['id']} was made" in first.err
    assert f"{one['id']} was made" in again.err
    assert "wait again" in again.err


@pytest.mark.parametrize("redirection", ["> /dev/full", "| true", ">&-"])
def test_an_output_that_fails_does_not_undo_a_payment(redirection: str, platform_shell: Shell) -> None:
    cents = next(AMOUNTS)
    pay = order(platform_shell, cents, "--reference", "shown", "--yes")
    program = f"set -o pipefail; {sys.executable} -m sequence_cli {' '.join(pay)} {redirection}"
    ended = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=False, timeout=60)
    [(_, made)] = kept(platform_shell)
    assert (ended.returncode, ended.stdout, paid(platform_shell.sandbox, cents)) == (NOT_SHOWN, "", 1), ended.stderr
    assert f"{made} was made, and could not be shown here" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_closed_standard_error_changes_neither_code_nor_output(platform_shell: Shell) -> None:
    pay = order(platform_shell, next(AMOUNTS), "--reference", "silent", "--yes", "--json")
    program = f"{sys.executable} -m sequence_cli {' '.join(pay)} 2>&-"
    ended = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, len(json.loads(ended.stdout))) == (0, 1)


def test_a_standard_error_that_breaks_changes_no_code(platform_shell: Shell, tmp_path: Path) -> None:
    platform_shell.sandbox.fail("malformed", "createTransfer")
    pay = order(platform_shell, next(AMOUNTS), "--reference", "deaf", "--yes")
    program = f"{sys.executable} -m sequence_cli {' '.join(pay)} 2> /dev/full"
    ended = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout) == (UNKNOWN, "")


@pytest.mark.parametrize("payable", [True, False])
def test_references_that_cannot_be_written_do_not_hide_what_was_done(
    payable: bool, platform_shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    cents, trouble = next(AMOUNTS), "BEGIN SELECT RAISE(ABORT, 'disk is full'); END"
    assert platform_shell.say("references").code == 0
    with closing(sqlite3.connect(folder(platform_shell.environment) / "references.db")) as database:
        database.execute(f"CREATE TRIGGER no_note BEFORE UPDATE OF made ON tried {trouble}")
        database.execute(f"CREATE TRIGGER no_leave BEFORE DELETE ON tried {trouble}")
    if not payable:
        platform_shell.sandbox.fail("status", "createTransfer", status=401)
    ended = platform_shell.say(*order(platform_shell, cents, "--reference", "full", "--yes", "--json"))
    assert (ended.code, paid(platform_shell.sandbox, cents)) == ((0, 1) if payable else (1, 0)), ended.err
    assert "disk is full" in ended.err
    assert (" 401" in ended.err) is not payable
    assert (json.loads(ended.out)[0]["id"] in ended.err) if payable else ended.out == ""


def test_ctrl_c_while_it_is_shown_says_that_it_was_made(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    standing = Standing()
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}

    async def write() -> None:
        standing.begin()
        standing.is_made("txr_1", TRANSFER)
        standing.ends(OK)
        standing.decided()

    def interrupted(*_: object, **__: object) -> None:
        signal.raise_signal(signal.SIGINT)
        pytest.fail("it goes on")

    monkeypatch.setattr(showing, "_write", interrupted)
    try:
        asyncio.run(write())
        signal.raise_signal(signal.SIGINT)  # between the wait and the output
        assert standing.tell(TRANSFERS, Output()) == NOT_SHOWN
        signal.raise_signal(signal.SIGINT)  # and to the end
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    assert "txr_1 was made, and could not be shown here: interrupted" in capsys.readouterr().err


def test_a_reference_is_used_over_one_api_only(platform_shell: Shell) -> None:
    cents = next(AMOUNTS)
    assert platform_shell.say(*order(platform_shell, cents, "--reference", "both", "--yes")).code == 0
    [(_, made)] = kept(platform_shell)
    platform_shell.api = "v1"
    seen = sum(one.operation == "createTransfer" for one in platform_shell.sandbox.requests)
    ended = platform_shell.say(*order(platform_shell, cents, "--reference", "both", "--yes", "--api", "v1"))
    assert (ended.code, ended.out) == (2, "")
    assert "over platform at http://127.0.0.1" in ended.err
    assert made is not None
    assert made in ended.err
    assert sum(one.operation == "createTransfer" for one in platform_shell.sandbox.requests) == seen


def test_a_key_that_may_not_read_what_it_made_is_told_its_id_each_time(
    platform_shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    pod, card = map(platform_shell.id, ("acc_01HDEF0123", "acc_01HGHI7890"))
    route = {"source": pod, "target": card, "max_amount": 1_000_000}
    key = platform_shell.sandbox.create_key(
        {"v1": [], "platform": [{"scope": "MANUAL_TRANSFER", "resources": [route]}]}
    )
    monkeypatch.setenv("SEQUENCE_API_KEY", key)
    pay = order(platform_shell, next(AMOUNTS), "--reference", "writer", "--yes")
    first, again = platform_shell.say(*pay), platform_shell.say(*pay)
    [(_, made)] = kept(platform_shell)
    assert made is not None
    for one in (first, again):
        assert one.code == 5, one.err
        assert f"{made} was made" in one.err
        assert "READ_TRANSFERS" in one.err
        assert ".last" not in one.err


def test_a_record_that_became_another_is_not_shown_as_what_was_asked_for(platform_shell: Shell) -> None:
    cents = next(AMOUNTS)
    pay = order(platform_shell, cents, "--reference", "changed", "--yes", "--timeout", "0")
    assert platform_shell.say(*pay).code == 5
    [(_, made)] = kept(platform_shell)
    [one] = [one for one in platform_shell.sandbox.organization.transfers if platform_shell.id(one.id) == made]
    one.amount_in_cents = 17
    ended = platform_shell.say(*pay[:-1], "60")
    assert ended.code == UNKNOWN, ended.err
    assert f"another amount_in_cents, 17 instead of {cents}" in ended.err


def test_references_are_listed_and_settled(platform_shell: Shell) -> None:
    shell, cents = platform_shell, next(AMOUNTS)
    pay = order(shell, cents, "--reference", "doubt", "--yes")
    shell.sandbox.fail("malformed", "createTransfer")
    assert shell.say(*pay).code == UNKNOWN
    assert shell.say(*order(shell, cents + 1, "--reference", "sure", "--yes")).code == 0
    next(AMOUNTS)
    listed = {one["reference"]: one for one in json.loads(shell.say("references", "--json").out)}
    assert {name: (one["state"], one["status"]) for name, one in listed.items()} == {
        "doubt": ("in doubt", None),
        "sure": ("made", "COMPLETE"),
    }
    assert "in doubt" in shell.say("references").out
    for wrong in (
        ["doubt"],
        ["doubt", "--made", "x", "--nothing-was-done"],
        ["doubt", "--made", "x"],
        ["no", "--made", "x"],
    ):
        more = ["--yes"] if wrong[0] == "no" or len(wrong) != 3 else []
        assert shell.say("references", "settle", *wrong, *more).code == 2
    made = listed["sure"]["made"]
    assert shell.say("references", "settle", "doubt", "--made", made, "--yes").code == 0
    assert dict(kept(shell))["doubt"] == made
    assert shell.say("references", "settle", "doubt", "--nothing-was-done", "--yes").code == 0
    assert "doubt" not in dict(kept(shell))
    assert shell.type("references", "settle", "sure", "--nothing-was-done", answers="n\n").code == 1
    assert "sure" in dict(kept(shell))


def test_a_rule_that_moved_nothing_says_so(platform_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    rule = "rule_01GSBX0000001"
    monkeypatch.setitem(platform_shell.sandbox.organization.rules[rule], "steps", [])
    for _ in range(2):
        ended = platform_shell.say("trigger", rule, "--reference", "idle", "--yes", "--api", "v1")
        assert ended.code == NOTHING_MOVED, ended.err
        assert "moved no money: its conditions were not met" in ended.err
        assert "none" in ended.out


def test_a_closed_input_cannot_be_asked(platform_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    ended = platform_shell.say(*order(platform_shell, next(AMOUNTS), "--reference", "shut"))
    assert (ended.code, "add --yes" in ended.err) == (2, True)


def test_references_that_are_locked_stop_a_payment_before_it_is_sent(
    platform_shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(references, "LOCKED_FOR", 0.05)
    cents = next(AMOUNTS)
    assert platform_shell.say("references").code == 0
    with closing(sqlite3.connect(folder(platform_shell.environment) / "references.db", isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        ended = platform_shell.say(*order(platform_shell, cents, "--reference", "shut", "--yes"))
    assert (ended.code, paid(platform_shell.sandbox, cents)) == (1, 0)
    assert "references.db cannot be used, so nothing was sent: database is locked" in ended.err


def test_ctrl_c_while_it_starts_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr("sequence_cli.app.run", interrupted)
    before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    try:
        assert main() == 130
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
    assert capsys.readouterr().err == "sequence: interrupted\n"


def test_messages_give_no_advice_for_python() -> None:
    texts = {
        "createTransfer: 502. Nobody knows\nRepeat it to find out: `await error.resume(client)`, or … more": (
            "createTransfer: 502. Nobody knows"
        ),
        "it goes no further. The body is in .content": "it goes no further",
        "see what it did before you use a new key: `await error.candidates(client)` of its error lists that": (
            "see what it did before you use a new key"
        ),
        "401\nWhat was asked for is made nevertheless: .last is its last state": "401",
    }
    for text, words in texts.items():
        assert in_words(SequenceError(text)) == words
