"""What a night loads, what it does where something goes wrong, and that nothing of that is lost by the next night."""

from __future__ import annotations

import asyncio
import os
import weakref
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import dlt
import duckdb
import httpx
import pytest

import load
import sequence_source
from rows import Row, columns_of, row
from sequence_sandbox import Sandbox
from sequence_sdk import PlatformClient
from sequence_sdk.platform.models import Transfer
from sequence_source import sequence

from .world import CARD, DAY, FUND, POD, World, facts, latest, loaded

pytestmark = pytest.mark.warehouse

KEYS = ("SEQUENCE_API_KEY", "OTHER_KEY")


class Program:
    """`load.py`, in this process, with a sandbox and its time."""

    def __init__(self, sandbox: Sandbox, database: Path) -> None:
        self.sandbox = sandbox
        self.database = database

    def connect(self, key: str) -> PlatformClient:
        return PlatformClient(key, base_url=self.sandbox.platform_url, clock=self.sandbox.sdk_clock)

    def run(self, *arguments: str, to: Path | None = None) -> int:
        where = ["--parquet", str(to)] if to else ["--duckdb", str(self.database)]
        return load.main([*where, "--begin", "2020-01-01", *arguments], self.connect, self.sandbox.clock.now)

    def ask(self, query: str) -> list[Any]:
        with duckdb.connect(str(self.database), read_only=True) as connection:
            connection.execute("SET TimeZone = 'UTC'")
            return connection.execute(query).fetchall()


@pytest.fixture
def world() -> Iterator[World]:
    world = World(seed=1)
    with world.served():
        yield world


