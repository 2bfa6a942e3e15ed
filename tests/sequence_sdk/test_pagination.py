"""Lists are read to their end, a page ahead of their consumer, and no further."""

from __future__ import annotations

import asyncio
import gc
import json
import threading
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

import anyio
import httpx
import pytest
from attrs import frozen
from hypothesis import given, strategies as st

from sequence_api_client import api
from sequence_sdk import (
    APIConnectionError,
    APIResponseValidationError,
    ConfigurationError,
    InternalServerError,
    InvalidArgumentError,
    Page,
    PaginationError,
    Progress,
    SequenceClient,
)
from sequence_sdk.trails import RECENT, CursorTrail

from ..conftest import API_KEY, Asked, Reply, Server


def transfer(n: int) -> dict[str, Any]:
    return {
        "id": f"txr_{n}",
        "amount_in_cents": n,
        "direction": "internal",
        "origin": "user",
        "status": "complete",
        "created_at": "2024-04-23T09:15:00Z",
    }


def page_of(numbers: range, end_cursor: str | None, has_next_page: bool) -> str:
    page_info = {"has_next_page": has_next_page, "end_cursor": end_cursor}
    return json.dumps({"request_id": "r", "data": [transfer(n) for n in numbers], "page_info": page_info})


def a_list_of(total: int) -> Any:
    """A response of a server with this many transfers; its cursors are numbers."""

    def response(asked: Asked) -> Reply:
        query = parse_qs(urlsplit(asked.target).query)
        start, size = int(query.get("after", ["0"])[0]), int(query["first"][0])
        end = min(total, start + size)
        return Reply(page_of(range(start, end), str(end), end < total))

    return response


def hold_back_the_second_page(server: Server) -> threading.Event:
    """Two pages of one transfer each, the second of which is sent once the event is set."""
    released = threading.Event()
    server.reply(page_of(range(1), "1", True))
    server.reply(page_of(range(1, 2), None, False), before=lambda: released.wait(10))
    return released


def asked_for(server: Server) -> list[tuple[str, str | None]]:
    queries = [parse_qs(urlsplit(asked.target).query) for asked in server.asked]
    return [(query["first"][0], query.get("after", [None])[0]) for query in queries]


async def until(condition: Any) -> None:
    with anyio.fail_after(5):
        while not condition():
            await anyio.sleep(0.005)


@pytest.mark.anyio
async def test_a_list_is_read_to_its_end_in_pages_of_100(client: SequenceClient, server: Server) -> None:
    server.response = a_list_of(250)
    pager = client.transfers.list(account_id="acc_1")
    assert [one.amount_in_cents async for one in pager] == list(range(250))
    assert asked_for(server) == [("100", None), ("100", "100"), ("100", "200")]
    assert [one.amount_in_cents async for one in pager] == list(range(250))  # every iteration reads it anew


@pytest.mark.anyio
async def test_a_page_can_be_smaller_and_a_list_resumed(client: SequenceClient, server: Server) -> None:
    server.response = a_list_of(7)
    pager = client.transfers.list(account_id="acc_1", first=3, after="2")
    assert [one.amount_in_cents async for one in pager] == [2, 3, 4, 5, 6]
    assert asked_for(server) == [("3", "2"), ("3", "5")]


@pytest.mark.anyio
async def test_pages_come_with_their_cursors_and_lead_back_to_where_one_stopped(
    client: SequenceClient, server: Server
) -> None:
    server.response = a_list_of(5)
    pages = [page async for page in client.transfers.list(account_id="acc_1", first=2).pages()]
    assert all(isinstance(page, Page) for page in pages)
    assert [(len(page.data), page.has_next_page, page.end_cursor) for page in pages] == [
        (2, True, "2"),
        (2, True, "4"),
        (1, False, "5"),
    ]
    assert [page.request_id for page in pages] == [asked.headers["X-Request-ID"] for asked in server.asked]
    rest = await client.transfers.list(account_id="acc_1", after=pages[0].end_cursor).collect()
    assert [one.amount_in_cents for one in rest] == [2, 3, 4]


