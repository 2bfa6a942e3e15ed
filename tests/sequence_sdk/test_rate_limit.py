"""A client keeps the rate limit, uses it up, and lets its tasks wait in line. `make bench-rate-limit` measures it."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import json
import subprocess
import sys
import time
from collections import deque
from datetime import timedelta
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import pytest
from attrs import frozen
from hypothesis import given, strategies as st

from sequence_sandbox.clock import START
from sequence_sandbox.limits import RateLimit as ServersRateLimit
from sequence_sdk import APITimeoutError, ConfigurationError, RateLimit, SequenceClient
from sequence_sdk.rate_limit import Bucket, Limiter, pauses_only

from ..clocks import StandingClock
from ..conftest import API_KEY, Server
from ..contract.contract import SUCCESSES
from ..redis_server import serve_redis  # noqa: F401 - a fixture

ACCOUNTS = json.dumps(dict(SUCCESSES)["listAccounts"])

PROGRAM = Path(__file__).parents[2] / "benchmarks" / "rate_limit.py"


@frozen
class Trip:
    """How long it takes, in seconds: until a request is wanted, from its sending to the server, and back."""

    before: float
    there: float
    back: float
    arrives: bool = True
    """Or else the server never hears of it."""


def seconds(least: int, most: float) -> st.SearchStrategy[float]:
    return st.integers(least, round(most * 1000)).map(lambda milliseconds: milliseconds / 1000)


def sent(requests: int, trips: list[Trip]) -> list[float]:
    """When requests were sent, which keep to a limit a minute, on a clock that takes no time.

    Raises:
        Refused: The server counted too many.
    """
    bucket, server = Bucket(requests, requests / 60), ServersRateLimit(requests)
    moments: list[float] = []
    waiting: deque[Trip] = deque()
    order = itertools.count()  # of what is due at the same moment
    due = [
        (moment, next(order), waiting.append, trip)
        for moment, trip in zip(itertools.accumulate(trip.before for trip in trips), trips, strict=True)
    ]

    def at(moment: float, action: Any, argument: Any) -> None:
        heapq.heappush(due, (moment, next(order), action, argument))

    def count(moment: float) -> None:
        server.take("key", START + timedelta(seconds=moment))

    while due:
        now, _, action, argument = heapq.heappop(due)
        action(argument)
        wait = 0.0
        while waiting and not (wait := bucket.take(now)):
            trip = waiting.popleft()
            moments.append(now)
            if trip.arrives:
                at(now + trip.there, count, now + trip.there)
            at(now + trip.there + trip.back, bucket.give_back, now + trip.there + trip.back)
        if 0 < wait < float("inf"):
            at(now + wait, lambda _: None, None)
    return moments


arrives = st.sampled_from([True, True, False])
TRIPS = st.builds(Trip, st.just(0.0) | seconds(0, 40), seconds(1, 90), seconds(0, 90), arrives)


@given(st.integers(1, 5), st.lists(TRIPS, min_size=12, max_size=40))
def test_the_server_refuses_nothing_whatever_the_delays(requests: int, trips: list[Trip]) -> None:
    assert len(sent(requests, trips)) == len(trips)


@pytest.mark.long
@given(st.integers(3, 12), st.data())
def test_the_whole_limit_is_used_where_delays_are_shorter_than_it_takes_to_refill(
    requests: int, data: st.DataObject
) -> None:
    trip = st.builds(Trip, st.just(0.0), seconds(1, 10), seconds(0, 10))
    trips = data.draw(st.lists(trip, min_size=20 * requests, max_size=20 * requests))
    *_, last = sent(requests, trips)
    ideal = (len(trips) - requests) * 60 / requests
    assert ideal <= last + 1e-6
    assert ideal / last >= 0.95


def test_a_bucketful_passes_at_once_and_then_one_for_each_that_drained() -> None:
    bucket = Bucket(3, 0.5)
    assert [bucket.take(0) for _ in range(3)] == [0, 0, 0]
    assert bucket.take(0) == float("inf")  # only a response makes a slot
    bucket.give_back(10)
    assert bucket.take(10) == 2
    assert bucket.take(11) == 1
    assert bucket.take(12) == 0
    assert bucket.take(12) == float("inf")


def test_where_nothing_is_under_way_a_slot_comes_back_by_itself() -> None:
    bucket = Bucket(1, 1 / 60)
    assert bucket.take(0) == 0
    bucket.give_back(0.001)
    assert bucket.take(0.195) == pytest.approx(59.806)


def test_a_pause_is_for_all_and_then_one_passes_at_a_time() -> None:
    bucket = Bucket(5, 1)
    assert bucket.take(0) == 0
    bucket.pause(0, 10)
    assert bucket.take(4) == 6
    bucket.give_back(5)
    assert bucket.take(10) == 0
    assert bucket.take(10) == 1
    assert bucket.take(11) == 0
    assert bucket.take(11) == 1


def test_the_longest_of_several_pauses_counts() -> None:
    bucket = Bucket(5, 1)
    bucket.pause(0, 10)
    bucket.pause(1, 2)
    assert bucket.take(3) == 7


@pytest.mark.anyio
async def test_tasks_pass_in_the_order_of_asking(anyio_backend: str) -> None:
    limiter = Limiter(Bucket(2, 40))
    passed: list[int] = []

    async def ask(number: int) -> None:
        await limiter.acquire()
        passed.append(number)
        await limiter.release()

    async with anyio.create_task_group() as tasks:
        for number in range(20):
            tasks.start_soon(ask, number)
            # Others come while there are some in line, and just when there is a slot.
            await (anyio.sleep(0.02) if number % 3 == 0 else asked())
    assert passed == [*range(20)]


@pytest.mark.anyio
async def test_nobody_passes_before_those_in_line_though_there_is_a_slot(anyio_backend: str) -> None:
    limiter = Limiter(Bucket(1, 1000))
    passed: list[str] = []

    async def ask(name: str) -> None:
        await limiter.acquire()
        passed.append(name)
        await limiter.release()

    await limiter.acquire()
    with anyio.fail_after(20):
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(ask, "in line")
            await asked()
            await limiter.release()
            time.sleep(0.05)  # noqa: ASYNC251 - the slot has come back, and who is in line has not heard of it yet
            await ask("late")
    assert passed == ["in line", "late"]


async def asked() -> None:
    """Let the tasks that were started ask."""
    for _ in range(5):
        await anyio.lowlevel.checkpoint()


@pytest.mark.anyio
@pytest.mark.parametrize("cancelled", ["long before", "just before", "just after"])
async def test_who_is_cancelled_takes_nothing_and_the_next_one_passes(anyio_backend: str, cancelled: str) -> None:
    bucket = Bucket(1, 1000)
    limiter = Limiter(bucket, StandingClock())
    passed: list[str] = []

    async def ask(name: str, scope: anyio.CancelScope) -> None:
        with scope:
            await limiter.acquire()
            passed.append(name)

    await limiter.acquire()
    first, second, third = (anyio.CancelScope() for _ in range(3))
    async with anyio.create_task_group() as tasks:
        for name, scope in (("first", first), ("second", second), ("third", third)):
            tasks.start_soon(ask, name, scope)
            await asked()
        if cancelled != "just after":
            first.cancel()
        if cancelled == "long before":
            await asked()
        await limiter.release()
        first.cancel()
        second.cancel()
    assert passed == ["third"]
    assert bucket.in_flight == 1


async def cancel_by_asyncio(limiter: Limiter) -> list[int]:
    """Let tasks wait, cancel all but the last in asyncio's own way while slots come free, and give who passed."""
    passed: list[int] = []

    async def ask(number: int) -> None:
        await limiter.acquire()
        passed.append(number)

    await limiter.acquire()
    tasks = [asyncio.create_task(ask(number)) for number in range(10)]
    await asked()
    for number, task in enumerate(tasks[:-1]):
        if number == 4:
            await limiter.release()
        task.cancel()
    await asyncio.wait(tasks, timeout=10)
    return passed


