"""Waiting for transfers and rule executions: until a status that nothing follows, and no longer than asked for."""

from __future__ import annotations

import inspect
import json
import math
import pickle
from typing import Any

import anyio
import pytest
from hypothesis import given, strategies as st

from sequence_api_client import api
from sequence_runtime import Operation
from sequence_sandbox import Sandbox
from sequence_sdk import (
    APIConnectionError,
    APITimeoutError,
    AuthenticationError,
    ConfigurationError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RuleExecutionFailedError,
    SequenceClient,
    TransferFailedError,
    WaitTimeoutError,
)
from sequence_sdk.models import RuleExecutionStatus, TransferStatus, TriggeredRule
from sequence_sdk.polling import waiting
from sequence_sdk.v1.client import Rules, Transfers

from ..conftest import Server
from ..contract.contract import SUCCESSES
from ..sequence_sandbox.test_writes import A_TRANSFER, POD

pytestmark = pytest.mark.anyio

NOT_FOUND = '{"error": {"code": "resource_not_found", "message": "No."}}'
RESPONSES = dict(SUCCESSES)
MANUAL_RULE = "rule_01GSBX0000001"


@pytest.fixture(autouse=True)
def shorter_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "FIRST_WAIT", 0.02)


def transfer(status: str) -> str:
    response = json.loads(json.dumps(RESPONSES["getTransfer"]))
    response["data"] |= {"id": "txr_1", "status": status}
    return json.dumps(response)


def execution(status: str) -> str:
    response = json.loads(json.dumps(RESPONSES["getRuleExecution"]))
    response["data"] |= {"id": "rex_1", "status": status}
    return json.dumps(response)


ENDS = {
    api.GET_TRANSFER: ({"complete"}, {"incomplete", "error", "cancelled"}),
    api.GET_RULE_EXECUTION: ({"executed"}, {"partial", "failed"}),
}


@given(st.sampled_from(list(ENDS)), st.text() | st.sampled_from([*TransferStatus, *RuleExecutionStatus]))
def test_only_known_ends_are_terminal(operation: Operation[Any, Any], status: str) -> None:
    succeeded, failed = ENDS[operation]
    assert operation.is_terminal(status) == (status in succeeded | failed)
    assert operation.has_failed(status) == (status in failed)
    assert not operation.is_terminal(None)


@given(st.integers(1, 10**6))
def test_polls_become_rarer_down_to_once_an_hour(polls: int) -> None:
    assert 0 < waiting.poll_wait(polls) <= waiting.poll_wait(polls + 1) <= 3600


async def test_a_transfer_is_waited_for_until_it_is_complete(client: SequenceClient, server: Server) -> None:
    for status in ("processing", "pending", "brand_new", "complete"):
        server.reply(transfer(status))
    assert (await client.transfers.wait("txr_1")).status == "complete"
    assert len(server.asked) == 4


@pytest.mark.parametrize("status", ["incomplete", "error", "cancelled"])
async def test_a_transfer_that_failed_is_given_or_raised(status: str, client: SequenceClient, server: Server) -> None:
    for _ in range(2):
        server.reply(transfer(status))
    assert (await client.transfers.wait("txr_1")).status == status
    with pytest.raises(TransferFailedError, match=f"the transfer txr_1 ended as {status}") as caught:
        await client.transfers.wait("txr_1", raise_on_failure=True)
    assert pickle.loads(pickle.dumps(caught.value)).transfer.status == status


@pytest.mark.parametrize("status", ["partial", "failed"])
async def test_an_execution_that_failed_is_given_or_raised(status: str, client: SequenceClient, server: Server) -> None:
    for _ in range(2):
        server.reply(execution("in_progress"))
        server.reply(execution(status))
    assert (await client.rule_executions.wait("rex_1")).status == status
    with pytest.raises(RuleExecutionFailedError, match=f"the rule execution rex_1 ended as {status}") as caught:
        await client.rule_executions.wait("rex_1", raise_on_failure=True)
    assert caught.value.rule_execution.status == status


async def test_what_succeeded_is_not_raised(client: SequenceClient, server: Server) -> None:
    server.reply(transfer("complete"))
    server.reply(execution("executed"))
    assert (await client.transfers.wait("txr_1", raise_on_failure=True)).status == "complete"
    assert (await client.rule_executions.wait("rex_1", raise_on_failure=True)).status == "executed"