@pytest.mark.anyio
@pytest.mark.parametrize(("limit", "requests"), [(None, 4), (0, 0), (1, 1), (3, 1), (4, 2), (10, 4), (99, 4)])
async def test_collecting_asks_for_no_more_than_it_needs(
    limit: int | None, requests: int, client: SequenceClient, server: Server
) -> None:
    server.response = a_list_of(10)
    collected = await client.transfers.list(account_id="acc_1", first=3).collect(limit)
    assert [one.amount_in_cents for one in collected] == list(range(10))[:limit]
    assert len(server.asked) == requests


@pytest.mark.anyio
@pytest.mark.parametrize("limit", [-1, 1.0, True, "3"])
async def test_a_limit_is_a_number_of_results(limit: Any, client: SequenceClient, server: Server) -> None:
    with pytest.raises(ValueError, match="limit must be a whole number"):
        await client.transfers.list(account_id="acc_1").collect(limit)
    assert server.asked == []


@pytest.mark.anyio
async def test_an_empty_list_and_empty_pages_in_between(client: SequenceClient, server: Server) -> None:
    server.reply(page_of(range(0), None, False))
    assert [one async for one in client.transfers.list(account_id="acc_1")] == []
    for numbers, cursor in ((range(0), "a"), (range(2), "b"), (range(0), "c")):
        server.reply(page_of(numbers, cursor, True))
    server.reply(page_of(range(2, 3), None, False))
    assert [one.amount_in_cents async for one in client.transfers.list(account_id="acc_1")] == [0, 1, 2]


@pytest.mark.anyio
async def test_the_next_page_is_fetched_while_the_current_one_is_consumed(
    client: SequenceClient, server: Server
) -> None:
    server.response = a_list_of(6)
    seen: list[int] = []
    async for one in client.transfers.list(account_id="acc_1", first=2):
        if one.amount_in_cents in {0, 2}:
            await until(lambda: len(server.asked) == one.amount_in_cents / 2 + 2)  # noqa: B023
            await anyio.sleep(0.02)
            assert len(server.asked) == one.amount_in_cents / 2 + 2  # one page ahead, and not two
        seen.append(one.amount_in_cents)
    assert seen == list(range(6))
    assert len(server.asked) == 3


@pytest.mark.anyio
@pytest.mark.parametrize("way", ["break", "raise", "cancel", "aclose", "pages"])
async def test_leaving_early_cancels_what_is_fetched_ahead_and_leaks_nothing(
    anyio_backend: str, way: str, server: Server
) -> None:
    released = threading.Event()

    def response(asked: Asked) -> Reply:
        reply: Reply = a_list_of(6)(asked)
        if "after=2" in asked.target:
            reply.before = lambda: released.wait(10)
        return reply

    server.response = response
    limits = httpx.Limits(max_connections=2)
    async with (
        httpx.AsyncClient(limits=limits) as http,
        SequenceClient(API_KEY, base_url=server.base_url, http_client=http) as client,
    ):
        connection = client._session.connection
        tasks_before = number_of_tasks(anyio_backend)
        pager = client.transfers.list(account_id="acc_1", first=2)

        async def consume() -> None:
            async for _ in pager:
                await until(lambda: len(server.asked) == 2)
                if way == "break":
                    break
                if way == "raise":
                    raise KeyError
                await anyio.sleep(10)

        match way:
            case "break":
                await consume()
            case "raise":
                with pytest.raises(KeyError):
                    await consume()
            case "cancel":
                async with anyio.create_task_group() as group:
                    group.start_soon(consume)
                    await until(lambda: len(server.asked) == 2)
                    group.cancel_scope.cancel()
            case "aclose":
                items = pager.__aiter__()
                await anext(items)
                await until(lambda: len(server.asked) == 2)
                await items.aclose()  # type: ignore[attr-defined]
                with pytest.raises(StopAsyncIteration):
                    await anext(items)
            case _:
                async for _ in pager.pages():
                    await until(lambda: len(server.asked) == 2)
                    break
        await until(lambda: all(run.ended.is_set() for run in connection._runs))
        assert connection._runs
        assert all(run.outcome is None for run in connection._runs)  # cancelled, not merely finished
        await until(lambda: number_of_tasks(anyio_backend) == tasks_before)
        released.set()
        server.response = a_list_of(2)
        with anyio.fail_after(5):  # both connections of the pool are free again
            async with anyio.create_task_group() as group:
                for _ in range(4):
                    group.start_soon(client.transfers.list(account_id="acc_1").collect)
        await until(lambda: not pool_in_use(http))


