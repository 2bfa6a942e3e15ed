"""A payment from a DBOS workflow is made once, whenever its process is killed."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from .processes import ENDS, PATIENCE, PAYMENT, Program, Sandbox, postgresql, wait_until

pytestmark = pytest.mark.durable


@pytest.fixture(scope="session")
def postgresql_url() -> Iterator[str]:
    with postgresql() as url:
        yield url


on_both = pytest.mark.parametrize("database", ["SQLite", "PostgreSQL"], indirect=True)


@pytest.fixture(params=["SQLite"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The address of a database that nobody else uses."""
    if request.param == "SQLite":
        return f"sqlite:///{tmp_path / 'payments.sqlite'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url.replace("/payments?", f"/payments_{uuid.uuid4().hex}?")


@pytest.fixture
def program(sandbox: Sandbox, database: str) -> Program:
    return Program("dbos_payments.py", ("--database", database), sandbox.environment)


def operate(command: str, workflow: str, database: str) -> None:
    """Give a command, as an operator does."""
    dbos = [str(Path(sys.executable).with_name("dbos")), "workflow", command, workflow, "--sys-db-url", database]
    subprocess.run(dbos, check=True, capture_output=True, timeout=PATIENCE)


@on_both
@pytest.mark.parametrize("moment", ["before it is sent", "DBOS: before it is recorded", "DBOS: after it is recorded"])
def test_a_process_that_is_killed_while_it_pays_pays_once_when_it_is_started_again(
    moment: str, program: Program, sandbox: Sandbox
) -> None:
    with program.start("pay", "invoice-1", *PAYMENT, die=moment) as process:
        assert process.wait(PATIENCE) == -signal.SIGKILL
    assert sandbox.paid() == (moment != "before it is sent")
    assert program.pay("invoice-1")[0] == 0
    assert sandbox.paid() == 1
    assert len({one["idempotency_key"] for one in sandbox.asked()}) == 1
    assert [one["is_repeat"] for one in sandbox.asked()] == [False, True][
        : 1 + (moment.endswith("before it is recorded"))
    ]


@on_both
@pytest.mark.parametrize("fault", ["drip", "slow"])
def test_a_process_that_is_killed_before_the_response_is_there_pays_once_when_it_is_started_again(
    fault: str, program: Program, sandbox: Sandbox
) -> None:
    """With `drip` the payment is made by then, with `slow` it is being made, so that a repeat has to wait."""
    sandbox.fail(fault, seconds={"drip": 600, "slow": 10}[fault])
    with program.start("pay", "invoice-1", *PAYMENT):
        wait_until(sandbox.has_met_its_faults, "the request arrives")
        if fault == "drip":
            wait_until(sandbox.paid, "the payment is made")
    assert program.pay("invoice-1")[0] == 0
    assert sandbox.paid() == 1
    assert len({one["idempotency_key"] for one in sandbox.asked()}) == 1


def test_a_process_that_is_started_again_goes_on_with_what_was_open_unasked(program: Program, sandbox: Sandbox) -> None:
    with program.start("pay", "invoice-1", *PAYMENT, die="before it is sent") as process:
        process.wait(PATIENCE)
    with program.start("work"):
        wait_until(sandbox.paid, "the payment is made")
    assert sandbox.paid() == 1


@on_both
def test_an_outcome_that_a_whole_call_leaves_open_is_found_out_by_the_engines_retry(
    program: Program, sandbox: Sandbox
) -> None:
    sandbox.fail("reset_after", times=4)  # which are all attempts of one call
    code, said = program.pay("invoice-1")
    assert (code, said.partition(":")[0]) == (0, "paid")
    assert sandbox.paid() == 1
    assert len(sandbox.asked()) == 5
    assert len({one["idempotency_key"] for one in sandbox.asked()}) == 1


def test_a_refusal_after_an_open_outcome_does_not_make_a_payment_that_was_not_made_of_it(
    program: Program, sandbox: Sandbox
) -> None:
    sandbox.fail("reset_after", times=4)
    sandbox.fail("status", status=422)  # the next one
    assert program.pay("invoice-1")[0] == 0
    assert [one["status"] for one in sandbox.asked()][-2:] == [422, 201]
    assert sandbox.paid() == 1


def test_a_refusal_is_final_and_is_not_tried_again_by_the_engine(program: Program, sandbox: Sandbox) -> None:
    sandbox.fail("status", status=422)
    code, said = program.pay("invoice-1")
    assert (code, said.partition(":")[0]) == (3, "not paid")
    assert program.pay("invoice-1") == (code, said)
    assert [one["status"] for one in sandbox.asked()] == [422]
    code, said = program.pay("invoice-2", SEQUENCE_API_KEY=sandbox.key_for_nothing())
    assert (code, said.partition(":")[0]) == (3, "not paid")
    assert "MANUAL_TRANSFER" in said
    assert [one["status"] for one in sandbox.asked()] == [422, 403]
    assert sandbox.paid() == 0


