"""Money is moved once for each reference, after it was shown and allowed, whatever happens meanwhile."""

from __future__ import annotations

import json
import signal
import sqlite3
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from sequence_cli.endings import EXPLAINED, CommandError, exit_code_of, nothing_done
from sequence_cli.payments import cents_of
from sequence_cli.references import folder, references
from sequence_sandbox import Sandbox
from sequence_sdk import ConfigurationError, InvalidArgumentError, SequenceError

from .conftest import Shell

AMOUNTS = iter(range(3001, 9999))
"""Each payment has an amount of its own, by which the sandbox's books know it."""


def order(shell: Shell, cents: int, *more: str) -> list[str]:
    """A command that pays an amount."""
    ends = ["--from", shell.id("acc_01HDEF0123"), "--to", shell.id("acc_01HGHI7890")]
    return ["pay", *ends, "--amount", f"{cents // 100}.{cents % 100:02}", *more]


def paid(sandbox: Sandbox, cents: int) -> int:
    """How often an amount was paid, by the sandbox's books."""
    made = [one for one in sandbox.organization.transfers if one.amount_in_cents == cents]
    return sum(not one.is_simulated and one.id.startswith("txr_01HSBX") for one in made)


def test_a_payment_is_shown_and_made_once_for_its_reference(shell: Shell) -> None:
    cents = next(AMOUNTS)
    pay = order(shell, cents, "--reference", "invoice-1", "--yes", "--description", "Visa July")
    first, second = shell.say(*pay), shell.say(*pay, "--json")
    assert (first.code, second.code) == (0, 0), first.err + second.err
    for words in ("Emergency Fund", "Amex Gold", "$30.", "invoice-1", "for real", "Visa July"):
        assert words in first.err
    [transfer] = json.loads(second.out)
    assert transfer["id"] in first.out
    assert transfer["status"].lower() == "complete"
    assert "'invoice-1' was used before" in second.err
    assert paid(shell.sandbox, cents) == 1
    assert shell.environment["SEQUENCE_API_KEY"] not in first.err + second.err


@pytest.mark.parametrize(("answer", "code", "times"), [("y\n", 0, 1), ("\n", 1, 0)])
def test_at_a_terminal_it_asks(answer: str, code: int, times: int, platform_shell: Shell) -> None:
    cents = next(AMOUNTS)
    ended = platform_shell.type(*order(platform_shell, cents, "--reference", f"asked-{cents}"), answers=answer)
    assert (ended.code, paid(platform_shell.sandbox, cents)) == (code, times), ended.out
    assert f"Pay? [y/N] {answer}" in ended.out
    assert ("nothing was done" in ended.out) is (times == 0)


def test_ctrl_c_at_the_question_does_nothing(platform_shell: Shell) -> None:
    cents = next(AMOUNTS)
    pay = order(platform_shell, cents, "--reference", "no")
    ended = platform_shell.type(*pay, interrupt_at="[y/N] ")
    assert (ended.code, paid(platform_shell.sandbox, cents)) == (130, 0)
    assert "Traceback" not in ended.out
    assert platform_shell.say(*pay, "--yes").code == 0


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (["--yes"], "--reference is needed"),
        (["--reference", "r"], "add --yes"),
        (["--reference", "r", "--yes", "--amount", "2500"], "such as 25.00"),
        (["--reference", "r", "--yes", "--timeout", "-1"], "--timeout"),
        *((["--reference", one, "--yes"], "the reference is") for one in ("", " ", "r ", "\tr", "a\x1bb", "\udcff")),
        (["--reference", "r", "--yes", "--json", "--csv"], "give one of them"),
        (["--reference", "r", "--yes", "--key", "sk_1"], "Unknown option"),
    ],
)
def test_what_is_not_clear_is_refused_before_anything_is_sent(
    more: list[str], words: str, platform_shell: Shell
) -> None:
    seen = len(platform_shell.sandbox.requests)
    pay = [one for one in order(platform_shell, 3000) if "--amount" not in more or one not in {"--amount", "30.00"}]
    ended = platform_shell.say(*pay, *more)
    assert (ended.code, ended.out) == (2, "")
    assert words in " ".join(ended.err.split())
    assert len(platform_shell.sandbox.requests) == seen


def test_another_payment_with_the_same_reference_is_refused(shell: Shell) -> None:
    cents, other = next(AMOUNTS), next(AMOUNTS)
    assert shell.say(*order(shell, cents, "--reference", "rent-july", "--yes")).code == 0
    ended = shell.say(*order(shell, other, "--reference", "rent-july", "--yes"))
    assert (ended.code, ended.out) == (2, "")
    assert f'"cents": {cents}' in ended.err
    assert (paid(shell.sandbox, cents), paid(shell.sandbox, other)) == (1, 0)