def number_of_tasks(backend: str) -> int:
    if backend == "asyncio":
        return len(asyncio.all_tasks())
    import trio

    return trio.lowlevel.current_statistics().tasks_living


def pool_in_use(http: httpx.AsyncClient) -> bool:
    pool = http._transport._pool  # type: ignore[attr-defined]
    return bool(pool._requests) or any(not connection.is_idle() for connection in pool.connections)


@pytest.mark.anyio
async def test_a_page_fetched_ahead_that_fails_is_reported_when_it_is_due_and_can_be_tried_again(
    client: SequenceClient, server: Server
) -> None:
    server.reply(page_of(range(2), "2", True))
    server.reply("", 500)
    items = client.transfers.list(account_id="acc_1", first=2).__aiter__()
    assert (await anext(items)).amount_in_cents == 0
    await until(lambda: len(server.asked) == 2)
    assert (await anext(items)).amount_in_cents == 1
    with pytest.raises(InternalServerError):
        await anext(items)
    server.reply(page_of(range(2, 3), None, False))
    assert (await anext(items)).amount_in_cents == 2
    with pytest.raises(StopAsyncIteration):
        await anext(items)


@pytest.mark.anyio
async def test_cancelled_while_waiting_for_a_page_fetched_ahead_nothing_is_skipped(
    client: SequenceClient, server: Server
) -> None:
    released = hold_back_the_second_page(server)
    items = client.transfers.list(account_id="acc_1", first=1).__aiter__()
    await anext(items)
    with anyio.move_on_after(0.1) as scope:
        await anext(items)
    assert scope.cancelled_caught
    released.set()
    server.reply(page_of(range(1, 2), None, False))
    assert (await anext(items)).amount_in_cents == 1


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("pages", "after", "message"),
    [
        ([("a", True), ("a", True)], None, "repeats a cursor"),
        ([("a", True), ("b", True), ("a", True)], None, "repeats a cursor"),
        ([("start", True)], "start", "repeats a cursor"),
        ([(None, True)], None, "has a next page, but no cursor to it"),
        ([("", True)], None, "has a next page, but no cursor to it"),
    ],
)
async def test_cursors_that_lead_nowhere_end_in_an_error_and_not_in_a_loop(
    pages: list[tuple[str | None, bool]], after: str | None, message: str, client: SequenceClient, server: Server
) -> None:
    for ahead in (True, False):
        server.asked.clear()
        for number, (cursor, has_next_page) in enumerate(pages):
            server.reply(page_of(range(number, number + 1), cursor, has_next_page))
        pager = client.transfers.list(account_id="acc_1", after=after)
        seen: list[int] = []
        with pytest.raises(PaginationError, match=message) as caught:
            if ahead:
                async for one in pager:
                    seen.append(one.amount_in_cents)
            else:
                await pager.collect()
        assert len(server.asked) == len(pages)
        assert caught.value.operation == "listTransfers"
        assert isinstance(caught.value.page, Page)
        assert [one.amount_in_cents for one in caught.value.page.data] == [len(pages) - 1]
        assert (caught.value.code, caught.value.message) == (None, None)
        if ahead:  # a page without a cursor is as good as any; one that repeats a cursor may be an old one again
            assert seen == list(range(len(pages) - ("repeats" in message)))
        assert caught.value.status_code == 200
        assert json.loads(caught.value.content)["data"]
        assert caught.value.headers["content-type"] == "application/json"


@pytest.mark.anyio
async def test_closing_the_client_ends_what_is_fetched_ahead(anyio_backend: str, server: Server) -> None:
    released = hold_back_the_second_page(server)
    client = SequenceClient(API_KEY, base_url=server.base_url)
    items = client.transfers.list(account_id="acc_1", first=1).__aiter__()
    await anext(items)
    await until(lambda: len(server.asked) == 2)
    with anyio.fail_after(2):
        await client.aclose()
    with pytest.raises(APIConnectionError, match="the client was closed while a page was fetched"):
        await anext(items)
    released.set()