def test_who_is_cancelled_by_asyncio_takes_nothing() -> None:
    bucket = Bucket(1, 1000)
    assert asyncio.run(cancel_by_asyncio(Limiter(bucket, StandingClock()))) == [9]
    assert bucket.in_flight == 1


@pytest.mark.anyio
async def test_without_a_limit_any_number_passes_until_the_server_asks_to_wait(anyio_backend: str) -> None:
    limiter = pauses_only()
    for _ in range(5000):
        await limiter.acquire()
        await limiter.release()
    began = anyio.current_time()
    await limiter.pause(0.3)
    for _ in range(5000):
        await limiter.acquire()
        await limiter.release()
    assert anyio.current_time() - began >= 0.3


@pytest.mark.anyio
@pytest.mark.parametrize("make", [pauses_only, RateLimit(10**6).limiter])
async def test_no_more_are_under_way_than_there_are_connections(make: Any, anyio_backend: str) -> None:
    limiter = make()
    for _ in range(100):
        await limiter.acquire()
    with anyio.move_on_after(0.1) as scope:
        await limiter.acquire()
    assert scope.cancelled_caught
    await limiter.release()
    with anyio.fail_after(5):
        await limiter.acquire()
    for _ in range(100):
        await limiter.release()


@pytest.mark.anyio
async def test_clients_made_by_with_options_share_the_limit(anyio_backend: str, server: Server) -> None:
    server.reply(ACCOUNTS)
    server.reply(ACCOUNTS)
    limit = RateLimit(2, per=1000)
    async with SequenceClient(API_KEY, base_url=server.base_url, rate_limit=limit, deadline=5) as client:
        other = client.with_options(timeout=5)
        await client.accounts.list()
        await other.accounts.list()
        for one in (client, other):
            with pytest.raises(APITimeoutError) as caught:
                await one.with_options(deadline=0.2).accounts.list()
            assert not caught.value.sent
    assert len(server.asked) == 2


