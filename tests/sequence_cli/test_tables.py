"""What is read is shown as a table that fits the terminal, as JSON, and as CSV."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys

import pytest

from sequence_cli.records import ACCOUNTS, CARD_TRANSACTIONS, TRANSFERS, cells, found, money, plain
from sequence_cli.showing import note

from .conftest import COLUMNS, Shell

READING = ["accounts", "balances", "transfers", "rules", "executions"]


@pytest.mark.parametrize("command", READING)
def test_tables_fit_the_terminal(command: str, shell: Shell) -> None:
    shown = shell.say(command)
    assert shown.code == 0, shown.err
    lines = shown.out.splitlines()
    assert len(lines) > 4
    assert max(map(len, lines)) <= COLUMNS
    assert "…" not in shown.out


@pytest.mark.parametrize("command", READING)
def test_json_and_csv_hold_the_same_records_with_amounts_in_cents(command: str, shell: Shell) -> None:
    records = json.loads(shell.say(command, "--json").out)
    lines = list(csv.DictReader(shell.say(command, "--csv").out.splitlines()))
    key = "id"
    assert [one[key] for one in records] == [one[key] for one in lines]
    if command == "transfers":
        assert [str(one["amount_in_cents"]) for one in records] == [one["amount_in_cents"] for one in lines]
        assert [(one["source"] or {}).get("name") or "" for one in records] == [one["source_name"] for one in lines]


def test_whole_ids_are_shown(shell: Shell) -> None:
    newest = json.loads(shell.say("transfers", "-n", "1", "--json").out)[0]
    assert newest["id"] in shell.say("transfers", "-n", "1").out


def test_transfers_can_be_narrowed_down(shell: Shell) -> None:
    pod = shell.id("acc_01HDEF0123")
    narrow = ["transfers", pod, "--status", "complete", "--from", "2020-01-01", "--limit", "1000", "--json"]
    records = json.loads(shell.say(*narrow).out)
    assert records
    assert {one["status"].lower() for one in records} == {"complete"}
    assert all(pod in {(one[end] or {}).get("id") for end in ("source", "destination")} for one in records)
    moments = [one["created_at"] for one in records]
    assert moments == sorted(moments, reverse=True)


def test_it_says_that_there_are_more(shell: Shell) -> None:
    assert "the newest 2; --limit gives more" in shell.say("transfers", "-n", "2").err
    assert shell.say("transfers", "-n", "10000").err == ""


def test_accounts_of_a_type(shell: Shell) -> None:
    records = json.loads(shell.say("accounts", "--type", "pod", "--json").out)
    assert {one["type"].lower() for one in records} == {"pod"}


def test_balances_that_are_missing_are_no_net_worth(platform_shell: Shell) -> None:
    records = json.loads(platform_shell.say("balances", "--json").out)
    assert [one["error"] for one in records if one["in_cents"] is None]
    shown = platform_shell.say("balances")
    assert "Net worth" not in shown.out
    assert "balances are missing, so the net worth is not known" in shown.err


def test_simulated_transfers_are_listed_by_themselves(platform_shell: Shell) -> None:
    pod, card = map(platform_shell.id, ("acc_01HDEF0123", "acc_01HGHI7890"))
    assert platform_shell.say("pay", "--from", pod, "--to", card, "--amount", "1.07", "--simulate").code == 0
    records = json.loads(platform_shell.say("transfers", "--simulated", "--json").out)
    assert {one["execution_mode"] for one in records} == {"SIMULATION"}
    assert 107 in {one["amount_in_cents"] for one in records}


def test_a_missing_permission_is_named_and_has_an_exit_code_of_its_own(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = shell.sandbox.create_key({"v1": [], "platform": []})
    monkeypatch.setenv("SEQUENCE_API_KEY", key)
    shown = shell.say("rules")
    assert (shown.code, shown.out) == (3, "")
    assert f'{{"scope": "{"LIST_RULES" if shell.api == "v1" else "READ_RULES"}"' in shown.err
    assert key not in shown.err


@pytest.mark.usefixtures("platform_shell")
def test_a_reader_that_has_enough_is_no_error() -> None:
    program = f"{sys.executable} -m sequence_cli transfers -n 1000 --json | head -1"
    shown = subprocess.run(["bash", "-c", program], capture_output=True, text=True, check=True, timeout=60)
    assert (shown.stdout, shown.stderr) == ("[\n", "")


def test_a_terminal_without_the_letters_of_a_name_shows_others(
    platform_shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONIOENCODING", "ascii")
    shown = platform_shell.run("transfers", "-n", "3")
    assert shown.code == 0
    assert shown.out.isascii()
    assert "Emergency Fund" in shown.out


def test_names_do_nothing_to_a_terminal() -> None:
    hostile = "\x1b[2J\x1b]0;title\x07Rent\r\n\u202e"
    row = {"id": "1", "name": hostile, "type": "pod"}
    shown = [column.text(row) for column in ACCOUNTS.columns]
    assert all(text.isprintable() for text in shown)
    assert plain(hostile).endswith("Rent\ufffd\ufffd\ufffd")


def test_what_a_server_says_does_nothing_to_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    note("refused: \x1b[31mred\x9b\nand more")
    assert capsys.readouterr().err == "refused: \ufffd[31mred\ufffd\nand more\n"


@pytest.mark.parametrize(
    ("cents", "text"), [(0, "$0.00"), (5, "$0.05"), (-1, "-$0.01"), (123456789, "$1,234,567.89"), (None, "—")]
)
def test_money_is_written_as_people_write_it(cents: int | None, text: str) -> None:
    assert money(cents) == text


def test_what_a_record_has_not_is_empty_and_what_has_parts_is_json() -> None:
    row = {"id": "1", "source": None, "destination": {"id": "2", "name": ["a"]}}
    line = dict(zip(TRANSFERS.headings, cells(TRANSFERS, row), strict=True))
    assert (line["id"], line["source_id"], line["destination_id"], line["destination_name"]) == (
        "1",
        None,
        "2",
        '["a"]',
    )
    assert found({"account": {"id": "3"}}, "account_id|account.id") == "3"
    assert "account_id" in CARD_TRANSACTIONS.headings


def test_a_table_at_a_terminal_fits_it(platform_shell: Shell) -> None:
    shown = platform_shell.type("transfers", "-n", "3")
    assert shown.code == 0
    lines = [re.sub(r"\x1b\[[0-9;]*m", "", line) for line in shown.out.splitlines()]
    assert max(map(len, lines[:-1])) <= COLUMNS
    assert len(lines) == 2 + 2 * 3 + 1
    assert "\x1b[1m" in shown.out  # bold headings


@pytest.mark.parametrize("command", READING)
@pytest.mark.parametrize("columns", [20, 40])
def test_nothing_is_cut_where_a_terminal_is_too_narrow(
    columns: int, command: str, platform_shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    records = json.loads(platform_shell.say(command, "--json").out)
    monkeypatch.setenv("COLUMNS", str(columns))
    shown = platform_shell.say(command).out
    for one in records:
        assert money(one.get("amount_in_cents", one.get("in_cents"))) in shown or command not in {
            "balances",
            "transfers",
        }
        assert one["id"] in shown or command == "balances"
    lines = shown.splitlines()
    assert all(": " in line or not line for line in lines), lines


def test_a_mistyped_id_is_refused_before_it_is_sent(shell: Shell) -> None:
    for command in ("transfers 123", "rules --source Emergency", "executions rule"):
        seen = len(shell.sandbox.requests)
        ended = shell.say(*command.split())
        assert (ended.code, ended.out, len(shell.sandbox.requests)) == (2, "", seen), ended.err
        assert "is no ID" in ended.err


def test_an_empty_choice_of_the_api_is_none(platform_shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQUENCE_API", "")
    assert "both APIs accept this key" in platform_shell.say("rules").err