@pytest.mark.anyio
async def test_one_iterator_is_for_one_task(client: SequenceClient, server: Server) -> None:
    server.response = a_list_of(3)
    pages = client.transfers.list(account_id="acc_1", first=1).pages()
    raised: list[str] = []

    async def advance() -> None:
        try:
            await anext(pages)
        except RuntimeError as error:
            raised.append(str(error))

    async with anyio.create_task_group() as group:
        group.start_soon(advance)
        group.start_soon(advance)
    assert raised == ["listTransfers: two tasks iterate over the same iterator; give each its own"]


@pytest.mark.anyio
async def test_dropped_in_another_thread_a_page_fetched_ahead_is_cancelled_all_the_same(
    client: SequenceClient, server: Server
) -> None:
    released = hold_back_the_second_page(server)
    holder: list[Any] = [client.transfers.list(account_id="acc_1", first=1).pages()]
    await anext(holder[0])

    def drop() -> None:
        holder.clear()
        gc.collect()

    await anyio.to_thread.run_sync(drop)
    runs = client._session.connection._runs
    await until(lambda: all(run.ended.is_set() for run in runs))
    assert [run.outcome for run in runs] == [None]
    released.set()


@pytest.mark.anyio
async def test_empty_pages_without_end_are_not_followed_without_end(client: SequenceClient, server: Server) -> None:
    server.response = lambda asked: Reply(page_of(range(0), f"cursor_{len(server.asked)}", True))
    with pytest.raises(PaginationError, match="the page is the 100th in a row without a result"):
        await client.transfers.list(account_id="acc_1").collect(limit=1)
    assert len(server.asked) == 100


@pytest.mark.anyio
async def test_collecting_fetches_nothing_ahead(client: SequenceClient, server: Server) -> None:
    server.response = a_list_of(10)
    await client.transfers.list(account_id="acc_1", first=3).collect(limit=4)
    assert not client._session.connection._runs


@pytest.mark.anyio
async def test_every_page_is_asked_for_under_the_callers_request_id(client: SequenceClient, server: Server) -> None:
    server.response = a_list_of(6)
    await client.transfers.list(account_id="acc_1", first=2, request_id="req_mine").collect()
    assert [asked.headers["X-Request-ID"] for asked in server.asked] == ["req_mine"] * 3


@pytest.mark.anyio
async def test_a_page_is_fetched_ahead_in_the_context_of_its_consumer(anyio_backend: str, server: Server) -> None:
    server.response = a_list_of(3)
    tenant: ContextVar[str] = ContextVar("tenant")
    seen: list[str] = []

    async def hook(_: httpx.Request) -> None:
        seen.append(tenant.get("nobody"))

    async with (
        httpx.AsyncClient(event_hooks={"request": [hook]}) as http,
        SequenceClient(API_KEY, base_url=server.base_url, http_client=http) as client,
    ):
        tenant.set("payroll")
        async for _ in client.transfers.list(account_id="acc_1", first=1):
            pass
    assert seen == ["payroll"] * 3


@pytest.mark.anyio
async def test_cancelled_while_waiting_for_it_a_page_fetched_ahead_is_cancelled_too(
    client: SequenceClient, server: Server
) -> None:
    released = hold_back_the_second_page(server)
    items = client.transfers.list(account_id="acc_1", first=1).__aiter__()
    await anext(items)
    await until(lambda: len(server.asked) == 2)
    with anyio.move_on_after(0.05):
        await anext(items)
    await until(lambda: all(run.ended.is_set() for run in client._session.connection._runs))
    assert [run.outcome for run in client._session.connection._runs] == [None]
    released.set()


@pytest.mark.anyio
async def test_closing_in_a_cancelled_task_closes_all_the_same(anyio_backend: str, server: Server) -> None:
    released = hold_back_the_second_page(server)
    with anyio.CancelScope() as scope:
        async with SequenceClient(API_KEY, base_url=server.base_url) as client:
            async for _ in client.transfers.list(account_id="acc_1", first=1):
                await until(lambda: len(server.asked) == 2)
                scope.cancel()
                await anyio.sleep(10)
    assert scope.cancelled_caught
    connection = client._session.connection
    assert connection.transport.http.is_closed
    assert [(run.ended.is_set(), run.outcome) for run in connection._runs] == [(True, None)]
    released.set()