def test_what_was_ordered_a_day_ago_and_never_tried_is_not_paid(program: Program, sandbox: Sandbox) -> None:
    yesterday = (datetime.now(UTC) - timedelta(hours=23)).isoformat()
    code, said = program.pay("invoice-1", "--ordered", yesterday)
    assert (code, said.partition(":")[0]) == (3, "not paid")
    assert sandbox.asked() == []


def test_what_is_open_when_the_idempotency_key_expires_waits_for_a_person_and_is_not_paid_again(
    program: Program, sandbox: Sandbox
) -> None:
    sandbox.fail("reset_after", times=1000)
    soon = datetime.now(UTC) - timedelta(hours=23) + timedelta(minutes=1)
    code, said = program.pay("invoice-1", "--ordered", soon.isoformat())
    assert (code, said.partition(":")[0]) == (4, "a person is needed")
    assert "2517 cents from {} to {}".format(*ENDS) in said
    asked = len(sandbox.asked())
    assert program.pay("invoice-1") == (code, said)
    assert (len(sandbox.asked()), sandbox.paid()) == (asked, 1)


def test_another_api_key_does_not_pay_again_what_is_open(program: Program, sandbox: Sandbox) -> None:
    with program.start("pay", "invoice-1", *PAYMENT, die="DBOS: before it is recorded") as process:
        process.wait(PATIENCE)
    code, said = program.pay("invoice-1", SEQUENCE_API_KEY=sandbox.key_for_nothing())
    assert (code, said.partition(":")[0]) == (4, "a person is needed")
    assert (len(sandbox.asked()), sandbox.paid()) == (1, 1)


def test_two_workflows_make_two_payments(program: Program, sandbox: Sandbox) -> None:
    assert [program.pay(workflow)[0] for workflow in ("invoice-1", "invoice-2", "invoice-1")] == [0, 0, 0]
    assert sandbox.paid() == 2
    assert len({one["idempotency_key"] for one in sandbox.asked()}) == 2


def test_a_workflow_that_is_cancelled_while_its_payment_is_open_finds_it_when_it_is_resumed(
    program: Program, sandbox: Sandbox, database: str
) -> None:
    sandbox.fail("drip", seconds=600)
    with program.start("pay", "invoice-1", *PAYMENT):
        wait_until(sandbox.paid, "the payment is made")
        operate("cancel", "invoice-1", database)
    code, said = program.pay("invoice-1")
    assert (code, said.partition(":")[0]) == (4, "a person is needed")
    operate("resume", "invoice-1", database)
    assert program.pay("invoice-1")[0] == 0
    assert [one["is_repeat"] for one in sandbox.asked()] == [False, True]
    assert sandbox.paid() == 1


def test_an_engine_that_fails_while_it_is_waited_for_leaves_open_whether_it_was_paid(
    program: Program, sandbox: Sandbox, database: str
) -> None:
    assert program.pay("invoice-1")[0] == 0
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as stored, stored:
        stored.execute("UPDATE workflow_output SET output = 'what cannot be read'")
    code, said = program.pay("invoice-1")
    assert (code, said.partition(":")[0]) == (5, "not known")
    assert said.endswith("; run it again\n")
    assert sandbox.paid() == 1


@on_both
@pytest.mark.parametrize("ended", [True, False])
def test_another_payment_with_the_same_id_is_refused(ended: bool, program: Program, sandbox: Sandbox) -> None:
    die = "" if ended else "before it is sent"
    with program.start("pay", "invoice-1", *PAYMENT, die=die) as process:
        process.wait(PATIENCE)
    source, destination, cents = PAYMENT
    for other in [(destination, source, cents), (source, source, cents), (source, destination, "999900")]:
        with program.start("pay", "invoice-1", *other) as process:
            said, _ = process.communicate(timeout=PATIENCE)
        assert process.returncode == 6
        assert said == f"another payment has this ID: 2517 cents from {source} to {destination}\n"
    assert program.pay("invoice-1")[0] == 0
    assert (len(sandbox.asked()), sandbox.paid()) == (1, 1)


def test_a_workflow_of_another_kind_with_the_same_id_is_refused(
    program: Program, sandbox: Sandbox, database: str
) -> None:
    assert program.pay("invoice-1")[0] == 0
    with closing(sqlite3.connect(database.removeprefix("sqlite:///"))) as stored, stored:
        stored.execute("UPDATE workflow_status SET name = 'another'")
    code, said = program.pay("invoice-1")
    assert (code, said.partition(":")[0]) == (6, "another payment has this ID")
    assert sandbox.paid() == 1


def test_a_fork_of_a_payment_is_the_same_payment_and_what_it_is_refused_says_nothing_of_the_first(
    program: Program, sandbox: Sandbox, database: str
) -> None:
    assert program.pay("invoice-1")[0] == 0
    sandbox.fail("status", status=422)
    operate("fork", "invoice-1", database)
    with program.start("work"):
        wait_until(lambda: len(sandbox.asked()) == 3, "the fork asks again after the refusal")
    assert [one["status"] for one in sandbox.asked()] == [201, 422, 201]
    assert [one["is_repeat"] for one in sandbox.asked()] == [False, False, True]
    assert sandbox.paid() == 1