@pytest.mark.anyio
async def test_clients_with_the_same_rate_limit_have_each_their_own(anyio_backend: str, server: Server) -> None:
    limit = RateLimit(1, per=1000)
    for _ in range(2):
        server.reply(ACCOUNTS)
        async with SequenceClient(API_KEY, base_url=server.base_url, rate_limit=limit, deadline=5) as client:
            await client.accounts.list()
    assert len(server.asked) == 2


@pytest.mark.parametrize("requests", [0, -1, 1.5, True, "100", None])
def test_a_number_of_requests_that_cannot_be_is_refused(requests: Any) -> None:
    with pytest.raises(ConfigurationError, match="RateLimit: requests"):
        RateLimit(requests)


@pytest.mark.parametrize("per", [0, -1.0, float("inf"), float("nan"), True, "60", None])
def test_a_time_that_cannot_be_is_refused(per: Any) -> None:
    with pytest.raises(ConfigurationError, match="RateLimit: per"):
        RateLimit(100, per=per)


def test_a_limit_is_no_number() -> None:
    with pytest.raises(ConfigurationError, match="rate_limit must be a RateLimit"):
        SequenceClient(API_KEY, rate_limit=100)  # type: ignore[arg-type]


def burst(*arguments: str) -> str:
    """Let the program make calls at a third of its speed. How much of the limit they use is for the program to show."""
    command = [
        sys.executable,
        str(PROGRAM),
        "--calls",
        "300",
        "--clock-speed",
        "20",
        "--least-share",
        "0",
        *arguments,
    ]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=200)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.slow
def test_a_burst_of_calls_meets_no_429() -> None:
    assert "1 process(es) with a RateLimit of 100 requests" in burst()


@pytest.mark.long
@pytest.mark.slow
def test_processes_that_share_a_limit_meet_no_429(redis_url: str) -> None:
    assert "3 process(es) with a RedisRateLimit" in burst("--processes", "3", "--redis", redis_url)
