"""Clients of a sandbox live in its time: what waits, expires or is a window follows its clock."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import anyio
import anyio.lowlevel
import pytest

from sequence_sandbox import Sandbox
from sequence_sdk import (
    IdempotencyKeyExpiredError,
    OutcomeUnknownError,
    RateLimit,
    SequenceClient,
)

from .test_writes import A_TRANSFER

pytestmark = pytest.mark.anyio

LONG_BEFORE_IT = 50.0
"""Seconds in which a test of this file would be ready many times, on any machine, if nothing waits."""


@pytest.fixture
def sandbox(anyio_backend: str) -> Sandbox:
    return Sandbox()


def passed(sandbox: Sandbox) -> float:
    """Seconds of the sandbox's time since it was made."""
    return (sandbox.clock.now() - Sandbox().clock.now()).total_seconds()


async def test_waiting_for_a_transfer_takes_the_sandboxs_time(sandbox: Sandbox) -> None:
    async with sandbox.client() as client:
        assert (await client.transfers.create_and_wait(**A_TRANSFER)).status == "complete"
    assert passed(sandbox) >= 4


async def test_waiting_for_the_platform_apis_transfer_takes_the_sandboxs_time(sandbox: Sandbox) -> None:
    async with sandbox.platform_client() as client:
        transfer = await client.transfers.create_and_wait(
            source_account_id=sandbox.uuid("acc_01HDEF0123"),
            destination_account_id=sandbox.uuid("acc_01HGHI7890"),
            amount_in_cents=5000,
        )
    assert transfer.status == "COMPLETE"


async def test_retries_wait_in_the_sandboxs_time_only(sandbox: Sandbox) -> None:
    sandbox.fail("rate_limit", "listAccounts", times=2, retry_after=30)
    started = time.monotonic()
    async with sandbox.client() as client:
        await client.with_options(max_retries=2).accounts.list()
    assert time.monotonic() - started < LONG_BEFORE_IT
    assert passed(sandbox) >= 60
    assert [one.status for one in sandbox.requests] == [429, 429, 200]


async def test_idempotency_keys_grow_old_by_the_sandboxs_clock(sandbox: Sandbox) -> None:
    client = sandbox.client()
    sandbox.fail("reset_after", "createTransfer")
    with pytest.raises(OutcomeUnknownError) as caught:
        await client.with_options(max_retries=0).transfers.create(**A_TRANSFER)
    sandbox.advance(22 * 3600)
    assert await caught.value.resume(client)
    sandbox.fail("reset_after", "createTransfer")
    with pytest.raises(OutcomeUnknownError) as caught:
        await client.with_options(max_retries=0).transfers.create(**A_TRANSFER)
    sandbox.advance(25 * 3600)
    with pytest.raises(IdempotencyKeyExpiredError):
        await caught.value.resume(client)
    assert len(sandbox.organization.transfers) == 252


async def test_a_rate_limit_of_the_clients_waits_in_the_sandboxs_time(sandbox: Sandbox) -> None:
    started = time.monotonic()
    async with sandbox.client(rate_limit=RateLimit(1, per=3600)) as client:
        for _ in range(3):
            await client.accounts.list()
    assert time.monotonic() - started < LONG_BEFORE_IT
    assert passed(sandbox) >= 7199


async def test_of_several_that_wait_the_one_whose_time_comes_first_goes_on_first(sandbox: Sandbox) -> None:
    woken: list[tuple[int, timedelta]] = []
    start = sandbox.clock.now()

    async def wait(seconds: int) -> None:
        await sandbox.sdk_clock.sleep(seconds)
        woken.append((seconds, sandbox.clock.now() - start))

    async with anyio.create_task_group() as tasks:
        for seconds in (30, 10, 20, 10):
            tasks.start_soon(wait, seconds)
    assert [seconds for seconds, _ in woken] == [10, 10, 20, 30]
    assert all(at == timedelta(seconds=seconds) for seconds, at in woken)


async def test_who_gives_up_waiting_keeps_nobody_waiting(sandbox: Sandbox) -> None:
    with anyio.CancelScope() as scope:
        scope.cancel()
        await sandbox.sdk_clock.sleep(1)
    await sandbox.sdk_clock.sleep(5)
    assert passed(sandbox) == 5


async def test_a_clock_that_runs_is_waited_for(anyio_backend: str) -> None:
    sandbox = Sandbox(running_clock=True, clock_speed=1000)
    before = sandbox.clock.now()
    await sandbox.sdk_clock.sleep(50)
    assert (sandbox.clock.now() - before).total_seconds() >= 50


async def test_who_waits_for_a_clock_that_runs_goes_on_when_it_is_set_forward(anyio_backend: str) -> None:
    sandbox = Sandbox(running_clock=True)

    woken = anyio.Event()

    async def wait() -> None:
        await sandbox.sdk_clock.sleep(86400)
        woken.set()

    with anyio.fail_after(LONG_BEFORE_IT):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(wait)
            while not woken.is_set():
                sandbox.advance(3600)
                await anyio.lowlevel.checkpoint()


async def test_a_client_over_a_socket_can_be_given_the_sandboxs_clock(sandbox: Sandbox) -> None:
    with sandbox.serve() as base_url:
        async with SequenceClient(sandbox.create_key(), base_url=base_url, clock=sandbox.sdk_clock) as client:
            assert (await client.transfers.create_and_wait(**A_TRANSFER)).status == "complete"


async def test_a_clock_of_the_tests_own_goes_before(sandbox: Sandbox) -> None:
    class Asked(Exception):
        """Somebody waits."""

    class Own(type(sandbox.sdk_clock)):  # type: ignore[misc]
        async def sleep(self, seconds: float) -> None:
            raise Asked

    options: Any = {"clock": Own(sandbox)}
    sandbox.fail("status")
    with pytest.raises(Asked):
        await sandbox.client(**options).accounts.list()


async def test_every_wait_moves_a_clock_that_stands_still(sandbox: Sandbox) -> None:
    """A rate limit asks for waits of less than a microsecond, and again until the time is another."""
    clock = sandbox.sdk_clock
    before = clock.monotonic()
    await clock.sleep(4e-7)
    assert clock.monotonic() > before


async def test_a_client_that_was_told_to_wait_once_goes_on(sandbox: Sandbox) -> None:
    sandbox.fail("rate_limit", "createTransfer")
    with sandbox.serve() as base_url:
        async with SequenceClient(sandbox.create_key(), base_url=base_url, clock=sandbox.sdk_clock) as client:
            with anyio.fail_after(LONG_BEFORE_IT):
                await client.transfers.create(**A_TRANSFER)
                for _ in range(120):  # more than a minute's
                    await client.accounts.list()


async def test_who_waits_while_the_time_begins_anew_waits_no_longer(anyio_backend: str) -> None:
    sandbox = Sandbox(running_clock=True)
    with anyio.fail_after(LONG_BEFORE_IT):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(sandbox.sdk_clock.sleep, 86_400)
            while not sandbox.sdk_clock._due:  # type: ignore[attr-defined]
                await anyio.lowlevel.checkpoint()
            sandbox.load({"now": "2024-05-01T00:00:00Z", "accounts": []})
