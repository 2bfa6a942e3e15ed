"""Identical reads that are under way at the same time share one request, if they are to."""

from __future__ import annotations

import json
import threading
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest

from sequence_sdk import APIConnectionError, APIError, NotFoundError, SequenceClient

from ..conftest import API_KEY, Asked, Reply, Server
from ..contract.contract import SUCCESSES
from ..sequence_sandbox.test_writes import A_TRANSFER

pytestmark = pytest.mark.anyio

ANSWERS = {name: json.dumps(answer) for name, answer in SUCCESSES}


@pytest.fixture
def held(server: Server) -> threading.Event:
    """Holds every answer back until it is set."""
    event = threading.Event()

    def answer(asked: Asked) -> Reply:
        name = (
            "createTransfer" if asked.method == "POST" else "getAccount" if "acc_" in asked.target else "listAccounts"
        )
        answer = ANSWERS[name]
        if name == "getAccount":
            answer = answer.replace("acc_01HGHI7890", asked.target.rpartition("/")[2])
        return Reply(answer, before=lambda: event.wait(10))

    server.answer = answer
    return event


async def until_asked(server: Server, times: int) -> None:
    with anyio.fail_after(10):
        while len(server.asked) < times:
            await anyio.sleep(0.01)
    await anyio.sleep(0.1)


async def test_identical_reads_share_a_request(anyio_backend: str, server: Server, held: threading.Event) -> None:
    seen: list[object] = []

    async def call(function: Callable[[], Awaitable[object]]) -> None:
        seen.append(await function())

    async with SequenceClient(API_KEY, base_url=server.base_url, coalesce=True) as client:
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(call, lambda: client.accounts.get("acc_01HGHI7890"))
            await until_asked(server, 1)
            held.set()
        assert (len(server.asked), len(seen)) == (1, 20)
        await client.accounts.get("acc_01HGHI7890")  # it is not remembered
    assert len(server.asked) == 2


async def test_what_differs_is_not_shared(anyio_backend: str, server: Server, held: threading.Event) -> None:
    async with SequenceClient(API_KEY, base_url=server.base_url, coalesce=True) as client:
        other = client.with_options(timeout=20)
        calls: list[Callable[[], Awaitable[object]]] = [
            lambda: client.accounts.get("acc_01HGHI7890"),
            lambda: client.accounts.get("acc_2"),
            lambda: client.accounts.get("acc_01HGHI7890", request_id="mine"),
            client.accounts.list,
            lambda: client.accounts.list(type="pod"),
            lambda: other.accounts.get("acc_01HGHI7890"),
            lambda: client.with_options(coalesce=False).accounts.get("acc_01HGHI7890"),
            lambda: client.transfers.create(**A_TRANSFER),
            lambda: client.transfers.create(**A_TRANSFER),
        ]
        async with anyio.create_task_group() as group:
            for call in calls:
                group.start_soon(call)
            await until_asked(server, len(calls))
            held.set()
    assert len(server.asked) == len(calls)


async def test_unless_asked_for_nothing_is_shared(
    client: SequenceClient, server: Server, held: threading.Event
) -> None:
    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(client.accounts.list)
        await until_asked(server, 3)
        held.set()
    assert len(server.asked) == 3


async def test_each_caller_has_an_error_of_its_own(anyio_backend: str, server: Server) -> None:
    errors: list[APIError] = []

    async def call() -> None:
        with pytest.raises(NotFoundError) as caught:
            await client.accounts.get("acc_01HGHI7890")
        errors.append(caught.value)

    released = threading.Event()
    server.reply('{"error": {"code": "resource_not_found", "message": "No."}}', 404, before=lambda: released.wait(10))
    async with (
        SequenceClient(API_KEY, base_url=server.base_url, coalesce=True) as client,
        anyio.create_task_group() as group,
    ):
        for _ in range(3):
            group.start_soon(call)
        await until_asked(server, 1)
        released.set()
    assert len({id(error) for error in errors}) == 3
    assert {(str(error), error.attempts) for error in errors} == {(str(errors[0]), 1)}


async def test_a_caller_that_leaves_does_not_end_it_for_the_others(
    anyio_backend: str, server: Server, held: threading.Event
) -> None:
    async with SequenceClient(API_KEY, base_url=server.base_url, coalesce=True) as client:
        done: list[Any] = []

        async def stay() -> None:
            done.append(await client.accounts.list())

        async def leave() -> None:
            with anyio.move_on_after(0.6) as scope:
                await client.accounts.list()
            assert scope.cancelled_caught

        async with anyio.create_task_group() as group:
            group.start_soon(leave)  # it is the one that began
            await until_asked(server, 1)
            group.start_soon(stay)
            await anyio.sleep(0.8)
            held.set()
        assert (len(done), len(server.asked)) == (1, 1)


async def test_with_the_last_caller_it_ends(anyio_backend: str, server: Server, held: threading.Event) -> None:
    async with SequenceClient(API_KEY, base_url=server.base_url, coalesce=True) as client:
        async with anyio.create_task_group() as group:
            for _ in range(3):
                group.start_soon(client.accounts.list)
            await until_asked(server, 1)
            group.cancel_scope.cancel()
        with anyio.fail_after(5):
            while client._session.connection._scopes:
                await anyio.sleep(0.01)
        assert client._session.connection.flights._flights == {}
        held.set()
        assert await client.accounts.list()


async def test_closing_the_client_ends_it(anyio_backend: str, server: Server, held: threading.Event) -> None:
    client = SequenceClient(API_KEY, base_url=server.base_url, coalesce=True)
    ended: list[str] = []

    async def call() -> None:
        with pytest.raises(APIConnectionError, match="the client was closed"):
            await client.accounts.list()
        ended.append("closed")

    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(call)
        await until_asked(server, 1)
        await client.aclose()
    assert ended == ["closed"] * 3
    held.set()
