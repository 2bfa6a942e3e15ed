"""Processes and machines that share an API key share a limit, which a Redis keeps."""

from __future__ import annotations

import asyncio
import contextlib
import io
import itertools
import json
import logging
import math
import pickle
import signal
import socket
import subprocess
import sys
import threading
import time
import traceback
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
import redis
from hypothesis import given, settings, strategies as st

from sequence_sdk import ConfigurationError, RateLimiterError, SequenceClient
from sequence_sdk.limits import redis_limit as module
from sequence_sdk.limits.redis_limit import BUCKET, RedisRateLimit
from sequence_sdk.rate_limit import Bucket, Limiter

from ..conftest import API_KEY, Server
from ..contract.contract import SEEDS
from ..redis_server import RedisServer, serve_redis  # noqa: F401 - a fixture

# redis-py 5.0 leaves the sockets to the garbage collector with which it did not reach a Redis behind a Unix socket.
pytestmark = pytest.mark.filterwarnings(
    r"ignore:Exception ignored in. <socket.socket fd=\d+, family=(1|AddressFamily.AF_UNIX),"
    ":pytest.PytestUnraisableExceptionWarning"
)

PASSWORD = "p4ss-w0rd-of-redis"

PROCESS = """
import functools, sys, time
import anyio
from sequence_sdk.limits.redis_limit import RedisRateLimit

async def call(limiter, log):
    while True:
        await limiter.acquire()
        log.write(f"{time.monotonic()}\\n")
        log.flush()
        await anyio.sleep(float(seconds_of_a_call))
        await limiter.release()

async def run():
    limit = RedisRateLimit(int(requests), per=float(per), lease=float(lease), timeout=20, url=url, name=name)
    limiter = limit.limiter()
    with open(path, "w") as log:
        async with anyio.create_task_group() as tasks:
            for _ in range(int(count)):
                tasks.start_soon(call, limiter, log)

backend, url, name, path, requests, per, lease, count, seconds_of_a_call = sys.argv[1:]
anyio.run(run, backend=backend)
"""
"""A program that makes calls until it is killed, and writes down when it sent each."""


def start(backend: str, url: str, name: str, path: Path, *numbers: float) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", PROCESS, backend, url, name, str(path), *map(str, numbers)])


def moments(paths: list[Path]) -> list[float]:
    """When calls were sent, by all programs. A line may be half written when a program is killed."""
    lines = [line for path in paths if path.exists() for line in path.read_text().splitlines(keepends=True)]
    return sorted(float(line) for line in lines if line.endswith("\n"))


def wait_for(condition: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.02)


@pytest.fixture
def name() -> str:
    return uuid.uuid4().hex


@pytest.fixture
def own_redis() -> Iterator[RedisServer]:
    """A Redis that a test may kill."""
    with RedisServer() as server:
        yield server


