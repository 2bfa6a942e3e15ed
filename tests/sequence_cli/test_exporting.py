"""An export holds each record once, however often it is interrupted, and goes on where it was."""

from __future__ import annotations

import csv
import json
import re
import signal
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from sequence_cli.endings import CommandError
from sequence_cli.export_database import export_database
from sequence_cli.export_file import READ_AGAIN, ExportFile, Origin, Part, plan, split
from sequence_cli.options import moment
from sequence_cli.records import CARD_TRANSACTIONS, TRANSFERS, Kind
from sequence_sandbox import Sandbox

from .conftest import API, Shell

ORIGIN = Origin("platform", "https://api", ["a", "b", "c", "d"])
RECORD = {"id": "1", "created_at": "2026-01-01T00:00:00Z"}
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


@contextmanager
def opened(file: Path, origin: Origin = ORIGIN, kind: Kind = TRANSFERS) -> Generator[ExportFile]:
    """The export in a file, from where records come."""
    with export_database(file) as database:
        kept = ExportFile(file, database, kind)
        kept.begin(origin)
        yield kept


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

    def held() -> bool:
        """Whether the sandbox holds a request, which it does for an hour."""
        return busy.sandbox.faults.faults[0].times < 100

    stops = [(2, signal.SIGKILL), (7, signal.SIGINT)] if busy.api == "platform" else [(5, signal.SIGKILL)]
    for good, by in stops:
        busy.sandbox.fail("latency", "listTransfers", seconds=3600, times=100, after=good)
        ended = busy.kill(*command, when=held, with_=by)
        assert ended.code == (130 if by == signal.SIGINT else -signal.SIGKILL), ended.err
        busy.sandbox.faults.clear()
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


@pytest.mark.parametrize("part", [None, "theirs", "a text that is no database, and long enough for one" * 20])
def test_a_file_that_is_there_is_not_touched(part: str | None, platform_shell: Shell, tmp_path: Path) -> None:
    file, beside = tmp_path / "mine.csv", tmp_path / "mine.csv.part"
    file.write_text("mine")
    if part is not None:
        beside.write_text(part)
    asked = len(platform_shell.sandbox.requests)
    ended = platform_shell.say("export", "transfers", "--to", str(file))
    assert (ended.code, file.read_text()) == (2 if part is None else 1, "mine"), ended.err
    assert ("is there already: add --replace" if part is None else f"{beside}: it is no SQLite") in ended.err
    assert part is None or beside.read_text() == part
    assert len(platform_shell.sandbox.requests) == asked


def test_a_file_that_is_there_is_not_touched_where_an_export_to_it_was_begun(
    platform_shell: Shell, tmp_path: Path
) -> None:
    file = tmp_path / "mine.csv"
    with opened(tmp_path / "mine.csv.part", Origin("platform", platform_shell.sandbox.platform_url, [])):
        file.write_text("mine")
    ended = platform_shell.say("export", "transfers", "--to", str(file))
    assert (ended.code, file.read_text()) == (2, "mine"), ended.err
    assert platform_shell.say("export", "transfers", "--to", str(file), "--replace").code == 0
    assert len(ids(file)) > 200
    assert [one.name for one in tmp_path.iterdir() if one.name != "state"] == ["mine.csv"]


def test_a_crash_between_the_file_and_the_removal_of_its_database_is_mended(
    platform_shell: Shell, tmp_path: Path
) -> None:
    file, part = tmp_path / "all.csv", tmp_path / "all.csv.part"

    def crash() -> None:
        with opened(part) as kept:
            [one] = kept.plan(["a"], 50, None, START + DAY)
            kept.keep(one, [RECORD], "cursor", done=True)
            kept.write(file, replace=True)

    crash()
    ended = platform_shell.say("export", "transfers", "--to", str(file))
    assert (ended.code, ids(file), part.exists()) == (0, ["1"], False)
    assert "all.csv.part beside it is removed" in ended.err
    crash()
    replaced = platform_shell.say("export", "transfers", "--to", str(file), "--replace")
    assert (replaced.code, part.exists()) == (0, False), replaced.err
    assert "1" not in ids(file)


def test_a_file_that_comes_while_it_is_exported_is_not_touched(tmp_path: Path) -> None:
    file = tmp_path / "all.csv"
    with opened(tmp_path / "all.csv.part") as kept:
        file.write_text("mine")
        with pytest.raises(CommandError, match=r"all\.csv has come there meanwhile"):
            kept.write(file, replace=False)
    assert file.read_text() == "mine"