@frozen
class Item:
    id: str


PAGES = st.lists(
    st.tuples(
        st.booleans(),
        st.none() | st.sampled_from(["", "a", "b", "c"]) | st.uuids().map(str),
        st.lists(st.sampled_from("uvwxyz").map(Item), unique=True, max_size=3),
    ),
    max_size=12,
)


LISTING = api.list_transfers(account_id="acc_1")


@given(PAGES)
def test_no_page_is_followed_that_was_there_before(pages: list[tuple[bool, str | None, list[Item]]]) -> None:
    """Whatever a server's cursors are: each is followed once, and no result is given twice."""
    trail, cursors, given_before = CursorTrail(), set[str](), list[Item]()
    for has_next_page, end_cursor, data in pages:
        page = Page(data=data, has_next_page=has_next_page, end_cursor=end_cursor, request_id="r")
        again = any(item in given_before for item in data)
        step = trail.take(LISTING, page)
        if not step.pages:
            assert step.problem
            assert again or (has_next_page and end_cursor in cursors)
            return
        assert not again
        given_before += data
        if step.problem is not None:
            assert has_next_page
            assert not end_cursor
            return
        assert (step.next is None) == (not has_next_page)
        if step.next is None:
            return
        cursor = str(step.next.request.query["after"])
        assert cursor not in cursors
        cursors.add(cursor)


def test_so_many_results_are_remembered_and_all_beginnings_of_pages() -> None:
    trail = CursorTrail()

    def page(*numbers: int) -> Page[Item]:
        return Page(data=[Item(f"txr_{n}") for n in numbers], has_next_page=True, end_cursor=None, request_id="r")

    for number in range(300):
        trail.take(LISTING, page(*range(100 * number, 100 * number + 100)))
    assert len(trail.recent) == RECENT
    for again in (29_999, 30_000 - RECENT, 100):
        assert trail.take(LISTING, page(10**6, again)).problem == "repeats results"
    assert trail.take(LISTING, page(10**6, 10**6)).problem == "repeats results"
    assert trail.take(LISTING, page(10**6, 101)).problem != "repeats results"  # too long ago


@pytest.mark.anyio
@pytest.mark.parametrize("circle", [1, 2, 7])
async def test_pages_that_come_again_under_new_cursors_end_in_an_error(
    circle: int, client: SequenceClient, server: Server
) -> None:
    """A server that ignores `after`, or goes round in a circle: nothing is given twice, and it ends."""

    def response(asked: Asked) -> Reply:
        number = len(server.asked) % circle
        return Reply(page_of(range(3 * number, 3 * number + 3), f"cursor-{len(server.asked)}", True))

    server.response = response
    seen: list[str] = []
    with pytest.raises(PaginationError, match="the page repeats results") as caught:
        async for one in client.transfers.list(account_id="acc_1"):
            seen.append(one.id)
    assert len(seen) == len(set(seen)) == 3 * circle
    assert isinstance(caught.value.page, Page)
    with pytest.raises(PaginationError):
        await client.transfers.list(account_id="acc_1").collect()
    with pytest.raises(PaginationError):
        await client.transfers.since(datetime(2024, 4, 1, tzinfo=UTC), account_id="acc_1")


@pytest.mark.anyio
@pytest.mark.parametrize("concurrently", [False, True])
async def test_closing_while_a_page_is_waited_for_ends_the_list(
    concurrently: bool, client: SequenceClient, server: Server
) -> None:
    released = threading.Event()
    server.reply(page_of(range(1), "1", True), before=lambda: released.wait(10))
    pager = client.transfers.list(account_id="acc_1", from_=datetime(2024, 4, 1, tzinfo=UTC))
    pages: Any = pager.concurrently(2) if concurrently else pager.pages()
    ended: list[bool] = []

    async def consume() -> None:
        with pytest.raises(StopAsyncIteration):
            await anext(pages)
        ended.append(True)

    async with anyio.create_task_group() as group:
        group.start_soon(consume)
        await until(lambda: len(server.asked) == 1)
        await pages.aclose()
        released.set()
    assert ended
    with pytest.raises(StopAsyncIteration):
        await anext(pages)