@pytest.fixture
def silent_url() -> Iterator[str]:
    """The URL of a server that accepts connections, and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


@pytest.fixture
def black_hole_url() -> Iterator[str]:
    """The URL of a port that does not even accept: its queue is full."""
    with (
        socket.create_server(("127.0.0.1", 0), backlog=0) as server,
        socket.socket() as first,
        socket.socket() as second,
    ):
        for client in (first, second):
            client.setblocking(False)
            client.connect_ex(server.getsockname())
        yield f"redis://127.0.0.1:{server.getsockname()[1]}/0"


async def passes(limiter: Limiter, within: float = 0.3) -> bool:
    """Whether a request has its turn at once, or almost."""
    with anyio.move_on_after(within):
        await limiter.acquire()
        return True
    return False


def messages(caplog: pytest.LogCaptureFixture, level: int) -> list[str]:
    return [
        record.getMessage() for record in caplog.records if record.name == "sequence_sdk" and record.levelno == level
    ]


def traceback_of(error: BaseException) -> str:
    """A traceback as tools such as Sentry make one: with the locals of every frame."""
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


@pytest.mark.anyio
async def test_two_clients_share_a_limit(anyio_backend: str, redis_url: str, name: str) -> None:
    limit = RedisRateLimit(2, per=1000, url=redis_url, name=name)
    one, other = limit.limiter(), limit.limiter()
    await one.acquire()
    await other.acquire()
    assert not await passes(one)
    assert not await passes(other)


@pytest.mark.anyio
async def test_limits_of_other_names_are_other_limits(anyio_backend: str, redis_url: str, name: str) -> None:
    for other in (name, f"{name}2"):
        limiter = RedisRateLimit(1, per=1000, url=redis_url, name=other).limiter()
        assert await passes(limiter, 5)


@pytest.mark.anyio
async def test_a_slot_drains_from_the_response_on_and_not_before(anyio_backend: str, redis_url: str, name: str) -> None:
    limit = RedisRateLimit(1, per=0.5, url=redis_url, name=name)
    one, other = limit.limiter(), limit.limiter()
    await one.acquire()
    assert not await passes(other, 1)  # in flight: twice as long as it takes to drain
    ended = anyio.current_time()
    await one.release()
    await other.acquire()
    assert anyio.current_time() - ended > 0.49


@pytest.mark.anyio
async def test_tasks_wait_in_the_order_of_asking(anyio_backend: str, redis_url: str, name: str) -> None:
    limiter = RedisRateLimit(1, per=0.02, url=redis_url, name=name).limiter()
    passed: list[int] = []

    async def call(number: int) -> None:
        await limiter.acquire()
        passed.append(number)
        await limiter.release()

    async with anyio.create_task_group() as tasks:
        for number in range(10):
            tasks.start_soon(call, number)
            await anyio.wait_all_tasks_blocked()
    assert passed == list(range(10))


@pytest.mark.anyio
async def test_of_a_thousand_tasks_only_the_first_asks_redis(anyio_backend: str, redis_url: str, name: str) -> None:
    limiter = RedisRateLimit(1, per=0.2, url=redis_url, name=name).limiter()
    await limiter.acquire()
    with redis.Redis.from_url(redis_url) as client:
        before = client.info("stats")["total_commands_processed"]
        with anyio.move_on_after(1):
            async with anyio.create_task_group() as tasks:
                for _ in range(1000):
                    tasks.start_soon(limiter.acquire)
        asked = client.info("stats")["total_commands_processed"] - before
    assert asked < 200  # some commands are in each script


@pytest.mark.anyio
async def test_a_pause_is_for_all_and_then_one_passes(anyio_backend: str, redis_url: str, name: str) -> None:
    limit = RedisRateLimit(10, per=1000, url=redis_url, name=name)
    one, other = limit.limiter(), limit.limiter()
    began = anyio.current_time()
    await one.pause(1)
    await other.acquire()
    assert anyio.current_time() - began > 0.99
    assert not await passes(one)
    assert not await passes(other)


@pytest.mark.anyio
async def test_who_is_cancelled_has_taken_nothing(anyio_backend: str, redis_url: str, name: str) -> None:
    limit = RedisRateLimit(1, per=1000, url=redis_url, name=name)
    limiter = limit.limiter()
    for wait in (0, 0.0005, 0.001, 0.002, 0.003):
        with anyio.CancelScope() as scope:
            async with anyio.create_task_group() as tasks:
                tasks.start_soon(limiter.acquire)
                await anyio.sleep(wait)
                if not limiter._held:  # type: ignore[attr-defined]
                    scope.cancel()
        if not scope.cancelled_caught:  # it was faster
            break
        assert not limiter._held  # type: ignore[attr-defined]
        with redis.Redis.from_url(redis_url) as client:
            assert client.zcard(f"sequence_sdk:{{{name}}}:in_flight") == 0
    else:
        assert await passes(limit.limiter(), 5)


def test_a_task_that_asyncio_cancels_has_taken_nothing(redis_url: str, name: str) -> None:
    async def run() -> None:
        limiter = RedisRateLimit(1, per=1000, url=redis_url, name=name).limiter()
        for wait in range(20):
            task = asyncio.create_task(limiter.acquire())
            await asyncio.sleep(wait / 5000)
            if task.done():
                assert wait > 0
                return
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            with redis.Redis.from_url(redis_url) as client:
                assert client.zcard(f"sequence_sdk:{{{name}}}:in_flight") == 0
        await asyncio.wait_for(limiter.acquire(), 5)

    asyncio.run(run())


@pytest.mark.anyio
async def test_who_is_cancelled_while_redis_responses_gives_the_slot_back(
    anyio_backend: str, redis_url: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limiter = RedisRateLimit(1, per=1000, url=redis_url, name=name).limiter()
    asked, run = threading.Event(), limiter._redis.run  # type: ignore[attr-defined]

    def slowly(arguments: Any) -> Any:
        asked.set()
        result = run(arguments)
        time.sleep(0.1)
        return result

    monkeypatch.setattr(limiter._redis, "run", slowly)  # type: ignore[attr-defined]
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(limiter.acquire)
        await anyio.to_thread.run_sync(asked.wait)
        tasks.cancel_scope.cancel()
    assert await passes(RedisRateLimit(1, per=1000, url=redis_url, name=name).limiter(), 5)


@pytest.mark.anyio
async def test_a_cancelled_task_gives_its_slot_back(anyio_backend: str, redis_url: str, name: str) -> None:
    limit = RedisRateLimit(1, per=0.1, url=redis_url, name=name)
    limiter = limit.limiter()
    await limiter.acquire()
    with anyio.CancelScope() as scope:
        scope.cancel()
        await limiter.release()
    assert await passes(limit.limiter(), 5)


def test_four_processes_together_send_as_much_as_is_allowed_and_never_more(
    redis_url: str, name: str, tmp_path: Path
) -> None:
    requests, per, seconds = 50, 1.0, 5.0
    paths = [tmp_path / str(number) for number in range(4)]
    backends = itertools.cycle(["asyncio", "trio"])
    processes = [start(next(backends), redis_url, name, path, requests, per, 300, 20, 0.02) for path in paths]
    try:
        wait_for(lambda: all(path.exists() and path.stat().st_size for path in paths))
        ready = time.monotonic()
        time.sleep(seconds)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    sent = moments(paths)
    rate = requests / per
    # In no window is there more than the bucket holds and what drains meanwhile. Let `level` be the fullest of the
    # windows that end now.
    level = 0.0
    for before, now in itertools.pairwise([sent[0], *sent]):
        level = max(0.0, level - (now - before) * rate) + 1
        assert level <= requests + 1  # 1 for clocks that Redis and this machine may have set differently
    steadily = [moment for moment in sent if ready < moment <= ready + seconds]
    print(f"{len(steadily) / seconds:.2f} requests a second of {rate:.2f}")
    assert len(steadily) / seconds >= 0.95 * rate


def test_the_places_of_a_process_that_died_come_back_after_the_lease(redis_url: str, name: str, tmp_path: Path) -> None:
    lease = 1.5
    path = tmp_path / "sent"
    process = start("asyncio", redis_url, name, path, 3, 0.1, lease, 3, 1000)
    try:
        wait_for(lambda: len(moments([path])) == 3)
        process.send_signal(signal.SIGKILL)
    finally:
        process.kill()
        process.wait()

    async def run() -> float:
        limiter = RedisRateLimit(3, per=0.1, lease=lease, url=redis_url, name=name).limiter()
        for _ in range(3):
            await limiter.acquire()
        return time.monotonic()

    passed = anyio.run(run)
    assert passed - moments([path])[0] > lease - 0.2
    assert passed - moments([path])[-1] < lease + 20


@pytest.mark.anyio
async def test_nothing_is_left_in_redis(anyio_backend: str, redis_url: str, name: str) -> None:
    limiter = RedisRateLimit(3, per=0.3, lease=0.5, url=redis_url, name=name).limiter()
    with redis.Redis.from_url(redis_url) as client:
        await limiter.acquire()
        await limiter.acquire()
        await limiter.release()
        keys = client.keys(f"*{name}*")
        assert len(keys) == 2
        assert all(0 < client.pttl(key) <= 2500 for key in keys)
        await limiter.pause(0.5)
        await limiter.release()
        wait_for(lambda: client.keys(f"*{name}*") == [])


@pytest.mark.anyio
async def test_without_redis_a_call_fails_and_says_why(
    anyio_backend: str, own_redis: RedisServer, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, logger="sequence_sdk")
    limit = RedisRateLimit(url=own_redis.url, name="payments")
    async with SequenceClient(API_KEY, base_url=server.base_url, rate_limit=limit) as client:
        server.reply(json.dumps(SEEDS["getAccount"]["200"]))
        await client.accounts.get("acc_01HGHI7890")
        own_redis.kill()
        for _ in range(2):
            with pytest.raises(
                RateLimiterError,
                match=r"'payments': Redis cannot be asked .*ConnectionError.*was not sent",
            ) as caught:
                await client.accounts.get("acc_01HGHI7890")
        assert isinstance(caught.value.__cause__, redis.ConnectionError)
        assert isinstance(pickle.loads(pickle.dumps(caught.value)), RateLimiterError)
        assert len(server.asked) == 1
        own_redis.start()
        server.reply(json.dumps(SEEDS["getAccount"]["200"]))
        await client.accounts.get("acc_01HGHI7890")
    assert [text for text in messages(caplog, logging.WARNING) if "calls fail" in text] == messages(
        caplog, logging.WARNING
    )
    assert len(messages(caplog, logging.WARNING)) == 1
    assert "rate limit 'payments': Redis can be asked again" in messages(caplog, logging.INFO)


@pytest.mark.anyio
async def test_a_restarted_redis_is_found_again_at_once(
    anyio_backend: str, own_redis: RedisServer, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    limiter = RedisRateLimit(2, per=1000, url=own_redis.url, name=name).limiter()
    await limiter.acquire()
    await limiter.acquire()
    own_redis.kill()
    own_redis.start()
    await limiter.release()
    assert await passes(limiter, 5)
    assert messages(caplog, logging.WARNING) == []


@pytest.mark.anyio
async def test_a_lost_connection_costs_no_slot(anyio_backend: str, redis_url: str, name: str) -> None:
    limiter = RedisRateLimit(2, per=1000, url=redis_url, name=name).limiter()
    await limiter.acquire()
    with redis.Redis.from_url(redis_url) as client:
        client.client_kill_filter(_type="normal", skipme=True)
        assert await passes(limiter, 5)
        assert client.zcard(f"sequence_sdk:{{{name}}}:in_flight") == 2


@pytest.mark.anyio
@pytest.mark.parametrize("where", ["silent_url", "black_hole_url"])
async def test_a_redis_that_never_responses_holds_nobody_up(
    anyio_backend: str, where: str, request: pytest.FixtureRequest, name: str
) -> None:
    limiter = RedisRateLimit(timeout=0.3, url=request.getfixturevalue(where), name=name).limiter()
    failures: list[BaseException | None] = []

    async def call() -> None:
        with pytest.raises(RateLimiterError, match=r"\(TimeoutError: .*this attempt was not sent") as caught:
            await limiter.acquire()
        failures.append(caught.value.__cause__)

    began = anyio.current_time()
    async with anyio.create_task_group() as tasks:
        for _ in range(100):  # they share the failure: were each to ask, it would take half a minute
            tasks.start_soon(call)
    assert anyio.current_time() - began < 5
    assert len(failures) == 100


@pytest.mark.anyio
async def test_redis_may_stop_responding_while_calls_run(
    anyio_backend: str, own_redis: RedisServer, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    limiter = RedisRateLimit(100, timeout=0.5, lease=60, url=own_redis.url, name=name).limiter()
    for _ in range(50):
        await limiter.acquire()
    assert own_redis._process is not None
    own_redis._process.send_signal(signal.SIGSTOP)
    began = anyio.current_time()
    async with anyio.create_task_group() as tasks:
        for _ in range(49):
            tasks.start_soon(limiter.release)
    await limiter.pause(0.1)
    with pytest.raises(RateLimiterError):
        await limiter.acquire()
    assert anyio.current_time() - began < 10
    assert len(messages(caplog, logging.WARNING)) == 1
    own_redis._process.send_signal(signal.SIGCONT)
    await limiter.release()  # tells of the others, too, as does whatever is asked next
    # Redis may have taken the slot of the failed acquire once it ran again: the next one takes the same.
    with anyio.fail_after(10), redis.Redis.from_url(own_redis.url) as client:
        while client.zcard(f"sequence_sdk:{{{name}}}:in_flight"):
            await anyio.sleep(0.05)
            with contextlib.suppress(RateLimiterError):
                await limiter.acquire()
                await limiter.release()


@pytest.mark.anyio
async def test_a_pause_that_redis_does_not_hear_of_holds_in_the_process(
    anyio_backend: str, own_redis: RedisServer, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    limiter = RedisRateLimit(url=own_redis.url, name=name).limiter()
    await limiter.acquire()
    own_redis.kill()
    began = anyio.current_time()
    await limiter.pause(0.5)
    assert len(messages(caplog, logging.WARNING)) == 1
    own_redis.start()
    await limiter.acquire()
    assert anyio.current_time() - began > 0.49


@pytest.mark.anyio
async def test_without_redis_a_process_may_keep_to_a_limit_of_its_own(
    anyio_backend: str,
    own_redis: RedisServer,
    name: str,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    caplog.set_level(logging.INFO, logger="sequence_sdk")
    monkeypatch.setattr(module, "ASK_AGAIN_AFTER", 0.5)
    limiter = RedisRateLimit(2, per=0.5, url=own_redis.url, name=name, on_failure="local").limiter()
    await limiter.acquire()
    own_redis.kill()
    await limiter.acquire()
    await limiter.acquire()
    assert not await passes(limiter, 0.1)
    for _ in range(3):
        await limiter.release()
    assert await passes(limiter, 5)
    await limiter.release()
    assert len(messages(caplog, logging.WARNING)) == 1
    assert messages(caplog, logging.INFO) == []
    own_redis.start()
    with redis.Redis.from_url(own_redis.url) as client:
        with anyio.fail_after(20):
            while not client.exists(f"sequence_sdk:{{{name}}}"):
                await limiter.acquire()
                await limiter.release()
                await anyio.sleep(0.05)
        assert messages(caplog, logging.INFO) == [f"rate limit {name!r}: Redis can be asked again"]
        assert client.zcard(f"sequence_sdk:{{{name}}}:in_flight") == 0
        await limiter.acquire()
        assert client.zcard(f"sequence_sdk:{{{name}}}:in_flight") == 1
    assert len(messages(caplog, logging.WARNING)) == 1


@pytest.mark.anyio
async def test_a_process_that_does_without_redis_waits_for_it_only_now_and_then(
    anyio_backend: str, silent_url: str, name: str
) -> None:
    limiter = RedisRateLimit(timeout=0.5, url=silent_url, name=name, on_failure="local").limiter()
    await limiter.acquire()
    began = anyio.current_time()
    for _ in range(50):
        await limiter.acquire()
        await limiter.release()
    await limiter.pause(0.01)
    assert anyio.current_time() - began < 0.5


@pytest.mark.anyio
async def test_a_local_limit_keeps_its_pauses(anyio_backend: str, silent_url: str, name: str) -> None:
    limiter = RedisRateLimit(timeout=0.1, url=silent_url, name=name, on_failure="local").limiter()
    await limiter.acquire()
    began = anyio.current_time()
    await limiter.pause(0.5)
    await limiter.acquire()
    assert anyio.current_time() - began > 0.49


@pytest.mark.anyio
async def test_the_password_is_shown_nowhere(anyio_backend: str, name: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with RedisServer(PASSWORD) as server:
        limit = RedisRateLimit(url=server.url, name=name)
        right = limit.limiter()
        await right.acquire()
        wrong = RedisRateLimit(url=server.url.replace(PASSWORD, f"{PASSWORD}2"), name=name, timeout=5).limiter()
        with pytest.raises(RateLimiterError, match="AuthenticationError") as refused:
            await wrong.acquire()
        server.kill()
        with pytest.raises(RateLimiterError, match="ConnectionError") as lost:
            await right.acquire()
    shown = io.StringIO()
    for thing in (limit, right, wrong, vars(right), refused.value, lost.value, refused.value.__cause__):
        print(repr(thing), str(thing), file=shown)
    for error in (refused.value, lost.value):
        print(traceback_of(error), pickle.dumps(error), file=shown)
    assert PASSWORD not in shown.getvalue() + caplog.text


@pytest.mark.anyio
async def test_a_server_that_repeats_the_password_does_not_make_it_known(anyio_backend: str, name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:

        def refuse() -> None:
            with contextlib.suppress(OSError):  # it is closed
                while True:
                    connection, _ = server.accept()
                    with connection, contextlib.suppress(ConnectionError):
                        connection.recv(1000)
                        connection.sendall(f"-ERR unknown command 'AUTH', with args '{PASSWORD}'\r\n".encode() * 5)

        thread = threading.Thread(target=refuse, daemon=True)
        thread.start()
        port = server.getsockname()[1]
        limiter = RedisRateLimit(url=f"redis://:{PASSWORD}@127.0.0.1:{port}/0", name=name, timeout=5).limiter()
        with pytest.raises(RateLimiterError, match="unknown command 'AUTH', with args '…'") as caught:
            await limiter.acquire()
        server.shutdown(socket.SHUT_RDWR)
        thread.join()
    assert PASSWORD not in traceback_of(caught.value) + repr(caught.value.__cause__)


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        ({"requests": 0}, "requests is 0"),
        ({"per": 0}, "per is 0"),
        ({"timeout": 0}, "RedisRateLimit: timeout is 0"),
        ({"lease": math.inf}, "RedisRateLimit: lease is inf"),
        ({"name": " "}, "name must be a string that is not blank"),
        ({"name": None}, "name must be a string that is not blank"),
        ({"on_failure": "ignore"}, "on_failure is 'ignore'"),
        ({"url": None}, "url is not the URL of a Redis"),
        ({"url": f"http://:{PASSWORD}@localhost/0"}, "url is not the URL of a Redis"),
        ({"url": f"redis://:{PASSWORD}/1@localhost/0"}, "url is not the URL of a Redis"),
        ({"url": "redis://localhost/0?socket_timeout=soon"}, "url is not the URL of a Redis"),
        ({"url": f"redis://:{PASSWORD}@localhost/0?encoding=idna"}, "url is not the URL of a Redis"),
    ],
)
def test_a_limit_that_cannot_be_is_refused(arguments: dict[str, Any], problem: str) -> None:
    with pytest.raises(ConfigurationError, match=problem) as caught:
        RedisRateLimit(**{"url": "redis://localhost", "name": "payments", **arguments}).limiter()
    error: BaseException | None = caught.value
    while error is not None:
        assert PASSWORD not in str(error)
        error = error.__context__


def test_without_redis_py_the_extra_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "redis", None)
    limit = RedisRateLimit(url="redis://localhost", name="payments")
    with pytest.raises(ConfigurationError, match=r"sequence-sdk\[redis\]"):
        limit.limiter()


def test_redis_py_is_imported_only_where_it_is_used() -> None:
    program = "import sequence_sdk, sys; sys.exit('redis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


@given(
    capacity=st.integers(1, 5),
    steps=st.lists(
        st.tuples(st.sampled_from(["take", "take", "give_back", "pause", "again", "cancel"]), st.integers(0, 160)),
        max_size=40,
    ),
)
@settings(deadline=None)
def test_the_bucket_in_redis_is_the_bucket(redis_url: str, capacity: int, steps: list[tuple[str, int]]) -> None:
    """The script is given its time. Time is in 64ths of a second and 2 requests drain in one: all sums are exact."""
    rate, lease, now = 2.0, 4.0, 2.0**30
    bucket = Bucket(capacity, rate)
    leases: dict[str, float] = {}
    with redis.Redis.from_url(redis_url) as client:
        script = client.register_script("local now = tonumber(KEYS[3])\n" + BUCKET)
        name = uuid.uuid4().hex

        def ask(command: str, slot: str = "", seconds: float = 0.0, *owed: str) -> float:
            keys = [name, f"{name}:in_flight", repr(now)]
            return float(script(keys=keys, args=[command, capacity, rate, slot, seconds, *owed]))

        for number, (step, passed) in enumerate(steps):
            now += passed / 64
            for slot, end in sorted(leases.items(), key=lambda item: item[1]):
                if end <= now:
                    bucket.give_back(end)
                    del leases[slot]
            slot = next(iter(leases), "")
            if step == "take":
                wait, expected = ask("take", str(number), lease), bucket.take(now)
                assert wait == expected or (expected == math.inf and wait >= 1 / rate)
                if not wait:
                    leases[str(number)] = now + lease
            elif step == "give_back" and slot:
                ask("settle", "", 0, slot)
                ask("settle", "", 0, slot)  # what is told twice counts once
                bucket.give_back(now)
                del leases[slot]
            elif step == "again" and slot:  # as where the response was lost
                assert ask("take", slot, lease) == max(0, bucket.paused - now)
                if now >= bucket.paused:
                    del leases[slot]
                    leases[slot] = now + lease
            elif step == "cancel" and slot:
                ask("forget", slot)
                bucket._drain(now)
                bucket.in_flight -= 1
                del leases[slot]
            elif step == "pause":
                ask("pause", "", passed / 32)
                bucket.pause(now, passed / 32)
            ask("settle")
            assert client.zcard(f"{name}:in_flight") == bucket.in_flight == len(leases)


def test_a_clock_that_is_set_back_stops_nobody_for_long(redis_url: str, name: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        script = client.register_script("local now = tonumber(KEYS[3])\n" + BUCKET)

        def take(now: float, slot: str, *owed: str) -> float:
            return float(script(keys=[name, f"{name}:u", repr(now)], args=["take", 1, 2.0, slot, 60, *owed]))

        assert take(1e9, "a") == 0
        assert take(1e9 - 3600, "b", "a") == 0.5
        assert take(1e9 - 3600 + 0.5, "b") == 0


def test_many_at_once_take_no_more_places_than_there_are(redis_url: str, name: str) -> None:
    """Each in a thread and on a connection of its own."""
    limit = RedisRateLimit(20, per=1000, url=redis_url, name=name, timeout=30)
    passed: list[None] = []

    def run() -> None:
        async def call() -> None:
            limiter = limit.limiter()
            while await passes(limiter, 3):
                passed.append(None)

        anyio.run(call)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 20