@pytest.fixture
def program(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    for variable in KEYS:
        monkeypatch.setenv(variable, world.sandbox.create_key(label=variable))
    return Program(world.sandbox, tmp_path / "copy.duckdb")


def newest(sandbox: Sandbox, *, than: timedelta) -> Any:
    """The newest transfer that is complete, and older than that."""
    now = sandbox.clock.now()
    found = [one for one in sandbox.organization.transfers if one.status == "complete" and now - one.created > than]
    return found[-1]


def test_all_tables_are_loaded_and_a_second_night_adds_only_what_is_new(
    program: Program, world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    assert program.run() == 0
    assert capsys.readouterr().out.startswith("7 accounts, 7 balances, ")
    organization = world.sandbox.organization
    for table, number in {
        "accounts": 7,
        "balances": 7,
        "card_transactions": len(organization.card_transactions),
        "rules": 4,
        "rule_definitions": 3,  # the API has no words for the fourth
    }.items():
        assert program.ask(f"SELECT count(*), count(DISTINCT id) FROM sequence.{table}") == [(number, number)]
    assert loaded(program.database) == facts(world.sandbox)
    world.sandbox.advance(DAY.total_seconds())
    world.pay()
    world.sandbox.requests.clear()
    assert program.run() == 0
    assert ", 2 transfers, " in capsys.readouterr().out  # it is in the lists of both of its accounts
    assert len(world.sandbox.requests) == 22  # as docs/warehouses.md has it
    assert loaded(program.database) == facts(world.sandbox)


def test_a_transfer_that_completes_or_comes_back_days_later_is_corrected(program: Program, world: World) -> None:
    slow, returned = newest(world.sandbox, than=2 * DAY), newest(world.sandbox, than=3 * DAY)
    slow.status, slow.completed = "pending", None
    assert program.run("--only", "transfers") == 0
    for days in (10, 20, 20):
        world.sandbox.advance(days * DAY.total_seconds())
        world.pay()  # what is listed again, and what is watched, goes by the newest
        if returned.status == "complete":
            returned.status, returned.error_code = "error", "PAYMENT_FAILED"
        if world.now - slow.created > 45 * DAY:
            slow.status, slow.completed = "complete", world.now
        assert program.run("--only", "transfers") == 0
        assert loaded(program.database) == facts(world.sandbox)
    assert slow.status == "complete"


def test_what_changed_too_late_to_be_noticed_is_found_when_it_is_read_again(program: Program, world: World) -> None:
    assert program.run("--only", "transfers") == 0
    returned = newest(world.sandbox, than=40 * DAY)
    returned.status = "error"
    assert program.run("--only", "transfers") == 0
    assert loaded(program.database) != facts(world.sandbox)
    assert program.run("--only", "transfers", "--again", "2020-01-01") == 0
    assert loaded(program.database) == facts(world.sandbox)


def test_what_came_in_nights_without_a_run_is_found_however_late_all_is_read_again_from(
    program: Program, world: World
) -> None:
    assert program.run("--only", "transfers") == 0
    for _ in range(10):
        world.go_on()
    [*_, changed] = [one for one in world.sandbox.organization.transfers if world.now - one.created < DAY]
    changed.description = "a change that no status tells of"
    again = (world.now - 2 * DAY).isoformat()
    for arguments in (["--again", again], []):
        assert program.run("--only", "transfers", *arguments) == 0
        assert loaded(program.database) == facts(world.sandbox)
        world.go_on()
    assert program.run("--only", "transfers") == 0
    assert loaded(program.database) == facts(world.sandbox)


def test_an_account_that_may_be_read_since_today_is_read_as_a_whole_however_late_all_is_read_again_from(
    program: Program, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    every_account = {"scope": "READ_ACCOUNTS", "resources": "*"}
    one = {"scope": "READ_TRANSFERS", "resources": [world.sandbox.uuid(CARD)]}
    with monkeypatch.context() as first_night:
        first_night.setenv("SEQUENCE_API_KEY", world.sandbox.create_key({"platform": [every_account, one]}))
        assert program.run("--only", "transfers", "card_transactions") == 0
    assert loaded(program.database) != facts(world.sandbox)
    again = (world.now - 30 * DAY).isoformat()
    assert program.run("--only", "transfers", "card_transactions", "--again", again) == 0
    assert loaded(program.database) == facts(world.sandbox)
    held = len(world.sandbox.organization.card_transactions)
    assert program.ask("SELECT count(*) FROM sequence.card_transactions") == [(held,)]


def test_card_transactions_are_read_as_a_whole_the_first_time_and_without_a_gap_after_that(
    program: Program, world: World
) -> None:
    def run_again_from(*, days: int) -> None:
        assert program.run("--only", "card_transactions", "--again", (world.now - days * DAY).isoformat()) == 0
        held = len(world.sandbox.organization.card_transactions)
        assert program.ask("SELECT count(*) FROM sequence.card_transactions") == [(held,)]

    run_again_from(days=3)
    with duckdb.connect(str(program.database)) as connection:
        connection.execute("DELETE FROM sequence.card_transactions WHERE created_at > '2024-12-20'")  # as if not there
    world.sandbox.advance(10 * DAY.total_seconds())
    run_again_from(days=2)


@pytest.mark.parametrize("overlap", ["14", "0"])
def test_what_was_open_and_old_on_the_first_night_and_ends_the_day_after_is_right_on_the_next(
    program: Program, world: World, overlap: str
) -> None:
    aged = [one for one in world.sandbox.organization.transfers if 14 * DAY < world.now - one.created < 28 * DAY]
    late = [one for one in aged if one.status == "complete"]
    assert len({(world.now - one.created) // DAY for one in late} & {14, 15, 16, 17, 18}) >= 3
    for one in late:
        one.status, one.completed = "pending", None
    assert program.run("--only", "transfers", "--overlap", overlap) == 0
    assert loaded(program.database) == facts(world.sandbox)
    for one in late:
        one.status, one.error_code = "error", "PAYMENT_FAILED"
    world.sandbox.advance(DAY.total_seconds())
    assert program.run("--only", "transfers", "--overlap", overlap) == 0
    assert loaded(program.database) == facts(world.sandbox)
    world.sandbox.requests.clear()
    assert program.run("--only", "transfers", "--overlap", overlap) == 0
    assert not world.sandbox.requests.where(operation="getTransfer")


def test_a_moment_without_an_offset_is_utc_and_one_with_an_offset_is_that_moment() -> None:
    assert load.moment("2026-01-01") == datetime(2026, 1, 1, tzinfo=UTC)
    assert load.moment("2026-01-01T00:00:00+05:00") == datetime(2025, 12, 31, 19, tzinfo=UTC)


def test_a_warehouse_that_has_forgotten_how_far_it_was_reads_all_again_and_doubles_nothing(
    program: Program, world: World
) -> None:
    assert program.run("--only", "transfers") == 0
    with duckdb.connect(str(program.database)) as connection:
        connection.execute("DELETE FROM sequence._dlt_pipeline_state")
    world.pay()
    assert program.run("--only", "transfers") == 0
    assert loaded(program.database) == facts(world.sandbox)


def test_money_is_whole_cents_and_moments_are_utc_and_text_is_text_whatever_it_looks_like(
    program: Program, world: World
) -> None:
    world.sandbox.organization.accounts[POD]["name"] = "2026-01-01T00:00:00Z"
    assert program.run() == 0
    types = dict(
        program.ask(
            "SELECT DISTINCT column_name, data_type FROM information_schema.columns WHERE table_schema = 'sequence' "
            "AND table_name IN ('accounts', 'balances', 'transfers', 'card_transactions')"
        )
    )
    assert {kind for name, kind in types.items() if name.endswith("_in_cents")} == {"BIGINT"}
    assert {kind for name, kind in types.items() if name.endswith("_at")} == {"TIMESTAMP WITH TIME ZONE"}
    assert not {name for name in types if "__v_" in name}  # dlt's columns for values of another type
    assert not {name for name in types if "routing" in name or "bank_account" in name}
    assert ("2026-01-01T00:00:00Z",) in program.ask("SELECT name FROM sequence.accounts")


def test_a_status_that_nobody_knows_is_kept_as_it_is_until_it_changes(program: Program, world: World) -> None:
    one = newest(world.sandbox, than=DAY)
    one.status = "held_by_bank"
    assert program.run("--only", "transfers") == 0
    assert program.ask("SELECT count(*) FROM sequence.transfers WHERE status = 'HELD_BY_BANK'") == [(1,)]
    world.sandbox.advance(60 * DAY.total_seconds())
    one.status = "complete"
    assert program.run("--only", "transfers") == 0
    assert loaded(program.database) == facts(world.sandbox)


def test_a_member_that_a_later_release_knows_becomes_a_column(
    program: Program, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = tuple(one for one in columns_of(Transfer) if one.name != "description")
    with monkeypatch.context() as earlier:
        earlier.setitem(sequence_source.COLUMNS, "transfers", before)
        assert program.run("--only", "transfers") == 0
    world.pay()
    [*_, paid] = world.sandbox.organization.transfers
    paid.description = "invoice 17"
    assert program.run("--only", "transfers") == 0
    assert program.ask("SELECT description FROM sequence.transfers WHERE description IS NOT NULL") == [("invoice 17",)]
    assert loaded(program.database) == facts(world.sandbox)


def test_what_a_key_may_not_read_is_named_and_stops_nothing_else(
    program: Program, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    everything = [{"scope": scope, "resources": "*"} for scope in ("READ_ACCOUNTS", "READ_RULES")]
    some = {"scope": "READ_TRANSFERS", "resources": [world.sandbox.uuid(one) for one in (POD, FUND)]}
    monkeypatch.setenv("SEQUENCE_API_KEY", world.sandbox.create_key({"platform": [*everything, some]}))
    assert program.run("--strict") == 1
    assert program.ask("SELECT count(*) FROM information_schema.tables WHERE table_name = 'transfers'") == [(0,)]
    assert program.run() == 0
    ends = [world.sandbox.uuid(one) for one in (POD, FUND)]
    seen = {id: one for id, one in facts(world.sandbox).items() if set(one[-2:]) & {*ends}}
    assert loaded(program.database) == seen
    name = world.sandbox.organization.accounts[CARD]["name"]
    (said,) = {one for one in caplog.messages if name in one and "strict" not in one}
    assert f'"resources": ["{world.sandbox.uuid(CARD)}"]' in said
    assert program.ask("SELECT count(*) FROM sequence.balances") == [(7,)]


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("--key", "main=ONE", "--key", "main=OTHER"), "--key gives main twice"),
        (("--key", "main"), "'main' is not LABEL=VARIABLE"),
        (("--key", "=ONE"), "'=ONE' is not LABEL=VARIABLE"),
        (("--overlap", "nan"), "nan is not from 0 to 14"),
        (("--overlap", "15"), "15 is not from 0 to 14"),
        (("--overlap", "soon"), "invalid days value: 'soon'"),
    ],
)
def test_options_that_say_nothing_clear_are_refused(
    arguments: tuple[str, ...], problem: str, program: Program, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        program.run(*arguments)
    assert ended.value.code == 2
    assert problem in capsys.readouterr().err


def test_a_key_that_sees_less_takes_nothing_from_one_that_sees_more(
    program: Program, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = [{"scope": "READ_ACCOUNTS", "resources": [world.sandbox.uuid(POD)]}]
    monkeypatch.setenv("OTHER_KEY", world.sandbox.create_key({"platform": entries}))
    assert program.run("--key", "main=SEQUENCE_API_KEY", "--key", "poor=OTHER_KEY") == 0
    assert loaded(program.database) == facts(world.sandbox)
    assert program.ask("SELECT count(*) FROM sequence.balances") == [(7,)]


def test_an_account_that_is_not_found_once_stops_nothing_else_and_goes_on_from_where_it_was(
    program: Program, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    assert program.run() == 0
    for operation in ("listTransfers", "listCardTransactions"):
        world.pay()
        world.sandbox.advance(60)
        world.sandbox.fail("status", operation, status=404, times=1)
        assert program.run() == 0
        assert any("404" in one for one in caplog.messages)
        caplog.clear()
        assert program.run() == 0
        assert not caplog.messages
        assert loaded(program.database) == facts(world.sandbox)


def test_a_key_that_is_not_valid_any_more_stops_no_other_and_the_run_ends_with_1(
    program: Program, world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    keys = ("--key", "main=SEQUENCE_API_KEY", "--key", "other=OTHER_KEY")
    with monkeypatch.context() as revoked:
        revoked.setenv("OTHER_KEY", "no_key_any_more")
        for _ in range(2):
            world.pay()
            world.sandbox.advance(60)
            assert program.run(*keys) == 1
            assert loaded(program.database) == facts(world.sandbox)
        assert {one.partition(":")[0] for one in caplog.messages} == {
            "accounts, with the key 'other'",
            "rules, with the key 'other'",
        }
        world.pay()
        before = loaded(program.database)
        assert program.run(*keys, "--strict") == 1
        assert loaded(program.database) == before
    assert program.run(*keys) == 0
    assert loaded(program.database) == facts(world.sandbox)


def test_a_key_that_is_refused_in_the_middle_of_a_run_takes_nothing_away(program: Program, world: World) -> None:
    assert program.run() == 0
    for operation in ("getAccount", "listTransfers", "listCardTransactions", "getRule"):
        world.pay()
        world.sandbox.advance(60)
        world.sandbox.fail("status", operation, status=401, times=1)
        assert program.run() == 1
        assert program.run() == 0
        assert loaded(program.database) == facts(world.sandbox)


def test_a_run_that_fails_loads_nothing_shows_no_key_and_leaves_all_to_the_next(
    program: Program, world: World, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert program.run("--only", "transfers") == 0
    before = facts(world.sandbox)
    world.pay()
    world.sandbox.fail("status", "listTransfers", times=50, after=3)
    assert program.run("--only", "transfers") == 1
    assert "this run failed, and the next one begins where it did: " in capfd.readouterr().err
    assert loaded(program.database) == before
    key = os.environ["SEQUENCE_API_KEY"].encode()
    assert [path for path in tmp_path.rglob("*") if path.is_file() and key in path.read_bytes()] == []
    world.sandbox.faults.clear()
    world.sandbox.fail("status", "getAccount", times=50)
    assert program.run("--only", "balances") == 1
    world.sandbox.faults.clear()
    assert program.run("--only", "transfers") == 0
    assert loaded(program.database) == facts(world.sandbox)


def test_one_run_at_a_time_loads(program: Program) -> None:
    work = program.database.with_name(f"{program.database.name}.work")
    with load.alone(work), pytest.raises(SystemExit, match="another run is loading"):
        program.run()
    assert program.run("--only", "rules") == 0


def test_a_torn_parquet_file_is_removed_and_its_rows_come_again(program: Program, world: World, tmp_path: Path) -> None:
    lake = tmp_path / "lake"
    assert program.run("--only", "transfers", to=lake) == 0
    torn = lake / "sequence" / "transfers" / "1700000000.0.torn.parquet"
    torn.write_bytes(b"PAR1 and no end")
    world.pay()
    assert program.run("--only", "transfers", to=lake) == 0
    assert not torn.exists()
    assert latest(lake) == facts(world.sandbox)


class Meeting(httpx.AsyncHTTPTransport):
    """Lets requests for transfers go on only when so many of different keys or accounts are in flight at once."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._number = number
        self._present: set[object] = set()
        self._met = asyncio.Event()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/transfers") and not self._met.is_set():
            self._present.add((request.headers["authorization"], str(request.url)))
            if len(self._present) == self._number:
                self._met.set()
            await asyncio.wait_for(self._met.wait(), 300)
        return await super().handle_async_request(request)


def test_keys_are_read_at_the_same_time_and_so_are_the_accounts_of_each(
    program: Program, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seven accounts with each of two keys: had any to wait for another to be read, none would go on."""
    http = httpx.AsyncClient(transport=Meeting(14))

    class Closing(PlatformClient):
        async def aclose(self) -> None:
            await super().aclose()
            await http.aclose()

    monkeypatch.setattr(
        program,
        "connect",
        lambda key: Closing(
            key, base_url=program.sandbox.platform_url, clock=program.sandbox.sdk_clock, http_client=http
        ),
    )
    assert program.run("--only", "transfers", "--key", "one=SEQUENCE_API_KEY", "--key", "two=OTHER_KEY") == 0
    assert loaded(program.database) == facts(world.sandbox)


def test_two_keys_keep_their_limits_without_meeting_a_429(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of them takes more requests than a minute allows, and time goes on only when a client waits."""
    sandbox = Sandbox(transfers=6500, days=300, rate_limit=100)
    program = Program(sandbox, tmp_path / "copy.duckdb")
    with sandbox.serve():
        for variable in KEYS:
            monkeypatch.setenv(variable, sandbox.create_key(label=variable))
        assert program.run("--only", "transfers", "--key", "one=SEQUENCE_API_KEY", "--key", "two=OTHER_KEY") == 0
    assert len(sandbox.requests.where(status=429)) == 0
    assert all(len(sandbox.requests.where(key=variable)) > 110 for variable in KEYS)
    assert loaded(program.database) == facts(sandbox)


def test_rows_are_written_while_they_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that are in memory at once are some thousands, however many there are."""

    class Counted(dict[str, object]):
        alive = most = made = 0

    def counted(*arguments: Any) -> Row:
        made = Counted(row(*arguments))
        Counted.alive, Counted.made = Counted.alive + 1, Counted.made + 1
        Counted.most = max(Counted.most, Counted.alive)
        weakref.finalize(made, release)
        return made

    def release() -> None:
        Counted.alive -= 1

    monkeypatch.setattr(sequence_source, "row", counted)
    sandbox = Sandbox(transfers=12_000, days=300)
    begin = datetime(2020, 1, 1, tzinfo=UTC)
    with sandbox.serve():
        program = Program(sandbox, tmp_path / "copy.duckdb")
        keys = {"main": sandbox.create_key()}
        source = sequence(keys, begin=begin, connect=program.connect, now=sandbox.clock.now)
        pipeline = dlt.pipeline("rows", destination="duckdb", pipelines_dir=str(tmp_path))
        pipeline.extract(source.with_resources("transfers"))
    assert Counted.made >= 12_000
    assert Counted.most < Counted.made / 2