@pytest.mark.parametrize(
    ("file", "code", "said"),
    [
        ("nowhere/all.csv", 2, "the folder {}/nowhere is not there"),
        ("nowhere/all.sqlite", 2, "the folder {}/nowhere is not there"),
        ("folder.sqlite", 2, "{}/folder.sqlite is a folder"),
        ("text.sqlite", 1, "{}/text.sqlite: it is no SQLite database: give another file"),
        ("own.sqlite", 2, "{}/own.sqlite is a database of something else with a table transfers of its own"),
        ("used.sqlite", 1, "{}/used.sqlite: another program is using it"),
        ("all.xlsx", 2, "must end in .csv, .jsonl, .sqlite or .db"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_before_anything_is_asked(
    file: str, code: int, said: str, platform_shell: Shell, tmp_path: Path
) -> None:
    (tmp_path / "folder.sqlite").mkdir()
    (tmp_path / "text.sqlite").write_text("this is no database, but a text of some length" * 20)
    with closing(sqlite3.connect(tmp_path / "own.sqlite")) as database:
        database.execute("CREATE TABLE transfers (a, b)")
    asked = len(platform_shell.sandbox.requests)
    with closing(sqlite3.connect(tmp_path / "used.sqlite")) as user:
        user.execute("PRAGMA application_id = 0x53455158")
        user.execute("PRAGMA user_version = 1")
        user.execute("BEGIN IMMEDIATE")
        ended = platform_shell.say("export", "transfers", "--to", str(tmp_path / file))
    assert ended.code == code, ended.err
    assert said.format(tmp_path) in ended.err
    assert len(platform_shell.sandbox.requests) == asked
    with closing(sqlite3.connect(tmp_path / "own.sqlite")) as database:
        assert database.execute("SELECT name FROM sqlite_master").fetchall() == [("transfers",)]
        assert database.execute("PRAGMA application_id").fetchone() == (0,)


def test_a_database_of_another_version_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "all.sqlite"
    with opened(file):
        pass
    with closing(sqlite3.connect(file)) as database:
        database.execute("PRAGMA user_version = 2")
    with pytest.raises(CommandError, match="another version of this command"), opened(file):
        raise AssertionError("it was opened")


def test_two_exports_do_not_write_to_one_file(tmp_path: Path) -> None:
    file = tmp_path / "all.sqlite"
    with opened(file), pytest.raises(CommandError, match="another program is using it"), opened(file):
        raise AssertionError("both write")


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (Origin("platform", "http://127.0.0.1:1", ["a"]), "holds what platform at https://api has"),
        (Origin("v1", "https://api", ["a"]), "holds what platform at https://api has"),
        (Origin("platform", "https://api", ["z"]), "of another organization"),
    ],
)
@pytest.mark.parametrize("kind", [TRANSFERS, CARD_TRANSACTIONS])
def test_a_file_is_of_one_api_one_address_and_one_organization(
    other: Origin, said: str, kind: Kind, tmp_path: Path
) -> None:
    file = tmp_path / "all.csv.part"
    with opened(file) as kept:
        kept.plan(["a"], 50, None, START + DAY)
    with pytest.raises(CommandError, match=said), opened(file, other, kind):
        raise AssertionError("it was taken")
    with opened(file) as kept:  # and what was refused left no trace
        assert kept.without(["a"]) == 0


def test_what_a_key_is_refused_is_read_when_another_key_is_not(platform_shell: Shell, tmp_path: Path) -> None:
    shell, file = platform_shell, tmp_path / "all.sqlite"
    command = ["export", "transfers", "--to", str(file)]
    assert shell.say(*command, "--until", "2026-01-31").code == 0
    narrow = shell.sandbox.create_key(
        {"platform": [{"scope": one, "resources": [shell.id("acc_01HGHI7890")]} for one in READS]}
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SEQUENCE_API_KEY", narrow)
        ended = shell.say(*command)
    assert ended.code == 3, ended.err
    assert shell.say(*command).code == 0
    once = tmp_path / "once.sqlite"
    assert shell.say(*command[:-1], str(once)).code == 0
    assert set(ids(file)) == set(ids(once))


def test_what_a_key_does_not_list_is_not_marked_as_read(tmp_path: Path) -> None:
    file = tmp_path / "all.sqlite"
    with opened(file) as kept:
        for part in kept.plan(["a", "b"], 50, None, START):
            kept.keep(part, [], None, done=True)
        for part in kept.plan(["a"], 50, None, START + 30 * DAY):
            assert part.ids == ("a",)
            kept.keep(part, [], None, done=True)
        assert kept.without(["a"]) == 1
        again = {one.ids: one.oldest for one in kept.plan(["a", "b"], 50, None, START + 31 * DAY)}
    assert again == {("a",): START + 30 * DAY - READ_AGAIN, ("b",): START - READ_AGAIN}


READS = ["READ_ACCOUNTS", "READ_TRANSFERS"]


def test_an_integer_of_any_size_is_kept(tmp_path: Path) -> None:
    file, huge = tmp_path / "all.csv", 10**23
    with opened(tmp_path / "all.csv.part") as kept:
        [part] = kept.plan(["a"], 50, None, START + DAY)
        kept.keep(part, [{**RECORD, "amount_in_cents": huge}], None, done=True)
        kept.write(file, replace=False)
        kept.write(file.with_suffix(".jsonl"), replace=False)
    with file.open(newline="") as lines:
        assert [int(line["amount_in_cents"]) for line in csv.DictReader(lines)] == [huge]
    assert json.loads(file.with_suffix(".jsonl").read_text())["amount_in_cents"] == huge


def test_an_export_ends_with_a_day(platform_shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "all.sqlite"
    command = ["export", "transfers", "--to", str(file), "--from", "2025-01-01"]
    assert platform_shell.say(*command).code == 0
    with closing(sqlite3.connect(file)) as database:
        (day,) = database.execute("SELECT substr(max(created_at), 1, 10) FROM transfers").fetchone()
        wanted = database.execute(
            "SELECT id FROM transfers WHERE substr(created_at, 1, 10) <= ? ORDER BY created_at DESC, id", (day,)
        ).fetchall()
    earlier = tmp_path / "earlier.csv"
    assert (
        platform_shell.say("export", "transfers", "--to", str(earlier), "--from", "2025-01-01", "--until", day).code
        == 0
    )
    assert ids(earlier) == [id for (id,) in wanted]
    beyond = platform_shell.say(*command, "--until", "2025-06-30")
    assert (beyond.code, "holds what is up to" in beyond.err) == (2, True)


def test_what_came_since_an_interrupted_run_began_is_read_too(platform_shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "all.csv"
    every = platform_shell.say("accounts", "--deleted", "--csv").out
    accounts = [line["id"] for line in csv.DictReader(every.splitlines())]
    with opened(tmp_path / "all.csv.part", Origin("platform", platform_shell.sandbox.platform_url, accounts)) as kept:
        kept.plan(accounts, 50, None, START)
    ended = platform_shell.say("export", "transfers", "--to", str(file))
    assert ended.code == 0, ended.err
    once = tmp_path / "once.csv"
    assert platform_shell.say("export", "transfers", "--to", str(once)).code == 0
    assert set(ids(file)) == set(ids(once))


@pytest.mark.parametrize(
    ("text", "of_day", "meant"),
    [
        ("2026-11-16", time.min, "2026-11-16T00:00:00+00:00"),
        ("2026-11-16", time.max, "2026-11-16T23:59:59.999999+00:00"),
        ("2026-11-16T10:00", time.max, "2026-11-16T10:00:00+00:00"),
        ("2026-11-16 10:00:00+02:00", time.max, "2026-11-16T10:00:00+02:00"),
        ("2026-11-16T10:00:00Z", time.min, "2026-11-16T10:00:00+00:00"),
    ],
)
def test_a_date_as_an_end_is_all_of_its_day(text: str, of_day: time, meant: str) -> None:
    assert moment(text, of_day).isoformat() == meant


@pytest.mark.parametrize("bounds", [["--from", "2999-01-01"], ["--from", "2026-02-01", "--until", "2026-01-31"]])
def test_an_end_before_the_beginning_is_refused(bounds: list[str], platform_shell: Shell, tmp_path: Path) -> None:
    ended = platform_shell.say("export", "transfers", "--to", str(tmp_path / "all.csv"), *bounds)
    assert (ended.code, "--from is after the end" in ended.err) == (2, True)


def test_an_export_for_one_day(platform_shell: Shell, tmp_path: Path) -> None:
    file = tmp_path / "all.csv"
    command = ["export", "transfers", "--to", str(file), "--from", "2026-01-10", "--until", "2026-01-10"]
    assert platform_shell.say(*command).code == 0
    again = platform_shell.say(*command)
    assert (again.code, "add --replace" in again.err) == (2, True)
    assert platform_shell.say(*command, "--replace").code == 0
    database = platform_shell.say("export", "transfers", "--to", str(tmp_path / "all.sqlite"), "--replace")
    assert (database.code, "brought up to date" in database.err) == (2, True)


def test_what_is_no_moment_is_refused(platform_shell: Shell) -> None:
    ended = platform_shell.say("transfers", "--to", "yesterday")
    assert (ended.code, "yesterday" in ended.err) == (2, True)


def test_a_list_of_accounts_some_of_which_are_gone_is_split() -> None:
    both = [Part(("a", "b"), START, START + DAY, "cursor"), Part(("c",), START, START + DAY, "cursor", done=True)]
    left, gone, whole = split(both, ["a", "c"])
    assert (left, gone) == (Part(("a",), START, START + DAY, None), Part(("b",), START, START + DAY, None))
    assert whole == both[1]
    assert plan([left, gone, whole], ["a", "c"], 50, START, START + 9 * DAY) == [left]


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