def test_a_pager_may_be_dropped_after_its_event_loop_was_closed(server: Server) -> None:
    released = hold_back_the_second_page(server)

    async def begin() -> Any:
        client = SequenceClient(API_KEY, base_url=server.base_url)
        pages = client.transfers.list(account_id="acc_1", first=1).pages()
        await anext(pages)
        return pages

    loop = asyncio.new_event_loop()
    pages: Any = loop.run_until_complete(begin())
    fetched = pages._fetching._run
    loop.close()  # without ending its tasks, as programs do that know no better
    del pages
    gc.collect()  # what is raised there fails the test
    assert not fetched.ended.is_set()
    released.set()


class Odd(BaseException):
    """Neither an Exception, nor one that ends a program."""


@pytest.mark.anyio
@pytest.mark.parametrize("concurrently", [False, True])
@pytest.mark.parametrize(
    ("raised", "caught"), [(StopAsyncIteration, RuntimeError), (Odd, Odd), (SystemExit, SystemExit)]
)
async def test_whatever_a_progress_function_raises_reaches_its_caller(
    raised: type[BaseException],
    caught: type[BaseException],
    concurrently: bool,
    client: SequenceClient,
    server: Server,
) -> None:
    server.response = a_list_of(12)

    def tell(_: Progress) -> None:
        raise raised

    pager = client.transfers.list(account_id="acc_1", first=5, from_=datetime(2024, 4, 1, tzinfo=UTC))
    with pytest.raises(caught):
        if concurrently:
            async for _ in pager.concurrently(2, progress=tell):
                pass
        else:
            await pager.collect(progress=tell)


def test_a_pager_that_is_dropped_in_another_event_loop_leaves_that_one_alone(server: Server) -> None:
    """As with a loop for a session of tests and one for each: the other one would have been busy for good."""
    released = hold_back_the_second_page(server)

    async def begin() -> tuple[SequenceClient, Any]:
        client = SequenceClient(API_KEY, base_url=server.base_url)
        pages = client.transfers.list(account_id="acc_1", first=1).pages()
        await anext(pages)
        return client, pages

    loop = asyncio.new_event_loop()
    client, pages = loop.run_until_complete(begin())
    (run,) = client._session.connection._runs

    async def other() -> int:
        nonlocal pages
        del pages
        gc.collect()
        turns = 0
        end = asyncio.get_running_loop().time() + 0.2
        while asyncio.get_running_loop().time() < end:
            ready = len(asyncio.get_running_loop()._ready)  # type: ignore[attr-defined]
            turns += ready
            await asyncio.sleep(0.01)
        return turns

    assert asyncio.run(other()) == 0
    loop.run_until_complete(run.ended.wait())
    released.set()
    loop.run_until_complete(client.aclose())
    loop.close()


@pytest.mark.anyio
@pytest.mark.parametrize("concurrently", [False, True])
async def test_a_progress_function_that_raises_loses_no_page_and_counts_none_twice(
    concurrently: bool, client: SequenceClient, server: Server
) -> None:
    server.response = a_list_of(12)
    told: list[Progress] = []

    def tell(progress: Progress) -> None:
        told.append(progress)
        if len(told) == (1 if concurrently else 2):
            raise SystemExit("stop")

    pager = client.transfers.list(account_id="acc_1", first=5, from_=datetime(2024, 4, 1, tzinfo=UTC))
    seen: list[int] = []
    if concurrently:  # where it runs in the background, and what it raises ends the reading
        with pytest.raises(SystemExit, match="stop"):
            async for one in pager.concurrently(2, progress=tell):
                seen.append(one.amount_in_cents)
        return
    pages = pager.read(ahead=True, progress=tell)
    with pytest.raises(SystemExit, match="stop"):
        async for page in pages:
            seen += [one.amount_in_cents for one in page.data]
    seen += [one.amount_in_cents async for page in pages for one in page.data]
    assert seen == list(range(12))
    assert [(one.pages, one.items) for one in told] == [(1, 5), (2, 10), (3, 12)]


