"""What is left behind: by cancelled calls, by a client that is closed while it is used, by many tasks, by a fork."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import json
import os
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from importlib.metadata import version
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest

from sequence_sandbox import Sandbox
from sequence_sdk import (
    APIConnectionError,
    Clock,
    ConfigurationError,
    OutcomeUnknownError,
    PlatformClient,
    RateLimit,
    SequenceClient,
    SequenceError,
)
from sequence_sdk.rate_limit import Limiter

from ..conftest import API_KEY, Reply, Server
from ..contract.apis import PLATFORM
from ..contract.contract import SUCCESSES, perform
from ..sequence_sandbox.test_writes import A_TRANSFER

ACCOUNTS = json.dumps(dict(SUCCESSES)["listAccounts"])


if tuple(map(int, version("anyio").split(".")[:2])) < (4, 16):
    # It left the socket of a connection that is cancelled while it is made to the garbage collector.
    pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def collect_garbage() -> Iterator[None]:
    """Let what is left behind complain in the test that left it."""
    yield
    gc.collect()


def left_behind(client: SequenceClient | PlatformClient, http: httpx.AsyncClient) -> dict[str, int]:
    """What a client holds although no call is in flight."""
    connection = client._session.connection
    assert isinstance(connection.limiter, Limiter)
    pool = http._transport._pool  # type: ignore[attr-defined]
    return {
        "scopes": len(connection.deadlines._of),
        "places": connection.limiter._bucket.in_flight,
        "requests": len(pool._requests),
        "connections in use": sum(not one.is_idle() and not one.is_closed() for one in pool.connections),
    }


NOTHING = {"scopes": 0, "places": 0, "requests": 0, "connections in use": 0}


@pytest.fixture
async def http(anyio_backend: str) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(limits=httpx.Limits(max_connections=2)) as http:
        yield http


async def call_and_cancel(call: Callable[[], Awaitable[object]], steps: int) -> bool:
    """Run a call, cancel it after so many steps of the event loop, and say whether it was still running then."""
    with anyio.CancelScope() as scope:
        async with anyio.create_task_group() as group:

            async def cancel() -> None:
                for _ in range(steps):
                    await anyio.lowlevel.checkpoint()
                scope.cancel()

            group.start_soon(cancel)
            await call()
            group.cancel_scope.cancel()
    return scope.cancelled_caught


@pytest.mark.anyio
@pytest.mark.parametrize("what", ["read", "write", "retry", "pages", "account"])
async def test_a_call_can_be_cancelled_at_any_point(what: str, server: Server, http: httpx.AsyncClient) -> None:
    page = json.dumps(dict(SUCCESSES)["listTransfers"]).replace('"has_next_page": false', '"has_next_page": true')

    def response(asked: Any) -> Reply:
        if what == "retry":
            return Reply("", 503, headers={"Retry-After": "0"})
        if "transfers?" in asked.target:
            return Reply(page)
        if asked.target.endswith("/accounts") and asked.method == "POST":
            return Reply(json.dumps(PLATFORM.example("createAccount")), 201)
        return Reply(ACCOUNTS) if asked.method == "GET" else Reply(json.dumps(dict(SUCCESSES)["createTransfer"]), 201)

    server.response = response
    limit = RateLimit(10**6)
    async with (
        SequenceClient(API_KEY, base_url=server.base_url, http_client=http, rate_limit=limit) as client,
        PlatformClient(API_KEY, base_url=server.base_url, http_client=http, rate_limit=limit) as platform,
    ):

        async def pages() -> None:
            async for _ in client.transfers.list(account_id="acc_01HGHI7890").pages():
                await anyio.lowlevel.checkpoint()

        calls: dict[str, Callable[[], Awaitable[object]]] = {
            "read": client.accounts.list,
            "write": lambda: client.transfers.create(**A_TRANSFER),
            "retry": client.accounts.list,
            "pages": pages,
            "account": lambda: perform(platform, PLATFORM.call("createAccount")),
        }
        cancelled = 0
        for steps in [*range(40), *range(40, 400, 23)]:
            try:
                cancelled += await call_and_cancel(calls[what], steps)
            except* SequenceError:  # it ended before it was cancelled
                assert what in {"retry", "pages"}
        assert cancelled >= 5
        with anyio.fail_after(5):
            while [left_behind(one, http) for one in (client, platform)] != [
                NOTHING,
                NOTHING,
            ]:  # what was fetched ahead ends a moment later
                await anyio.sleep(0.01)
        server.response = lambda asked: Reply(ACCOUNTS)
        with anyio.fail_after(5):
            await client.accounts.list()


@pytest.mark.anyio
async def test_a_task_that_is_cancelled_while_it_waits_for_its_turn_takes_none(
    server: Server, http: httpx.AsyncClient
) -> None:
    server.response = lambda asked: Reply(ACCOUNTS)
    limit = RateLimit(2, per=1)
    async with SequenceClient(API_KEY, base_url=server.base_url, http_client=http, rate_limit=limit) as client:
        for _ in range(2):
            await client.accounts.list()
        for _ in range(20):
            with anyio.move_on_after(0.005) as scope:
                await client.accounts.list()
            assert scope.cancelled_caught
        assert left_behind(client, http) == NOTHING
        with anyio.fail_after(1.2):
            await client.accounts.list()
    assert len(server.asked) == 3


@pytest.mark.asyncio
async def test_asyncios_own_cancellation_leaves_nothing_behind(server: Server) -> None:
    released = threading.Event()
    server.response = lambda asked: Reply(ACCOUNTS, before=lambda: released.wait(5))
    async with (
        httpx.AsyncClient() as http,
        SequenceClient(API_KEY, base_url=server.base_url, http_client=http) as client,
    ):
        for steps in range(60):
            released.clear()
            if steps % 2:
                released.set()
            task = asyncio.create_task(client.accounts.list())
            for _ in range(steps):
                await asyncio.sleep(0)
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError):  # or it was done before
                await task
        released.set()
        assert left_behind(client, http) == NOTHING
        assert asyncio.all_tasks() == {asyncio.current_task()}


@pytest.mark.anyio
@pytest.mark.parametrize("where", ["in an attempt", "between attempts", "before its turn"])
async def test_closing_a_client_ends_its_calls(where: str, anyio_backend: str, server: Server) -> None:
    released = threading.Event()
    if where == "in an attempt":
        server.response = lambda asked: Reply(ACCOUNTS, before=lambda: released.wait(5))
    else:
        server.response = lambda asked: Reply("", 429, headers={"Retry-After": "60"})
    client = SequenceClient(API_KEY, base_url=server.base_url)
    errors: list[Any] = []

    async def call(function: Callable[[], Awaitable[object]]) -> None:
        with pytest.raises(SequenceError) as caught:
            await function()
        errors.append(caught.value)

    with anyio.fail_after(10):
        async with anyio.create_task_group() as group:
            if where == "before its turn":
                group.start_soon(call, client.accounts.list)
                while not server.asked:
                    await anyio.sleep(0.01)
                await anyio.sleep(0.1)
            before = len(server.asked)
            group.start_soon(call, client.accounts.list)
            group.start_soon(call, lambda: client.transfers.create(**A_TRANSFER))
            await anyio.sleep(0.2)
            assert (len(server.asked) > before) == (where != "before its turn")
            await client.aclose()
    released.set()
    read, *_ = [error for error in errors if error.operation == "listAccounts"]
    (write,) = [error for error in errors if error.operation == "createTransfer"]
    assert type(read) is APIConnectionError
    assert "the client was closed while the call was in flight" in str(read)
    if where == "in an attempt":
        assert isinstance(write, OutcomeUnknownError)
        assert "the client was closed" in str(write.__cause__)
    else:  # it was refused, or not sent at all
        assert type(write) is APIConnectionError
        assert not write.sent


@pytest.mark.anyio
async def test_a_thousand_tasks_share_a_client(anyio_backend: str) -> None:
    sandbox = Sandbox()
    seen: list[str] = []
    with sandbox.serve() as base_url:
        async with SequenceClient(
            sandbox.create_key(), base_url=base_url, rate_limit=RateLimit(100, per=0.05)
        ) as client:

            async def call() -> None:
                seen.append((await client.accounts.get("acc_01HDEF0123")).id)

            async with anyio.create_task_group() as group:
                for _ in range(1000):
                    group.start_soon(call)
    assert seen == ["acc_01HDEF0123"] * 1000


def test_of_two_threads_that_begin_at_once_one_is_refused_and_none_hangs(server: Server) -> None:
    both = threading.Barrier(2)

    class Slow(Clock):
        """Gives the other thread time to begin as well."""

        def reader(self) -> Callable[[], float]:
            with contextlib.suppress(threading.BrokenBarrierError):
                both.wait(1)
            return super().reader()

    never = threading.Event()
    server.response = lambda asked: Reply(ACCOUNTS, before=lambda: never.wait(60))
    client = SequenceClient(API_KEY, base_url=server.base_url, timeout=0.5, max_retries=0, clock=Slow())
    ended: list[str] = []

    async def call() -> None:
        try:
            await client.accounts.list()
        except SequenceError as error:
            ended.append(type(error).__name__)

    threads = [threading.Thread(target=asyncio.run, args=(call(),), daemon=True) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    never.set()
    assert sorted(ended) == ["APITimeoutError", "ConfigurationError"]


def test_a_client_of_another_event_loop_says_so(server: Server) -> None:
    server.response = lambda asked: Reply(ACCOUNTS, headers={"Connection": "close"})
    client = SequenceClient(API_KEY, base_url=server.base_url)

    async def call() -> None:
        await client.accounts.list()

    anyio.run(call, backend="trio")
    for backend in ("trio", "asyncio"):
        with pytest.raises(
            ConfigurationError, match=r"listAccounts: this client was used in another event loop before"
        ):
            anyio.run(call, backend=backend)
    assert len(server.asked) == 1


FORKED = """
import asyncio, os, sys
from sequence_sdk import ConfigurationError, SequenceClient