async def test_waiting_ends_at_the_timeout_with_the_last_state(client: SequenceClient, server: Server) -> None:
    for _ in range(100):
        server.reply(transfer("brand_new"))
    started = anyio.current_time()
    with pytest.raises(
        WaitTimeoutError, match=r"getTransfer: not done after 0\.\d+ seconds: its status is brand_new"
    ) as caught:
        await client.transfers.wait("txr_1", timeout=0.3)
    assert 0.3 <= anyio.current_time() - started < 3
    assert (caught.value.last.id, caught.value.last.status) == ("txr_1", "brand_new")  # type: ignore[union-attr]
    assert caught.value.waited >= 0.3
    assert pickle.loads(pickle.dumps(caught.value)).last == caught.value.last
    assert len(server.asked) >= 3
    assert len(server.asked) < 12


async def test_a_poll_without_a_response_does_not_outlast_the_timeout_by_much(anyio_backend: str) -> None:
    sandbox = Sandbox()
    with sandbox.serve() as base_url:
        async with SequenceClient(sandbox.create_key(), base_url=base_url, timeout=0.3) as client:
            created = await client.transfers.create(**A_TRANSFER)
            sandbox.fail("latency", "getTransfer", times=50, seconds=2)
            with anyio.fail_after(5), pytest.raises(WaitTimeoutError) as caught:
                await client.transfers.wait(created.id, timeout=0.5)
    assert caught.value.last is None
    assert isinstance(caught.value.__cause__, APITimeoutError)


async def test_an_outage_does_not_end_the_waiting(client: SequenceClient, server: Server) -> None:
    for reply in [(transfer("pending"), 200), ("", 503), ("", 429), (transfer("pending"), 200), ("", 502)]:
        server.reply(*reply)
    server.reply(transfer("complete"))
    assert (await client.transfers.wait("txr_1")).status == "complete"


async def test_an_id_that_was_just_received_may_not_be_found_yet(client: SequenceClient, server: Server) -> None:
    for _ in range(3):
        server.reply(NOT_FOUND, 404)
    server.reply(transfer("complete"))
    assert (await client.transfers.wait("txr_1")).status == "complete"