def test_a_payment_with_an_unknown_outcome_is_made_once_when_it_is_run_again(shell: Shell) -> None:
    cents = next(AMOUNTS)
    pay = order(shell, cents, "--reference", "lost", "--yes")
    shell.sandbox.fail("malformed", "createTransfer")
    unknown = shell.say(*pay)
    assert (unknown.code, unknown.out) == (4, "")
    assert "Run the same command again" in unknown.err
    again = shell.say(*pay)
    assert again.code == 0, again.err
    assert paid(shell.sandbox, cents) == 1


def test_a_refusal_after_an_unknown_outcome_does_not_say_that_nothing_was_done(shell: Shell) -> None:
    cents = next(AMOUNTS)
    pay = order(shell, cents, "--reference", "perhaps", "--yes")
    shell.sandbox.fail("malformed", "createTransfer")
    assert shell.say(*pay).code == 4
    shell.sandbox.fail("status", "createTransfer", status=401)
    assert shell.say(*pay).code == 4
    assert shell.say(*pay).code == 0
    assert paid(shell.sandbox, cents) == 1


def test_when_the_server_may_have_forgotten_a_reference_a_person_decides(shell: Shell) -> None:
    cents = next(AMOUNTS)
    pay = order(shell, cents, "--reference", "old", "--yes")
    shell.sandbox.fail("malformed", "createTransfer")
    assert shell.say(*pay).code == 4
    with closing(sqlite3.connect(folder(shell.environment) / "references.db")) as kept, kept:
        kept.execute("UPDATE tried SET first_used = ?", ((datetime.now(UTC) - timedelta(days=2)).isoformat(),))
    late = shell.say(*pay)
    assert (late.code, late.out) == (4, "")
    assert "look before you use another reference" in late.err
    assert paid(shell.sandbox, cents) == 1


def test_a_refused_payment_gives_its_reference_back(shell: Shell) -> None:
    cents = next(AMOUNTS)
    shell.sandbox.fail("status", "createTransfer", status=401)
    assert shell.say(*order(shell, cents, "--reference", "again", "--yes")).code == 1
    assert shell.say(*order(shell, cents + 1, "--reference", "again", "--yes")).code == 0
    assert (paid(shell.sandbox, cents), paid(shell.sandbox, cents + 1)) == (0, 1)
    next(AMOUNTS)


@pytest.mark.parametrize(("by", "code"), [(signal.SIGINT, 4), (signal.SIGKILL, -signal.SIGKILL)])
def test_interrupted_before_it_has_its_response_it_pays_once(
    by: signal.Signals, code: int, platform_shell: Shell
) -> None:
    shell, cents = platform_shell, next(AMOUNTS)
    pay = order(shell, cents, "--reference", "interrupted", "--yes")
    shell.sandbox.fail("drip", "createTransfer", seconds=60)
    ended = shell.kill(*pay, when=lambda: paid(shell.sandbox, cents), with_=by, times=3)
    assert (ended.code, ended.out) == (code, ""), ended.err
    assert ("run the same command again, and it is done once" in ended.err) is (by == signal.SIGINT)
    assert "Traceback" not in ended.err
    assert shell.say(*pay).code == 0
    assert paid(shell.sandbox, cents) == 1


def test_a_payment_that_fails_says_why_and_is_not_tried_again(shell: Shell) -> None:
    cents = 99_999_999
    before = paid(shell.sandbox, cents)
    pay = order(shell, cents, "--reference", "too-much", "--yes")
    first, second = shell.say(*pay), shell.say(*pay)
    assert (first.code, second.code) == (1, 1)
    assert "insufficient" in first.err.lower()
    assert "was used before" in second.err or "insufficient" in second.err.lower()
    assert paid(shell.sandbox, cents) - before <= 1


def test_what_was_made_and_cannot_be_followed_is_found_again(shell: Shell) -> None:
    cents = next(AMOUNTS)
    pay = order(shell, cents, "--reference", "followed", "--yes")
    shell.sandbox.fail("status", "getTransfer", status=401)
    assert shell.say(*pay).code == 5
    again = shell.say(*pay)
    assert (again.code, paid(shell.sandbox, cents)) == (0, 1), again.err
    assert "'followed' was used before" in again.err


def test_a_simulation_moves_nothing_and_needs_no_reference(platform_shell: Shell) -> None:
    cents = next(AMOUNTS)
    ended = platform_shell.say(*order(platform_shell, cents, "--simulate", "--json"))
    assert ended.code == 0, ended.err
    assert json.loads(ended.out)[0]["execution_mode"] == "SIMULATION"
    assert "no money moves" in ended.err
    assert paid(platform_shell.sandbox, cents) == 0