@pytest.mark.anyio
@pytest.mark.parametrize("raised", [SystemExit, GeneratorExit, asyncio.CancelledError, StopIteration, ValueError])
@pytest.mark.parametrize("page", [1, 3])
async def test_what_ends_tasks_reaches_the_consumer_too_when_a_progress_function_raises_it(
    raised: type[BaseException], page: int, client: SequenceClient, server: Server
) -> None:
    server.response = a_list_of(12)
    told: list[Progress] = []

    def tell(progress: Progress) -> None:
        told.append(progress)
        if len(told) == page:
            raise raised("stop")

    pager = client.transfers.list(account_id="acc_1", first=5, from_=datetime(2024, 4, 1, tzinfo=UTC))
    items = pager.concurrently(1, progress=tell)
    found: BaseException | None = None
    try:
        while True:
            await anext(items)
    except StopAsyncIteration:
        found = None
    except BaseException as error:
        found = error
    # What a coroutine raises of these, Python itself replaces by a RuntimeError.
    assert type(found) is raised or (raised is StopIteration and isinstance(found, RuntimeError))


@pytest.mark.parametrize("wrong", [5, "tell"])
def test_a_progress_function_is_a_function(wrong: Any) -> None:
    pager = SequenceClient(API_KEY).transfers.list(account_id="acc_1", from_=datetime(2024, 4, 1, tzinfo=UTC))
    with pytest.raises(InvalidArgumentError, match="progress must be a function"):
        pager.concurrently(progress=wrong)


@pytest.mark.anyio
async def test_a_progress_function_is_not_async(client: SequenceClient, server: Server) -> None:
    async def tell(progress: Progress) -> None: ...

    with pytest.raises(
        InvalidArgumentError, match="progress must be a function that takes a Progress and is not async"
    ):
        await client.transfers.list(account_id="acc_1").collect(progress=tell)
    assert server.asked == []


@pytest.mark.parametrize("concurrently", [False, True])
@pytest.mark.parametrize("closed", [False, True])
def test_a_list_that_was_begun_in_another_event_loop_says_so(concurrently: bool, closed: bool, server: Server) -> None:
    """It would wait for a page that is fetched where nothing runs."""
    hold_back_the_second_page(server)
    client = SequenceClient(API_KEY, base_url=server.base_url)
    pager = client.transfers.list(account_id="acc_1", first=1, from_=datetime(2024, 4, 1, tzinfo=UTC))

    async def begin() -> Any:
        items = pager.concurrently(2) if concurrently else aiter(pager)
        await anext(items)
        return items

    async def go_on(items: Any) -> None:
        with anyio.fail_after(5), pytest.raises(ConfigurationError, match="was used in another event loop before"):
            await anext(items)

    first, other = asyncio.new_event_loop(), asyncio.new_event_loop()
    items = first.run_until_complete(begin())
    if closed:
        first.run_until_complete(client.aclose())
        first.close()
    other.run_until_complete(go_on(items))
    other.close()
    if not closed:
        first.run_until_complete(client.aclose())
        first.close()


@pytest.mark.anyio
@pytest.mark.parametrize("info", [{}, {"page_info": None}, {"page_info": {"end_cursor": "c"}}])
async def test_a_page_that_does_not_say_whether_another_follows_is_no_last_page(
    info: dict[str, Any], client: SequenceClient, server: Server
) -> None:
    body = json.dumps({"request_id": "r", "data": [], **info})
    timed = client.transfers.list(account_id="acc_1", from_=datetime(2026, 1, 1, tzinfo=UTC))
    for read in (
        client.transfers.list(account_id="acc_1").collect,
        lambda: client.transfers.list.with_response(account_id="acc_1"),
        aiter(timed.concurrently(2)).__anext__,
    ):
        server.reply(body)
        server.reply(body)
        with pytest.raises((PaginationError, APIResponseValidationError), match=r"has_next_page|page_info") as caught:
            await read()
        assert caught.value.content == body.encode()
