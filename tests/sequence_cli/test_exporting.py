"""An export holds each record once, however often it is interrupted, and goes on where it was."""

from __future__ import annotations

import csv
import json
import re
import signal
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sequence_cli.endings import CommandError
from sequence_cli.export_file import READ_AGAIN, Part, export_file, plan
from sequence_cli.exporting import database_of
from sequence_cli.records import TRANSFERS
from sequence_sandbox import Sandbox

from .conftest import API, Shell

START, DAY = datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=1)


@pytest.fixture
def busy(
    request: pytest.FixtureRequest,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Iterator[Shell]:
    """A shell for a sandbox with many transfers, whose clock runs with the wall clock."""
    sandbox = Sandbox(transfers=1500, running_clock=True)
    api: API = request.param
    with sandbox.serve():
        known = {
            "SEQUENCE_API_KEY": sandbox.create_key(),
            "SEQUENCE_BASE_URL": sandbox.base_url,
            "SEQUENCE_PLATFORM_BASE_URL": sandbox.platform_url,
            "SEQUENCE_API": api,
        }
        for name, value in known.items():
            monkeypatch.setenv(name, value)
        yield Shell(sandbox, api, {**environment, **known}, capsys)


def ids(file: Path) -> list[str]:
    """The IDs in an exported file, in its order."""
    if file.suffix == ".csv":
        with file.open(newline="") as lines:
            return [line["id"] for line in csv.DictReader(lines)]
    if file.suffix == ".jsonl":
        return [json.loads(line)["id"] for line in file.read_text().splitlines()]
    with closing(sqlite3.connect(file)) as database:
        return [id for (id,) in database.execute("SELECT id FROM transfers ORDER BY created_at DESC, id")]


def there(shell: Shell) -> set[str]:
    """The IDs of all transfers that the sandbox has, as the API spells them."""
    return {shell.id(one.id) for one in shell.sandbox.organization.transfers if not one.is_simulated}


def pay(shell: Shell, times: int = 1) -> None:
    """Make transfers."""
    ends = ["--from", shell.id("acc_01HDEF0123"), "--to", shell.id("acc_01HGHI7890"), "--amount", "1.00"]
    for _ in range(times):
        number = len(shell.sandbox.organization.transfers)
        shell.say("pay", *ends, "--reference", f"more-{number}", "--yes", "--timeout", "0.01")


@pytest.mark.parametrize("form", ["csv", "jsonl", "sqlite"])
def test_an_export_holds_each_record_once(form: str, shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / f"all.{form}"
    ended = shell.say("export", "transfers", "--to", str(file))
    assert (ended.code, ended.out) == (0, ""), ended.err
    found = ids(file)
    assert len(found) == len(set(found))
    documented = {shell.id(one.id) for one in shell.sandbox.organization.transfers if "SBX" not in one.id}
    assert documented <= set(found) <= there(shell)
    assert f"{len(found):,} transfers in {file}" in ended.err
    assert [one.name for one in tmp_path.iterdir() if one.name != "state"] == [file.name]


@pytest.mark.parametrize("busy", ["v1", "platform"], indirect=True)
def test_an_export_that_is_killed_again_and_again_loses_nothing_and_doubles_nothing(
    busy: Shell, tmp_path: Path
) -> None:
    file, part = tmp_path / "all.csv", tmp_path / "all.csv.part"
    command = ["export", "transfers", "--to", str(file)]
    wanted = there(busy)

    def pages() -> list[str | list[str]]:
        """The moments up to which pages were asked for."""
        return [one.query["to"] for one in busy.sandbox.requests if one.operation == "listTransfers"]

    stops = [(2, signal.SIGKILL), (9, signal.SIGINT)] if busy.api == "platform" else [(5, signal.SIGKILL)]
    for stop, by in stops:
        ended = busy.kill(*command, when=lambda stop=stop: len(pages()) >= stop, with_=by)
        assert ended.code == (130 if by == signal.SIGINT else -signal.SIGKILL), ended.err
        assert "Traceback" not in ended.err
        assert part.exists()
        assert not file.exists()
        pay(busy)
    with closing(sqlite3.connect(part)) as database:
        (kept,) = database.execute("SELECT count(*) FROM transfers").fetchone()
    asked = pages()
    ended = busy.type(*command)
    assert ended.code == 0, ended.out
    assert "━" in ended.out  # a bar, at a terminal
    found = ids(file)
    assert len(found) == len(set(found))
    assert wanted <= set(found) <= there(busy)
    assert not part.exists()
    if kept and busy.api == "platform":
        assert asked[0] not in pages()[len(asked) :]  # it did not begin anew


@pytest.mark.parametrize("busy", ["platform"], indirect=True)
def test_a_database_is_brought_up_to_date(busy: Shell, tmp_path: Path) -> None:
    file = tmp_path / "all.sqlite"
    command = ["export", "transfers", "--to", str(file)]
    first = busy.say(*command)
    assert first.code == 0, first.err
    assert len(re.findall(r"sequence: transfers: \d,\d+ read, back to \d{4}-\d\d-\d\d\n", first.err)) == 1
    with closing(sqlite3.connect(file)) as database:
        before = dict(database.execute("SELECT id, status FROM transfers"))
    pay(busy, 2)
    busy.sandbox.advance(86_400)
    pay(busy)
    seen = len(busy.sandbox.requests)
    again = busy.say(*command)
    assert again.code == 0, again.err
    with closing(sqlite3.connect(file)) as database:
        after = dict(database.execute("SELECT id, status FROM transfers"))
        (record,) = database.execute("SELECT record FROM transfers LIMIT 1").fetchone()
    assert len(after.keys() - before.keys()) == 2  # the third is a day ahead of this machine's clock
    assert before.keys() < after.keys()
    assert f"{len(after):,} transfers in {file}, 2 of them new" in again.err
    assert json.loads(record)["id"] in after
    assert len(busy.sandbox.requests) - seen < 20


def test_what_the_api_has_not_is_said(shell: Shell, tmp_path: Path) -> None:
    cards = shell.say("export", "card-transactions", "--to", str(tmp_path / "cards.jsonl"))
    assert cards.code == 0, cards.err
    assert len(ids(tmp_path / "cards.jsonl")) == 250
    others = shell.say("export", "external-transactions", "--to", str(tmp_path / "others.csv"))
    if shell.api == "v1":
        assert (others.code, "this API has none" in others.err) == (2, True)
    else:
        assert others.code == 0
        assert "the API keeps nothing older" in others.err
        assert ids(tmp_path / "others.csv")


def test_only_what_is_new_enough(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "new.sqlite"
    day = f"{datetime.now(UTC) - 30 * DAY:%Y-%m-%d}"
    assert shell.say("export", "transfers", "--to", str(file), "--from", day).code == 0
    with closing(sqlite3.connect(file)) as database:
        (oldest,) = database.execute("SELECT min(created_at) FROM transfers").fetchone()
    assert oldest >= day
    other = shell.say("export", "transfers", "--to", str(file))
    assert (other.code, day in other.err) == (2, True)


def test_a_file_that_is_there_is_not_touched(shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "mine.csv"
    file.write_text("mine")
    ended = shell.say("export", "transfers", "--to", str(file))
    assert (ended.code, file.read_text()) == (2, "mine")
    assert "is there already" in ended.err
    wrong = tmp_path / "mine.sqlite"
    wrong.write_text("this is no database, but a text of some length")
    assert shell.say("export", "transfers", "--to", str(wrong)).code == 1
    assert wrong.read_text().startswith("this is no database")
    assert shell.say("export", "transfers", "--to", str(tmp_path / "all.xlsx")).code == 2


def test_a_crash_after_the_file_was_written_is_mended(tmp_path: Path) -> None:
    file = tmp_path / "all.csv"
    with export_file(database_of(file), TRANSFERS, "https://api") as kept:
        [part] = kept.plan(["a"], 50, START, START + DAY)
        kept.keep(part, [{"id": "1", "created_at": "2026-01-01T00:00:00Z"}], "cursor", done=True)
        kept.write(file)
    with export_file(database_of(file), TRANSFERS, "https://api") as kept:
        kept.write(file)
    assert ids(file) == ["1"]


def test_two_exports_do_not_write_to_one_file(tmp_path: Path) -> None:
    file = tmp_path / "all.sqlite"
    with (
        export_file(file, TRANSFERS, "https://api"),
        pytest.raises(CommandError, match="in use"),
        export_file(file, TRANSFERS, "https://api"),
    ):
        raise AssertionError("both write")


def test_what_is_in_a_sandbox_and_what_is_real_do_not_get_into_one_file(tmp_path: Path) -> None:
    file = tmp_path / "all.csv.part"
    with export_file(file, TRANSFERS, "http://127.0.0.1:1") as kept:
        kept.plan(["a"], 50, START, START + DAY)
    with export_file(file, TRANSFERS, "https://api") as kept, pytest.raises(CommandError, match=r"127\.0\.0\.1"):
        kept.plan(["a"], 50, START, START + DAY)


def test_an_interrupted_list_goes_on_at_its_cursor_and_finished_ones_wait() -> None:
    kept = [Part(("a", "b"), START, START + DAY, "cursor"), Part(("c",), START, START + DAY, None, done=True)]
    assert plan(kept, ["a", "b", "c"], 50, START, START + 9 * DAY) == kept[:1]


def test_when_all_is_there_the_last_two_weeks_are_read_again() -> None:
    newest = START + 60 * DAY
    kept = [Part(("a",), START, newest, "cursor", done=True)]
    assert plan(kept, ["a"], 50, START, newest + DAY) == [Part(("a",), newest - READ_AGAIN, newest + DAY, None)]


def test_accounts_that_appear_later_get_lists_of_their_own() -> None:
    kept = [Part(("b",), START, START + DAY, None, done=True)]
    parts = plan(kept, ["b", "a", "d", "c"], 2, START, START + DAY)
    assert [(one.ids, one.oldest) for one in parts] == [(("b",), START), (("a", "c"), START), (("d",), START)]
