"""A payment from a Temporal workflow is made once, whenever its worker, or the server, is killed."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from .processes import ENDS, PATIENCE, PAYMENT, Program, Sandbox, Temporal, temporal_server, wait_until

pytestmark = pytest.mark.durable


@pytest.fixture(scope="session")
def temporal_of_all(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Temporal]:
    with temporal_server(tmp_path_factory.mktemp("temporal")) as server:
        yield server


@pytest.fixture
def temporal(temporal_of_all: Temporal) -> Temporal:
    """A server to which a test brings workflows of its own."""
    return temporal_of_all


@pytest.fixture
def program(sandbox: Sandbox, temporal: Temporal) -> Program:
    return Program("temporal_payments.py", ("--address", temporal.address), sandbox.environment)


@pytest.fixture
def invoice(request: pytest.FixtureRequest) -> str:
    """The ID of a workflow that no other test has."""
    return str(request.node.name)


@pytest.mark.parametrize(
    "moment", ["before it is sent", "Temporal: before it is recorded", "Temporal: after it is recorded"]
)
def test_a_worker_that_is_killed_while_it_pays_pays_once_with_the_next_worker(
    moment: str, program: Program, sandbox: Sandbox, invoice: str
) -> None:
    with program.start("pay", invoice, *PAYMENT) as ordering:
        with program.start("work", die=moment) as worker:
            assert worker.wait(PATIENCE) == -signal.SIGKILL
        assert sandbox.paid() == (moment != "before it is sent")
        with program.start("work"):
            said, _ = ordering.communicate(timeout=PATIENCE)
    assert said.startswith("paid: ")
    assert sandbox.paid() == 1
    assert len({one["idempotency_key"] for one in sandbox.asked()}) == 1
    assert [one["is_repeat"] for one in sandbox.asked()] == [False, True][
        : 1 + moment.endswith("before it is recorded")
    ]


@pytest.mark.parametrize("killed", ["the worker", "the worker and the server"])
def test_what_is_killed_before_the_response_is_there_pays_once_when_it_is_started_again(
    killed: str, program: Program, sandbox: Sandbox, temporal: Temporal, invoice: str
) -> None:
    sandbox.fail("drip", seconds=600)
    with program.start("pay", invoice, *PAYMENT), program.start("work"):
        wait_until(sandbox.paid, "the payment is made")
    if killed == "the worker and the server":
        temporal.kill()
        temporal.start()
    with program.start("work"):
        assert program.pay(invoice)[1].startswith("paid: ")
    assert sandbox.paid() == 1
    assert [one["is_repeat"] for one in sandbox.asked()] == [False, True]
    assert len({one["idempotency_key"] for one in sandbox.asked()}) == 1


def test_an_outcome_that_a_whole_call_leaves_open_is_found_out_by_the_engines_retry(
    program: Program, sandbox: Sandbox, invoice: str
) -> None:
    sandbox.fail("reset_after", times=4)  # which are all attempts of one call
    with program.start("work"):
        assert program.pay(invoice)[1].startswith("paid: ")
    assert sandbox.paid() == 1
    assert len(sandbox.asked()) == 5
    assert len({one["idempotency_key"] for one in sandbox.asked()}) == 1


def test_a_refusal_is_final_and_is_not_tried_again_by_the_engine(
    program: Program, sandbox: Sandbox, invoice: str
) -> None:
    sandbox.fail("status", status=422)
    with program.start("work"):
        code, said = program.pay(f"{invoice}-1")
        assert (code, said.partition(":")[0]) == (3, "not paid")
        assert program.pay(f"{invoice}-1") == (code, said)
    assert [one["status"] for one in sandbox.asked()] == [422]
    nothing = {"SEQUENCE_API_KEY": sandbox.key_for_nothing()}
    with program.start("work", **nothing):
        code, said = program.pay(f"{invoice}-2", **nothing)
    assert (code, said.partition(":")[0]) == (3, "not paid")
    assert "MANUAL_TRANSFER" in said
    assert [one["status"] for one in sandbox.asked()] == [422, 403]
    assert sandbox.paid() == 0


def test_a_refusal_after_an_open_outcome_does_not_make_a_payment_that_was_not_made_of_it(
    program: Program, sandbox: Sandbox, temporal: Temporal, invoice: str
) -> None:
    """Nor where another worker gets it, and an operator has reset the activity, so that its attempts count from 1."""
    sandbox.fail("reset_after", times=1000)
    with program.start("pay", invoice, *PAYMENT) as ordering:
        with program.start("work"):
            wait_until(lambda: len(sandbox.asked()) >= 4, "a call ends with an open outcome")
        sandbox.mend()
        sandbox.fail("status", status=422)
        temporal.tell("activity", "reset", "--workflow-id", invoice, "--activity-id", "1")
        with program.start("work"):
            said, _ = ordering.communicate(timeout=PATIENCE)
    assert said.startswith("paid: ")
    assert [one["status"] for one in sandbox.asked()][-2:] == [422, 201]
    assert sandbox.paid() == 1


def test_what_was_ordered_a_day_ago_and_never_tried_is_not_paid(
    program: Program, sandbox: Sandbox, invoice: str
) -> None:
    yesterday = (datetime.now(UTC) - timedelta(hours=23)).isoformat()
    with program.start("work"):
        code, said = program.pay(invoice, "--ordered", yesterday)
    assert (code, said.partition(":")[0]) == (3, "not paid")
    assert sandbox.asked() == []


def test_what_is_open_when_the_idempotency_key_expires_waits_for_a_person_and_is_not_paid_again(
    program: Program, sandbox: Sandbox, invoice: str
) -> None:
    sandbox.fail("reset_after", times=1000)
    soon = datetime.now(UTC) - timedelta(hours=23) + timedelta(minutes=1)
    with program.start("work"):
        code, said = program.pay(invoice, "--ordered", soon.isoformat())
        assert (code, said.partition(":")[0]) == (4, "a person is needed")
        assert "2517 cents from {} to {}".format(*ENDS) in said
        asked = len(sandbox.asked())
        assert program.pay(invoice) == (code, said)
    assert (len(sandbox.asked()), sandbox.paid()) == (asked, 1)


def test_a_workflow_that_is_cancelled_while_its_payment_is_open_waits_for_a_person(
    program: Program, sandbox: Sandbox, temporal: Temporal, invoice: str
) -> None:
    sandbox.fail("drip", seconds=600)
    with program.start("work"), program.start("pay", invoice, *PAYMENT) as ordering:
        wait_until(sandbox.paid, "the payment is made")
        temporal.tell("workflow", "cancel", "--workflow-id", invoice)
        said, _ = ordering.communicate(timeout=PATIENCE)
    assert (ordering.returncode, said.partition(":")[0]) == (4, "a person is needed")


def test_an_engine_that_goes_away_while_it_is_waited_for_leaves_open_whether_it_was_paid(
    program: Program, sandbox: Sandbox, temporal: Temporal, invoice: str
) -> None:
    sandbox.fail("drip", seconds=600)
    with program.start("work"), program.start("pay", invoice, *PAYMENT) as ordering:
        wait_until(sandbox.paid, "the payment is made")
        temporal.kill()
        said, _ = ordering.communicate(timeout=PATIENCE)
    temporal.start()
    last = said.splitlines()[-1]  # Temporal's client tells of the loss, too
    assert (ordering.returncode, last.partition(":")[0]) == (5, "not known")
    assert last.endswith("; run it again")
    with program.start("work"):
        assert program.pay(invoice)[0] == 0
    assert sandbox.paid() == 1


@pytest.mark.parametrize("ended", [True, False])
def test_another_payment_with_the_same_id_is_refused(
    ended: bool, program: Program, sandbox: Sandbox, invoice: str
) -> None:
    with program.start("pay", invoice, *PAYMENT) as ordering:
        with program.start("work", die="" if ended else "before it is sent") as worker:
            (ordering if ended else worker).wait(PATIENCE)
        source, destination, cents = PAYMENT
        for other in [(destination, source, cents), (source, source, cents), (source, destination, "999900")]:
            with program.start("pay", invoice, *other) as process:
                said, _ = process.communicate(timeout=PATIENCE)
            assert process.returncode == 6
            assert said == f"another payment has this ID: 2517 cents from {source} to {destination}\n"
    with program.start("work"):
        assert program.pay(invoice)[0] == 0
    assert (len(sandbox.asked()), sandbox.paid()) == (1, 1)


def test_a_workflow_of_another_kind_with_the_same_id_is_refused(
    program: Program, sandbox: Sandbox, temporal: Temporal, invoice: str
) -> None:
    temporal.tell("workflow", "start", "--workflow-id", invoice, "--type", "Another", "--task-queue", "others")
    code, said = program.pay(invoice)
    assert (code, said.partition(":")[0]) == (6, "another payment has this ID")
    assert sandbox.asked() == []


def test_two_workflows_make_two_payments_and_a_run_that_follows_another_is_the_same_payment(
    program: Program, sandbox: Sandbox, temporal: Temporal, invoice: str
) -> None:
    first, second = f"{invoice}-1", f"{invoice}-2"
    with program.start("work"):
        assert [program.pay(workflow)[0] for workflow in (first, second, first)] == [0, 0, 0]
        assert sandbox.paid() == 2
        assert len({one["idempotency_key"] for one in sandbox.asked()}) == 2
    sandbox.fail("status", status=422)
    reset = ("workflow", "reset", "--workflow-id", first, "--type", "FirstWorkflowTask", "--reason", "a test")
    temporal.tell(*reset)
    with program.start("work"):
        code, said = program.pay(first)
    assert (code, said.partition(":")[0]) == (0, "paid")
    assert [(one["status"], one["is_repeat"]) for one in sandbox.asked()][2:] == [(422, False), (201, True)]
    assert sandbox.paid() == 2


def test_another_api_key_does_not_pay_again_what_is_open(program: Program, sandbox: Sandbox, invoice: str) -> None:
    nothing = {"SEQUENCE_API_KEY": sandbox.key_for_nothing()}
    with program.start("pay", invoice, *PAYMENT) as ordering:
        with program.start("work", die="Temporal: before it is recorded") as worker:
            worker.wait(PATIENCE)
        with program.start("work", **nothing):
            said, _ = ordering.communicate(timeout=PATIENCE)
    assert (ordering.returncode, said.partition(":")[0]) == (4, "a person is needed")
    assert (len(sandbox.asked()), sandbox.paid()) == (1, 1)
