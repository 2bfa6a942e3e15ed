"""Scopes are cancelled at their deadlines, on asyncio by one timer for all of them."""

from __future__ import annotations

import asyncio
import gc
import json
import math
import time
from typing import Any

import aiohttp
import anyio
import anyio.lowlevel
import pytest

from sequence_sdk import SequenceClient
from sequence_sdk.background import event_loop, loop_time
from sequence_sdk.deadlines import Deadlines

from ..conftest import API_KEY, Reply, Server
from ..contract.contract import SUCCESSES

LONG = 3600.0
LIST = json.dumps(dict(SUCCESSES)["listAccounts"])


@pytest.fixture
def deadlines(anyio_backend: str) -> Deadlines:
    return Deadlines()


async def wait(deadlines: Deadlines, ended: list[float], deadline: float) -> None:
    """Wait in a scope that ends at a moment, and write down that it was cancelled."""
    scope = deadlines.begin(deadline)
    try:
        with scope:
            await anyio.sleep_forever()
    finally:
        deadlines.end(scope)
    ended.append(deadline)


@pytest.mark.anyio
async def test_each_scope_ends_at_its_own_deadline_whatever_the_order_in_which_they_began(deadlines: Deadlines) -> None:
    deadlines.bind(event_loop())
    now, ended = anyio.current_time(), list[float]()
    moments = [now + 0.3, now + 0.1, now + 0.5, now + 0.1, now + 0.2]
    with anyio.fail_after(60):
        async with anyio.create_task_group() as group:
            for moment in moments:
                group.start_soon(wait, deadlines, ended, moment)
    assert ended == sorted(moments)
    assert anyio.current_time() >= now + 0.5
    assert len(deadlines._of) == 0


@pytest.mark.anyio
async def test_scopes_of_a_later_hour_are_found_after_earlier_ones_ended(deadlines: Deadlines) -> None:
    deadlines.bind(event_loop())
    for _ in range(3):
        now, ended = anyio.current_time(), list[float]()
        deadlines.end(deadlines.begin(now + 0.02))  # has ended before its time
        with anyio.fail_after(60):
            await wait(deadlines, ended, now + 0.05)
        assert ended == [now + 0.05]
        assert anyio.current_time() >= now + 0.05


@pytest.mark.anyio
async def test_a_scope_that_was_moved_ends_at_its_new_deadline(deadlines: Deadlines) -> None:
    deadlines.bind(event_loop())
    now = anyio.current_time()
    later, sooner = deadlines.begin(now + 0.05), deadlines.begin(now + LONG)
    deadlines.move(later, now + LONG)
    with later:
        deadlines.move(sooner, now + 0.1)
        with anyio.fail_after(60), sooner:
            await anyio.sleep_forever()
    assert sooner.cancelled_caught
    assert not later.cancel_called
    assert anyio.current_time() >= now + 0.1


@pytest.mark.anyio
async def test_all_are_cancelled_at_once_even_those_without_a_deadline(deadlines: Deadlines) -> None:
    deadlines.bind(event_loop())
    ended = list[float]()
    with anyio.fail_after(60):
        async with anyio.create_task_group() as group:
            for deadline in (math.inf, anyio.current_time() + LONG):
                group.start_soon(wait, deadlines, ended, deadline)
            while len(deadlines._of) < 2:
                await anyio.lowlevel.checkpoint()
            deadlines.cancel()
    assert len(ended) == 2


def test_a_thousand_calls_set_one_timer() -> None:
    async def main() -> int:
        deadlines, loop = Deadlines(), asyncio.get_running_loop()
        deadlines.bind(loop)
        before = len(loop._scheduled)  # type: ignore[attr-defined]
        for _ in range(1000):
            scope = deadlines.begin(loop.time() + LONG)
            with scope:
                await anyio.lowlevel.checkpoint()
            deadlines.end(scope)
        return len(loop._scheduled) - before  # type: ignore[attr-defined]

    assert asyncio.run(main()) == 1


@pytest.mark.asyncio
async def test_clients_that_were_dropped_leave_no_timers(server: Server) -> None:
    server.response = lambda asked: Reply(LIST)
    loop: Any = asyncio.get_running_loop()
    async with aiohttp.ClientSession() as session:
        for _ in range(20):
            await SequenceClient(API_KEY, base_url=server.base_url, http_client=session, timeout=LONG).accounts.list()
    gc.collect()
    assert sum(isinstance(one, Deadlines) for one in gc.get_objects()) == 0
    later = loop.time() + LONG / 2
    assert [one for one in loop._scheduled if one.when() > later and not one.cancelled()] == []


@pytest.mark.asyncio
async def test_thousands_of_deadlines_close_to_each_other_are_kept() -> None:
    deadlines, loop = Deadlines(), asyncio.get_running_loop()
    deadlines.bind(loop)
    begun, late = loop.time(), list[float]()

    async def one(deadline: float) -> None:
        scope = deadlines.begin(deadline)
        with scope:
            await anyio.sleep_forever()
        deadlines.end(scope)
        late.append(loop.time() - deadline)

    with anyio.fail_after(60):
        await asyncio.gather(*(one(begun + 0.2 + number / 5000) for number in range(3000)))
    assert min(late) >= -1e-3
    assert len(late) == 3000


@pytest.mark.parametrize("patched", ["this loop", "every loop"])
def test_the_clock_is_that_of_the_event_loop_also_where_a_test_has_replaced_it(
    patched: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ask() -> float:
        return loop_time()() - time.monotonic()

    with asyncio.Runner() as runner:
        whose: Any = runner.get_loop() if patched == "this loop" else asyncio.BaseEventLoop
        monkeypatch.setattr(whose, "time", lambda *_: time.monotonic() + 500)
        assert 499 < runner.run(ask()) < 501
        monkeypatch.undo()