async def call(client):
    await client.accounts.list()

async def main():
    client = SequenceClient("sk_1")
    read, write = os.pipe()
    if os.fork() == 0:
        try:
            coroutine = call(client)
            coroutine.send(None)
        except ConfigurationError as error:
            os.write(write, str(error).encode())
        os._exit(0)
    os.wait()
    print(os.read(read, 1000).decode())

asyncio.run(main())
"""


def test_a_client_of_a_parent_process_says_so() -> None:
    said = subprocess.run([sys.executable, "-c", FORKED], capture_output=True, text=True, check=True, timeout=60)
    assert "listAccounts: this client was made before the process forked" in said.stdout
    assert "make a new client in each process" in said.stdout
    assert os.getpid()


@pytest.mark.anyio
async def test_the_response_of_another_call_is_not_taken_for_ones_own(anyio_backend: str, server: Server) -> None:
    async with SequenceClient(API_KEY, base_url=server.base_url, timeout=5) as client:
        server.reply(ACCOUNTS)
        await client.accounts.list()
        earlier = server.asked[0].headers["X-Request-ID"]
        server.reply(ACCOUNTS, headers={"X-Request-ID": earlier})
        server.reply(ACCOUNTS, headers={"X-Request-ID": "made by the server"})
        response = await client.accounts.list.with_response()
        assert (response.attempts, response.request_id) == (2, "made by the server")
        server.reply(ACCOUNTS, headers={"X-Request-ID": earlier})
        with pytest.raises(APIConnectionError, match=f"what arrived is the response to another request, {earlier}"):
            await client.with_options(max_retries=0).accounts.list()
        server.reply(ACCOUNTS, headers={"X-Request-ID": "mine"})
        await client.accounts.list(request_id="mine")