async def test_an_id_that_is_never_found_does_not_exist(
    client: SequenceClient, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(waiting, "UNKNOWN_FOR", 0.1)
    for _ in range(50):
        server.reply(NOT_FOUND, 404)
    with pytest.raises(NotFoundError) as caught:
        await client.transfers.wait("txr_1")
    assert caught.value.last is None


async def test_what_was_found_and_is_not_any_longer_is_an_error(client: SequenceClient, server: Server) -> None:
    server.reply(transfer("pending"))
    server.reply(NOT_FOUND, 404)
    with pytest.raises(NotFoundError) as caught:
        await client.transfers.wait("txr_1")
    assert caught.value.last.status == "pending"  # type: ignore[attr-defined]


async def test_a_poll_that_fails_tells_the_last_state(client: SequenceClient, server: Server) -> None:
    server.reply(transfer("pending"))
    server.reply("", 401)
    with pytest.raises(AuthenticationError) as caught:
        await client.transfers.wait("txr_1")
    assert caught.value.last.status == "pending"  # type: ignore[attr-defined]


@pytest.mark.parametrize("timeout", [0, -1, math.nan, math.inf, "5", True])
async def test_a_timeout_that_is_none_is_refused_before_anything_is_sent(
    timeout: Any, client: SequenceClient, server: Server
) -> None:
    calls = [
        client.transfers.wait("txr_1", timeout=timeout),
        client.rule_executions.wait("rex_1", timeout=timeout),
        client.transfers.create_and_wait(**A_TRANSFER, timeout=timeout),
        client.rules.trigger_and_wait("rule_1", timeout=timeout),
    ]
    for call in calls:
        with pytest.raises(ConfigurationError, match="timeout"):
            await call
    assert server.asked == []


async def test_an_id_of_something_else_is_refused(client: SequenceClient) -> None:
    with pytest.raises(ValueError, match="id 'acc_1' is the ID of something else"):
        await client.transfers.wait("acc_1")


async def test_a_transfer_is_created_and_waited_for(anyio_backend: str) -> None:
    sandbox = Sandbox(running_clock=True, clock_speed=100)
    client = sandbox.client()
    before = len(sandbox.organization.transfers)
    done = await client.transfers.create_and_wait(**A_TRANSFER, timeout=None)
    assert done.status == "complete"
    assert len(sandbox.organization.transfers) == before + 1
    with pytest.raises(TransferFailedError):
        await client.transfers.create_and_wait(**{**A_TRANSFER, "amount_in_cents": 10**12}, raise_on_failure=True)


async def test_a_rule_is_triggered_and_its_execution_waited_for(anyio_backend: str) -> None:
    client = Sandbox(running_clock=True, clock_speed=100).client()
    done = await client.rules.trigger_and_wait(MANUAL_RULE, manual_execute_amount=1000)
    assert (done.status, done.rule_id) == ("executed", MANUAL_RULE)


async def test_a_transfer_that_was_created_is_not_lost_where_it_cannot_be_waited_for(anyio_backend: str) -> None:
    sandbox = Sandbox()
    route = {"source": A_TRANSFER["source_account_id"], "target": A_TRANSFER["destination_account_id"]}
    client = sandbox.client([{"scope": "MANUAL_TRANSFER", "resources": [route]}])
    with pytest.raises(PermissionDeniedError) as caught:
        await client.transfers.create_and_wait(**A_TRANSFER)
    assert caught.value.last == sandbox_transfer(sandbox, caught.value.last)
    with pytest.raises(WaitTimeoutError) as late:
        await sandbox.client().transfers.create_and_wait(**A_TRANSFER, timeout=0.1)
    assert late.value.last.status == "processing"  # type: ignore[union-attr]


def sandbox_transfer(sandbox: Sandbox, last: object) -> object:
    """The transfer itself, if it is among the sandbox's."""
    assert any(one.id == last.id for one in sandbox.organization.transfers)  # type: ignore[attr-defined]
    return last


async def test_an_execution_that_was_triggered_is_not_lost_where_it_is_never_found(
    client: SequenceClient, server: Server
) -> None:
    server.reply('{"request_id": "r", "data": {"execution_id": "rex_7"}}', 202)
    for _ in range(50):
        server.reply(NOT_FOUND, 404)
    with pytest.raises(WaitTimeoutError, match="it cannot be found yet") as caught:
        await client.rules.trigger_and_wait("rule_1", timeout=0.1)
    assert caught.value.last == TriggeredRule(execution_id="rex_7")


async def test_a_transfer_that_may_not_have_been_created_is_not_waited_for(
    client: SequenceClient, server: Server
) -> None:
    server.reply("", 502)
    with pytest.raises(OutcomeUnknownError) as caught:
        await client.transfers.create_and_wait(**A_TRANSFER)
    assert caught.value.last is None


async def test_closing_the_client_ends_the_waiting(client: SequenceClient, server: Server) -> None:
    server.reply(transfer("pending"))

    async def wait() -> None:
        with pytest.raises(APIConnectionError, match="the client was closed while waiting") as caught:
            await client.transfers.wait("txr_1")
        assert caught.value.last.status == "pending"  # type: ignore[attr-defined]

    waiting.FIRST_WAIT = 30.0  # set back by the fixture
    async with anyio.create_task_group() as group:
        group.start_soon(wait)
        while not server.asked:
            await anyio.sleep(0.01)
        await anyio.sleep(0.1)
        await client.aclose()


@pytest.mark.parametrize(
    ("waits", "asks"), [(Transfers.create_and_wait, "transfers.create"), (Rules.trigger_and_wait, "rules.trigger")]
)
def test_what_waits_takes_the_arguments_of_what_does_not(waits: Any, asks: str) -> None:
    resource, method = asks.split(".")
    bound = getattr(getattr(SequenceClient("sk_1"), resource), method)
    mine = {name: one.default for name, one in inspect.signature(waits).parameters.items() if name != "self"}
    assert mine.pop("timeout") == 300
    assert mine.pop("raise_on_failure") is False
    assert mine == {name: one.default for name, one in inspect.signature(bound).parameters.items()}


def test_the_pod_of_these_tests_can_pay() -> None:
    assert A_TRANSFER["source_account_id"] == POD
