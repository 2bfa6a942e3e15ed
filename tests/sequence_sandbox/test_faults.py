"""Faults on demand: each does what it says, to the operation it is for, as often as it is asked to."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from sequence_sandbox import Sandbox
from sequence_sandbox.faults import EXPLANATIONS, KINDS
from sequence_sdk import (
    APIConnectionError,
    InternalServerError,
    OutcomeUnknownError,
    RateLimitError,
    SequenceClient,
    SequenceError,
)

from .test_writes import A_TRANSFER

pytestmark = pytest.mark.anyio


@pytest.fixture
def sandbox(anyio_backend: str) -> Sandbox:
    return Sandbox()


@pytest.fixture(params=["in process", "over a socket"])
async def client(request: pytest.FixtureRequest, sandbox: Sandbox) -> AsyncIterator[SequenceClient]:
    if request.param == "in process":
        async with sandbox.client(max_retries=0) as client:
            yield client
    else:
        with sandbox.serve() as base_url:
            async with SequenceClient(sandbox.create_key(), base_url=base_url, timeout=5, max_retries=0) as client:
                yield client


def made(sandbox: Sandbox) -> int:
    """How many transfers were created."""
    return len(sandbox.organization.transfers) - 250


@pytest.mark.parametrize(
    ("kind", "options", "error", "done"),
    [
        ("reset_before", {}, OutcomeUnknownError, 0),
        ("reset_after", {}, OutcomeUnknownError, 1),
        ("reset_body", {}, OutcomeUnknownError, 1),
        ("status", {"status": 500}, OutcomeUnknownError, 0),
        ("status", {"status": 429, "retry_after": 0}, RateLimitError, 0),
        ("html", {"status": 502}, OutcomeUnknownError, 0),
        ("truncated", {}, OutcomeUnknownError, 1),
        ("malformed", {}, OutcomeUnknownError, 1),
        ("content_type", {}, OutcomeUnknownError, 1),
        ("rate_limit", {}, RateLimitError, 0),
    ],
)
async def test_a_fault_is_seen_once_and_the_work_is_done_or_not(
    kind: Any, options: Any, error: type[SequenceError], done: int, sandbox: Sandbox, client: SequenceClient
) -> None:
    sandbox.fail(kind, "createTransfer", **options)
    await client.accounts.list()  # is for another operation
    with pytest.raises(error) as caught:
        await client.transfers.create(**A_TRANSFER, idempotency_key="k")
    assert made(sandbox) == done
    if isinstance(caught.value, RateLimitError):
        assert caught.value.retry_after == options.get("retry_after", 1)
    transfer = await client.transfers.create(**A_TRANSFER, idempotency_key="k")
    assert transfer.status == "processing"
    assert made(sandbox) == 1


@pytest.mark.parametrize("kind", ["latency", "slow", "drip"])
async def test_a_fault_that_takes_its_time(kind: Any, sandbox: Sandbox, client: SequenceClient) -> None:
    sandbox.fail(kind, "createTransfer", seconds=0.3)
    started = time.monotonic()
    assert (await client.transfers.create(**A_TRANSFER, idempotency_key="k")).status == "processing"
    assert time.monotonic() - started >= 0.3


async def test_reads_and_writes_without_a_key_can_be_slow_too(sandbox: Sandbox, client: SequenceClient) -> None:
    sandbox.fail("slow", seconds=0.2, times=2)
    started = time.monotonic()
    await client.accounts.list()
    await client.transfers.create(**A_TRANSFER)
    assert time.monotonic() - started >= 0.4


async def test_faults_count_what_goes_well_and_what_fails(sandbox: Sandbox, client: SequenceClient) -> None:
    sandbox.fail("status", after=2, times=2)
    outcomes: list[bool] = []
    for _ in range(6):
        try:
            await client.accounts.list()
        except InternalServerError:
            outcomes.append(False)
        else:
            outcomes.append(True)
    assert outcomes == [True, True, False, False, True, True]


async def test_connections_are_refused_in_process_as_often_as_asked(sandbox: Sandbox) -> None:
    sandbox.fail("refuse", times=2)
    async with sandbox.client(max_retries=0) as client:
        for _ in range(2):
            with pytest.raises(APIConnectionError, match="ConnectError"):
                await client.accounts.list()
        assert len(await client.accounts.list()) == 3


def test_a_server_refuses_connections_for_as_long_as_asked() -> None:
    sandbox = Sandbox()
    key = sandbox.create_key()
    with sandbox.serve() as base_url, httpx.Client(headers={"Authorization": f"ApiKey {key}"}) as http:
        assert http.get(f"{base_url}/accounts").status_code == 200
        sandbox.fail("refuse", seconds=0.4)
        refused, deadline = 0, time.monotonic() + 10
        while time.monotonic() < deadline:
            try:
                status = http.get(f"{base_url}/accounts").status_code
            except httpx.ConnectError:
                refused += 1
            except httpx.ReadError:  # a connection from before, as it ends
                continue
            else:
                if refused:
                    assert status == 200
                    break
            time.sleep(0.02)
        assert refused > 1


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("explode",), "there is no fault 'explode'"),
        (("status", "getAcount"), "there is no operation 'getAcount'"),
    ],
)
def test_faults_that_are_none(arguments: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Sandbox().fail(*arguments)


@pytest.mark.parametrize("options", [{"times": 0}, {"after": -1}, {"seconds": -1.0}, {"status": 200}])
def test_numbers_of_faults_that_are_out_of_range(options: Any) -> None:
    with pytest.raises(ValueError, match="must be"):
        Sandbox().fail("status", **options)


def test_every_kind_is_explained() -> None:
    assert set(EXPLANATIONS) == set(KINDS)