def test_without_simulations_simulate_is_refused(
    shell: Shell,
) -> None:
    if shell.api == "platform":
        pytest.skip("it has simulations")
    cents = next(AMOUNTS)
    ended = shell.say(*order(shell, cents, "--simulate"))
    assert (ended.code, paid(shell.sandbox, cents)) == (2, 0)
    assert "this API has no simulations" in ended.err


def executions(shell: Shell) -> int:
    return len(shell.sandbox.organization.rule_executions)


def test_a_rule_is_shown_and_run_once_for_its_reference(shell: Shell) -> None:
    before = executions(shell)
    trigger = ["trigger", shell.id("rule_01GSBX0000001"), "--amount", "100.00", "--reference", "july", "--yes"]
    first, second = shell.say(*trigger, "--json"), shell.say(*trigger, "--json")
    assert (first.code, second.code) == (0, 0), first.err + second.err
    for words in ("Pay the card", "fixed $50.00, Emergency Fund → Amex Gold", "$100.00", "for real"):
        assert words in first.err
    assert json.loads(first.out)[0]["id"] == json.loads(second.out)[0]["id"]
    assert executions(shell) - before == 1
    other = shell.say("trigger", shell.id("rule_01HXYZ1234"), "--reference", "july", "--yes")
    assert (other.code, executions(shell) - before) == (2, 1)


def test_a_rule_that_is_switched_off_is_not_run(shell: Shell) -> None:
    before = executions(shell)
    ended = shell.say("trigger", shell.id("rule_01GSBX0000002"), "--reference", "off", "--yes")
    assert (ended.code, ended.out, executions(shell)) == (1, "", before)
    assert "disabled" in ended.err.lower()


def test_a_simulated_run_of_a_rule(platform_shell: Shell) -> None:
    ended = platform_shell.say("trigger", platform_shell.id("rule_01GSBX0000001"), "--simulate", "--json")
    assert ended.code == 0, ended.err
    assert json.loads(ended.out)[0]["execution_mode"] == "SIMULATION"


def test_what_a_rule_does_that_the_api_has_no_words_for_is_said_to_be_unknown(platform_shell: Shell) -> None:
    ended = platform_shell.say("trigger", platform_shell.id("rule_01GSBX0000003"), "--reference", "none", "--yes")
    assert ended.code == 1
    assert "what this API has no words for" in ended.err


@pytest.mark.parametrize(("text", "cents"), [("25.00", 2500), ("0.01", 1), ("1234567.89", 123456789)])
def test_amounts_are_dollars_and_cents(text: str, cents: int) -> None:
    assert cents_of(text) == cents


@pytest.mark.parametrize("text", ["25", "25.0", "25,00", "-1.00", "1e3", "$1.00", "1.000", "", "\u0662.\u0660\u0660"])
def test_amounts_that_might_be_meant_otherwise_are_refused(text: str) -> None:
    with pytest.raises(CommandError):
        cents_of(text)


def test_a_reference_is_of_this_machine_and_known_by_when_it_was_used_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    here = {"api": "v1", "base_url": "https://one"}
    with references() as one, references() as other:
        first = one.begin("r", "pay 1", **here, api_key="fingerprint")
        second = other.begin("r", "pay 1", **here, api_key="another")
        assert (first.is_first, second.is_first) == (True, False)
        assert second.first_used == first.first_used
        assert second.api_key == "fingerprint"
        assert datetime.now(UTC) - first.first_used < timedelta(hours=1)
        one.forget("r")  # another process tries it, too
        assert not one.begin("r", "pay 1", **here, api_key="fingerprint").is_first
        other.begin("s", "pay 2", **here, api_key="fingerprint")
        other.forget("s")
        assert other.begin("s", "pay 3", **here, api_key="fingerprint").is_first
        with pytest.raises(CommandError, match="pay 1"):
            one.begin("r", "pay 9", **here, api_key="fingerprint")
        one.note("r", "txr_1", "complete")
        for elsewhere in ({**here, "api": "platform"}, {**here, "base_url": "https://other"}):
            with pytest.raises(CommandError, match=r"elsewhere.* over v1 at https://one.*txr_1"):
                other.begin("r", "pay 1", **elsewhere, api_key="fingerprint")
    kept = folder({"XDG_STATE_HOME": str(tmp_path)}) / "references.db"
    assert kept.parent.stat().st_mode & 0o77 == 0
    with closing(sqlite3.connect(kept)) as database:
        assert database.execute("SELECT count(*) FROM tried").fetchone() == (2,)


def test_references_do_not_depend_on_the_current_folder() -> None:
    assert folder({"XDG_STATE_HOME": "state"}) == folder({}) == Path.home() / ".local" / "state" / "sequence"


def test_each_exit_code_is_explained() -> None:
    for error in (CommandError("no"), InvalidArgumentError("no"), ConfigurationError("no"), SequenceError("no")):
        assert exit_code_of(error) in EXPLAINED
    assert nothing_done(InvalidArgumentError("no"))
