"""Long lists are read in windows of time at once: the same items in the same order, for a few requests more."""

from __future__ import annotations

import bisect
import json
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import anyio
import anyio.lowlevel
import httpx
import pytest
from attrs import evolve, frozen
from hypothesis import given, settings, strategies as st

from sequence_sandbox import Sandbox
from sequence_sandbox.timeline import Timeline
from sequence_sdk import (
    APIConnectionError,
    ConfigurationError,
    InternalServerError,
    InvalidArgumentError,
    PaginationError,
    RateLimit,
    SequenceClient,
)
from sequence_sdk.history.windows import (
    PAGES_HELD,
    Boundary,
    Place,
    Window,
    Windows,
    aim,
    misplaced,
    most_extra,
    seconds,
)
from sequence_sdk.pagination import Progress
from sequence_sdk.tokens import pack, unpack

from ..clocks import SkippingClock
from ..conftest import API_KEY, Asked, Reply, Server
from .test_lifetime import NOTHING, call_and_cancel, left_behind
from .test_pagination import number_of_tasks, until

END = datetime(2024, 4, 1, tzinfo=UTC)
YEAR = 365 * 86400
CARD = "card_01HABC4567"


@frozen
class Item:
    id: str
    created_at: datetime


def newest_first(moments: list[datetime]) -> list[Item]:
    return [Item(f"txr_{n}", moment) for n, moment in enumerate(sorted(moments, reverse=True))]


class ListServer:
    """A list by time in memory.

    `exactness` is how many microseconds the times that it compares are cut down to, and `exclusive` whether the ends of
    a range are no part of it.
    """

    def __init__(self, items: list[Item], exactness: int = 1, *, exclusive: bool = False) -> None:
        self.items = items
        self.exclusive = exclusive
        self.keys = [-self.cut(item.created_at, exactness) for item in items]
        self.exactness = exactness

    @staticmethod
    def cut(moment: datetime, exactness: int) -> int:
        return int((moment - datetime(1970, 1, 1, tzinfo=UTC)) / timedelta(microseconds=1)) // exactness

    def page(self, oldest: str | None, newest: str | None, after: str | None, size: int) -> tuple[list[Item], bool]:
        first, last = bisect.bisect_left, bisect.bisect_right
        if self.exclusive:
            first, last = last, first
        begin = 0 if newest is None else first(self.keys, -self.cut(at(newest), self.exactness))
        end = len(self.keys) if oldest is None else last(self.keys, -self.cut(at(oldest), self.exactness))
        if after is not None:
            begin = max(begin, int(after.removeprefix("txr_")) + 1)
        return self.items[begin : min(end, begin + size)], begin + size < end


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


@frozen
class Outcome:
    items: list[Item]
    requests: int
    received: int
    """Items in responses, also those that came twice."""
    most_held: int
    rounds: int


def read(
    server: ListServer, oldest: datetime, size: int, n: int, order: random.Random | None = None, patience: float = 1.0
) -> Outcome:
    """Read a list as the tasks would; with `order`, responses arrive in another order, and are consumed slowly."""
    windows: Windows[Item] = Windows(seconds(oldest), size, n)
    items: list[Item] = []
    flying: list[Window[Item]] = []
    requests = received = most_held = rounds = 0
    while not windows.given:
        while (window := windows.next()) is not None:
            flying.append(window)
            requests += 1
        assert len(flying) == windows.in_flight <= n
        rounds += 1
        assert rounds < 100_000
        arriving = flying if order is None else order.sample(flying, order.randint(1, len(flying))) if flying else []
        for window in list(arriving):
            flying.remove(window)
            page, more = server.page(
                window.asked_oldest.from_ if window.asked_oldest else oldest.isoformat(),
                window.newest.to if window.newest else None,
                cast("str | None", window.next),
                size,
            )
            received += len(page)
            next: Any = page[-1].id if page and more else None  # what stands for a call here
            windows.arrived(window, page, next, done=not more)
            most_held = max(most_held, windows.held)
        assert windows.held == sum(len(window.pages) for window in windows._windows)
        while order is None or order.random() < patience:
            given = windows.take()
            if given is None:
                assert not windows._windows or not windows._windows[0].pages  # or the consumer would wait for ever
                break
            items += given[0]
        if not flying and windows.next() is None:  # nothing but the consumer can get on
            while (given := windows.take()) is not None:
                items += given[0]
        windows.abandon()
        for window in flying:
            window.in_flight = True
    return Outcome(items, requests, received, most_held, rounds)


def spread(count: int, *parts: tuple[float, float, float]) -> list[datetime]:
    moments: list[datetime] = []
    for begin, end, share in parts:
        number = round(count * share)
        moments += [
            END - timedelta(seconds=3 * YEAR * (begin + (end - begin) * (n + 0.5) / number)) for n in range(number)
        ]
    return moments


def pages(count: int, size: int) -> int:
    return max(1, -(-count // size))


SPREADS = {
    "evenly": [(0.0, 1.0, 1.0)],
    "newest": [(0.0, 0.1, 0.8), (0.1, 1.0, 0.2)],
    "middle": [(0.0, 0.45, 0.1), (0.45, 0.55, 0.8), (0.55, 1.0, 0.1)],
    "oldest": [(0.0, 0.9, 0.2), (0.9, 1.0, 0.8)],
}


@pytest.mark.parametrize(("where", "times_faster"), [("evenly", 6.6), ("newest", 6), ("middle", 5.8), ("oldest", 5.8)])
def test_a_hundred_pages_take_few_rounds_few_more_requests_and_little_memory(where: str, times_faster: float) -> None:
    items = newest_first(spread(10_000, *SPREADS[where]))
    outcome = read(ListServer(items), END - timedelta(seconds=3 * YEAR), 100, 8)
    assert outcome.items == items
    assert 100 / outcome.rounds >= times_faster
    assert outcome.requests <= 115
    assert outcome.most_held <= PAGES_HELD * 8


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200, 201, 399, 400])
def test_a_short_list_takes_no_request_more(count: int) -> None:
    items = newest_first(spread(count, (0.0, 1.0, 1.0)) if count else [])
    outcome = read(ListServer(items), END - timedelta(seconds=3 * YEAR), 100, 8)
    assert outcome.items == items
    assert outcome.requests == pages(count, 100)


@pytest.mark.parametrize("count", [101, 150, 200])
def test_a_list_that_looks_long_and_is_short_takes_two_requests_more(count: int) -> None:
    items = newest_first(spread(count, (0.0, 0.001, 0.9), (0.001, 1.0, 0.1)))
    outcome = read(ListServer(items), END - timedelta(seconds=3 * YEAR), 100, 8)
    assert outcome.items == items
    assert outcome.requests <= pages(count, 100) + 2


def test_of_pages_that_overlap_what_they_add_tells_how_long_a_list_is() -> None:
    """A page of a number begins with what the one before it ends with; all tasks begin as early as with cursors."""
    items = newest_first(spread(10_000, *SPREADS["evenly"]))
    windows: Windows[Item] = Windows(seconds(FROM), 100, 8, lap=1)

    def asked() -> list[Window[Item]]:
        return list(iter(windows.next, None))

    def page(window: Window[Item], begin: int, end: int) -> None:
        windows.arrived(window, items[begin:end], cast("Any", "next"), done=False)

    (whole,) = asked()
    page(whole, 0, 100)
    _, older, *_ = asked()
    page(whole, 100, 199)
    assert older.newest is not None
    begin = sum(seconds(item.created_at) > older.newest.second for item in items)
    page(older, begin, begin + 100)
    asked()
    assert windows.in_flight == 8


MOMENTS = st.one_of(
    st.lists(st.integers(0, 10)),  # many at the same time
    st.lists(st.integers(0, 100_000), max_size=300),
    st.lists(st.floats(0, 1000, allow_nan=False), max_size=200),
    st.lists(st.tuples(st.integers(0, 10**6), st.integers(1, 40), st.integers(0, 1000)), max_size=8).map(
        lambda bursts: [start + n * width / count for start, count, width in bursts for n in range(count)]
    ),
)


@settings(max_examples=400, deadline=None)
@given(
    MOMENTS,
    st.integers(1, 7),
    st.integers(1, 32),
    st.randoms(),
    st.floats(0.05, 1),
    st.sampled_from([(1, False), (1000, False), (10**6, False), (1, True), (1000, True), (10**6, True)]),
)
def test_the_items_are_those_of_reading_page_by_page_in_the_same_order(
    ages: list[float], size: int, n: int, order: random.Random, patience: float, server: tuple[int, bool]
) -> None:
    """However they are spread, in whichever order responses arrive, and however exactly the server takes times."""
    exactness, exclusive = server
    items = newest_first([END - timedelta(seconds=age) for age in ages])
    oldest = END - timedelta(seconds=max(ages, default=0) + 1)
    outcome = read(ListServer(items, exactness, exclusive=exclusive), oldest, size, n, order, patience)
    assert outcome.items == items
    assert outcome.most_held <= PAGES_HELD * n + 1


@pytest.mark.long
@settings(max_examples=400, deadline=None)
@given(MOMENTS, st.integers(1, 7), st.integers(2, 32), st.randoms())
def test_the_requests_added_have_a_bound(ages: list[float], size: int, n: int, order: random.Random) -> None:
    """A quarter of what the list takes anyway, and 0 to 6 more.

    Each item in the half second below a boundary may come twice, and count twice; here there are none.
    """
    items = newest_first([END - timedelta(seconds=int(age) + 0.25) for age in ages])
    outcome = read(ListServer(items), END - timedelta(seconds=max(ages, default=0) + 1), size, n, order)
    sequential = pages(len(items), size)
    assert outcome.requests <= sequential + most_extra(sequential, n)
    assert most_extra(sequential, n) <= 0.25 * sequential + (0 if sequential < 2 else 2 if sequential < 4 else 6)


@pytest.mark.parametrize("exactness", [1, 1000])
def test_a_server_whose_ranges_are_without_their_ends_hides_nothing(exactness: int) -> None:
    """Items at exactly half a second, which is where windows meet."""
    items = newest_first([END - timedelta(seconds=40 * n + 0.5) for n in range(2000)])
    outcome = read(ListServer(items, exactness, exclusive=True), items[-1].created_at - timedelta(seconds=1), 20, 8)
    assert outcome.items == items


@pytest.mark.long
@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 3000),
    st.sampled_from([30.0, 150.0, 1500.0, 86_400.0]),
    st.integers(3, 20),
    st.sampled_from([1, 1000, 10**6]),
    st.randoms(),
)
def test_what_comes_twice_does_not_exceed_the_bound(
    count: int, span: float, size: int, exactness: int, chance: random.Random
) -> None:
    """However dense a list is, and however many of it lie where two windows meet."""
    items = newest_first([END - timedelta(seconds=chance.uniform(0, span)) for _ in range(count)])
    outcome = read(ListServer(items, exactness), END - timedelta(seconds=span + 1), size, 8)
    assert outcome.items == items
    assert outcome.requests <= pages(count, size) + most_extra(pages(count, size), 8)


def test_more_than_a_page_of_items_at_one_time_is_read_by_cursors() -> None:
    moments = [END - timedelta(seconds=100_000)] * 50 + [END - timedelta(seconds=400 * n) for n in range(500)]
    items = newest_first(moments)
    outcome = read(ListServer(items), END - timedelta(seconds=200_000), 10, 8)
    assert outcome.items == items


def test_a_boundary_that_the_server_cuts_down_to_where_many_items_are_gives_each_once() -> None:
    """With times cut to whole minutes nothing is known within a minute; with seconds, ties at a boundary come twice."""
    items = newest_first([END - timedelta(seconds=n // 7) for n in range(700)])
    outcome = read(ListServer(items, 10**6), END - timedelta(seconds=101), 5, 8)
    assert outcome.items == items
    assert outcome.received > len(items)


def test_of_what_was_given_only_the_end_is_remembered() -> None:
    """However long the list is: what is near the last item is what a cursor needs."""
    items = newest_first([END - timedelta(seconds=n) for n in range(5000)])
    windows: Windows[Item] = Windows(seconds(END) - 5000, 100, 1)
    for begin in range(0, 5000, 100):
        window = windows.next()
        assert window is not None
        windows.arrived(window, items[begin : begin + 100], str(begin), done=begin == 4900)
        assert windows.take() is not None
        assert len(windows._given) < 10
    assert windows.place("list").given[-1] == "txr_4999"


def test_what_a_window_is_to_hold() -> None:
    assert [aim(left, 8) for left in (1, 8, 9, 17, 25, 1000)] == [0.9, 0.9, 1.85, 2.8, 3.8, 3.8]
    assert Boundary(1_700_000_000).to == "2023-11-14T22:13:21.501Z"
    assert Boundary(1_700_000_000).from_ == "2023-11-14T22:13:19.499Z"


@pytest.mark.parametrize(
    ("times", "problem"),
    [
        ([], None),
        ([100, 100, 50], None),
        ([50, 100], "is not sorted"),
        ([103], "holds results of another time"),
        ([100, 9], None),
        ([100, 8], "holds results of another time"),
    ],
)
def test_a_page_that_cannot_be_of_its_window_is_found_out(times: list[float], problem: str | None) -> None:
    window: Window[Item] = Window(newest=Boundary(100), oldest=Boundary(10), asked_oldest=Boundary(10))
    found = misplaced(window, times)
    assert (found or "").startswith(problem or "")
    assert bool(found) == bool(problem)


def a_list(items: list[Item], exactness: int = 1, *, shown: str = "auto") -> Callable[[Asked], Reply]:
    """How a server responds that has these transfers; `shown` is how exactly it shows their times."""
    kept = ListServer(items, exactness)

    def response(asked: Asked) -> Reply:
        query = {name: value for name, (value,) in parse_qs(urlsplit(asked.target).query).items()}
        page, more = kept.page(query["from"], query.get("to"), query.get("after"), int(query["first"]))
        data = [
            {
                "id": item.id,
                "amount_in_cents": 1,
                "direction": "internal",
                "origin": "user",
                "status": "complete",
                "created_at": item.created_at.isoformat(timespec=shown),
            }
            for item in page
        ]
        page_info = {"has_next_page": more, "end_cursor": page[-1].id if page else None}
        return Reply(json.dumps({"request_id": "r", "data": data, "page_info": page_info}))

    return response


FROM = END - timedelta(seconds=3 * YEAR)
ITEMS = newest_first(spread(300, (0.0, 1.0, 1.0)))


def ids(items: list[Any]) -> list[str]:
    return [item.id for item in items]


@pytest.mark.anyio
@pytest.mark.parametrize("n", [1, 2, 8, 32])
async def test_progress_is_told_of_every_page(n: int, client: SequenceClient, server: Server) -> None:
    server.response = a_list(ITEMS)
    told: list[Progress] = []
    pager = client.transfers.list(account_id="acc_1", from_=FROM, first=5, request_id="req_mine")
    assert ids([one async for one in pager.concurrently(n, progress=told.append)]) == ids(ITEMS)
    assert [one.pages for one in told] == list(range(1, len(server.asked) + 1))
    assert (told[-1].items, told[-1].requests, told[-1].waited) == (300, len(server.asked), 0.0)
    assert len(server.asked) <= 60 + most_extra(60, n) * (n > 1)
    assert {asked.headers["X-Request-ID"] for asked in server.asked} == {"req_mine"}
    told.clear()
    assert ids(await pager.collect(12, progress=told.append)) == ids(ITEMS[:12])
    assert [(one.items, one.pages, one.requests) for one in told] == [(5, 1, 1), (10, 2, 2), (15, 3, 3)]


@pytest.mark.anyio
async def test_progress_says_what_was_repeated_and_waited_for(anyio_backend: str, server: Server) -> None:
    response, failed = a_list(ITEMS), False

    def once_failing(asked: Asked) -> Reply:
        nonlocal failed
        if len(server.asked) == 5 and not failed:
            failed = True
            return Reply("", 503, headers={"Retry-After": "0"})
        return response(asked)

    server.response = once_failing
    told: list[Progress] = []
    limit = RateLimit(20, per=200)
    clock = SkippingClock()
    async with SequenceClient(API_KEY, base_url=server.base_url, rate_limit=limit, clock=clock) as client:
        pager = client.transfers.list(account_id="acc_1", from_=FROM, first=5)
        assert len([one async for one in pager.concurrently(4, progress=told.append)]) == 300
    assert told[-1].requests == told[-1].pages + 1 == len(server.asked)
    assert told[-1].waited > 100


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("arguments", "n", "message"),
    [
        ({}, 8, "listTransfers: from_ must be given"),
        ({"from_": FROM, "after": "c"}, 8, "listTransfers: after cannot be given"),
        *[({"from_": FROM}, n, "n must be a whole number from 1 to 32") for n in (0, 33, -1, 2.0, True, "8")],
    ],
)
async def test_what_cannot_be_divided_is_refused_before_anything_is_sent(
    arguments: dict[str, Any], n: Any, message: str, client: SequenceClient, server: Server
) -> None:
    with pytest.raises(ValueError, match=message):
        client.transfers.list(account_id="acc_1", **arguments).concurrently(n)
    assert server.asked == []


@pytest.fixture(scope="module")
def history() -> Iterator[tuple[Sandbox, str]]:
    """A served sandbox of 3,000 transfers, most of them in the middle, many at the same times."""
    sandbox = Sandbox(transfers=3000, card_transactions=1000, rule_executions=700)
    moments = sorted(moment.replace(microsecond=0) for moment in spread(3000, *SPREADS["middle"]))
    timeline: Timeline[Any] = Timeline()
    for n, transfer in enumerate(sandbox.organization.transfers):
        transfer.created = moments[n - n % 130 if 1040 <= n < 1950 else n]
        timeline.add(transfer, transfer.account_ids)
    sandbox.organization.transfers = timeline
    with sandbox.serve() as base_url:
        yield sandbox, base_url


@pytest.mark.anyio
@pytest.mark.parametrize("first", [None, 30])
async def test_all_lists_of_a_sandbox_are_the_same_in_windows(
    first: int | None, anyio_backend: str, history: tuple[Sandbox, str]
) -> None:
    sandbox, base_url = history
    async with SequenceClient(sandbox.create_key(), base_url=base_url, rate_limit=None) as client:
        since = datetime(2000, 1, 1, tzinfo=UTC)
        for pager in (
            client.transfers.list(account_id="acc_01HDEF0123", from_=since, first=first),
            client.transfers.list(account_id="acc_01HDEF0123", from_=FROM, to=END, status="complete", first=first),
            client.cards.list_transactions(CARD, from_=since, first=first),
            client.rule_executions.list(rule_id="rule_01HXYZ1234", from_=since, first=first),
        ):
            expected = ids(await pager.collect())
            assert len(expected) > 500
            for n in (3, 8):
                assert ids([one async for one in pager.concurrently(n)]) == expected


def failing(items: list[Item], where: str) -> Callable[[Asked], Reply]:
    """A server whose responses to the requests for the middle of the list are bad."""
    response = a_list(items)

    def bad(asked: Asked) -> Reply:
        reply = response(asked)
        body = json.loads(reply.body)
        if any(item["id"] == "txr_150" for item in body["data"]):
            if where == "status":
                return Reply("", 500)
            if where == "cursor":
                body["page_info"] = {"has_next_page": True, "end_cursor": None}
            else:
                body["data"].insert(0, {**body["data"][0], "id": "txr_odd", "created_at": FROM.isoformat()})
        return Reply(json.dumps(body))

    return bad


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("where", "error", "message"),
    [
        ("status", InternalServerError, "500"),
        ("cursor", PaginationError, "has a next page, but no cursor to it"),
        ("order", PaginationError, "is not sorted from the newest to the oldest"),
    ],
)
async def test_an_error_comes_behind_what_is_complete_before_it_and_stays(
    where: str, error: type[Exception], message: str, client: SequenceClient, server: Server
) -> None:
    server.response = failing(ITEMS, where)
    items = client.transfers.list(account_id="acc_1", from_=FROM, first=5).concurrently(8)
    seen: list[Any] = []
    with pytest.raises(error, match=message):
        async for one in items:
            seen.append(one)
    assert ids(seen) == ids(ITEMS[: len(seen)])
    assert 0 < len(seen) < 300
    await anyio.sleep(0.05)  # what was sent before may still be on its way
    asked = len(server.asked)
    for _ in range(2):
        with pytest.raises(error):
            await anext(items)
    await anyio.sleep(0.05)
    assert len(server.asked) == asked


@pytest.mark.anyio
@pytest.mark.parametrize("n", [1, 8])
async def test_pages_in_windows_lead_back_to_where_one_stopped(n: int, client: SequenceClient, server: Server) -> None:
    """In another process, say; also where several were created at the same time, and up to a moment of the caller's."""
    items = newest_first([*spread(200, (0.0, 1.0, 1.0)), *[END - timedelta(seconds=900)] * 12])
    server.response = a_list(items)
    pager = client.transfers.list(account_id="acc_1", from_=FROM, to=END - timedelta(seconds=900.3), first=5)
    whole: list[str] = []
    cursors: list[tuple[int, str]] = []
    async for page in pager.concurrently(n).pages():
        whole += ids(page.data)
        assert page.end_cursor
        cursors.append((len(whole), page.end_cursor))
    assert whole == ids([item for item in items if item.created_at <= END - timedelta(seconds=900.3)])
    assert page.has_next_page is False
    for count, cursor in cursors:
        assert len(cursor) < 600
        assert ids([one async for one in pager.concurrently(n, after=cursor)]) == whole[count:]
    other = client.transfers.list(account_id="acc_2", from_=FROM)
    with pytest.raises(InvalidArgumentError, match="after is a cursor of another list"):
        other.concurrently(n, after=cursors[0][1])
    for wrong in ("txr_5", cursors[0][1][:-9], "window1_", 5, b"window1_"):
        with pytest.raises(InvalidArgumentError, match="token that concurrently gave"):
            pager.concurrently(n, after=wrong)  # type: ignore[arg-type]
    place = unpack("window1_", cursors[0][1], Place, "concurrently")
    for second in (10**18, -(10**12)):
        with pytest.raises(InvalidArgumentError, match="no moment of the calendar"):
            pager.concurrently(n, after=pack("window1_", evolve(place, second=second)))


@pytest.mark.anyio
@pytest.mark.parametrize(("exactness", "shown"), [(1, "seconds"), (10**6, "auto"), (10**6, "seconds")])
async def test_a_reading_goes_on_without_a_gap_however_exactly_the_server_takes_times(
    exactness: int, shown: str, client: SequenceClient, server: Server
) -> None:
    """All documented examples show whole seconds."""
    moments = [END - timedelta(seconds=20 * n) for n in range(3)]
    moments += [END - timedelta(seconds=20 - n / 10) for n in (9, 8, 7, 6)]
    server.response = a_list(newest_first(moments), exactness, shown=shown)
    pager = client.transfers.list(account_id="acc_1", from_=END - timedelta(hours=1), first=2)
    whole: list[str] = []
    async for page in pager.concurrently(4).pages():
        whole += ids(page.data)
        rest = [one.id async for one in pager.concurrently(4, after=page.end_cursor)] if page.end_cursor else []
        assert whole + rest == [f"txr_{n}" for n in range(7)]


@pytest.mark.anyio
async def test_the_last_page_says_so_and_there_is_one_at_least(client: SequenceClient, server: Server) -> None:
    for items in ([], ITEMS[:5], ITEMS):
        server.response = a_list(items)
        pager = client.transfers.list(account_id="acc_1", from_=FROM, first=5)
        pages = [page async for page in pager.concurrently(4).pages()]
        assert [page.has_next_page for page in pages] == [True] * (len(pages) - 1) + [False]
        assert [one.id for page in pages for one in page.data] == ids(items)


@pytest.mark.anyio
async def test_cursors_that_repeat_end_in_an_error(client: SequenceClient, server: Server) -> None:
    response = a_list(ITEMS)
    server.response = lambda asked: Reply(
        re.sub(r'"end_cursor": "\w+"', '"end_cursor": "txr_4"', str(response(asked).body))
    )
    with pytest.raises(PaginationError, match="the page repeats"):
        async for _ in client.transfers.list(account_id="acc_1", from_=FROM, first=5).concurrently(2):
            pass


@pytest.mark.anyio
async def test_a_server_that_does_not_keep_to_a_range_is_found_out(client: SequenceClient, server: Server) -> None:
    response = a_list(ITEMS)

    def without_to(asked: Asked) -> Reply:
        asked.target = re.sub("&to=[^&]*", "", asked.target)
        return response(asked)

    server.response = without_to
    with pytest.raises(PaginationError, match=r"not sorted|holds results of another time"):
        async for _ in client.transfers.list(account_id="acc_1", from_=FROM, first=5).concurrently(4):
            pass


@pytest.mark.anyio
async def test_an_error_of_the_callers_own_function_is_raised_too(client: SequenceClient, server: Server) -> None:
    server.response = a_list(ITEMS)

    def tell(_: Progress) -> None:
        raise KeyError("mine")

    with pytest.raises(KeyError, match="mine"):
        async for _ in client.transfers.list(account_id="acc_1", from_=FROM).concurrently(progress=tell):
            pass


@pytest.mark.anyio
@pytest.mark.parametrize("way", ["break", "raise", "aclose", "cancel"])
async def test_leaving_early_cancels_all_that_is_fetched(way: str, anyio_backend: str, server: Server) -> None:
    server.response = a_list(ITEMS)
    async with (
        httpx.AsyncClient() as http,
        SequenceClient(API_KEY, base_url=server.base_url, http_client=http, rate_limit=RateLimit(10**6)) as client,
    ):
        before = number_of_tasks(anyio_backend)
        pager = client.transfers.list(account_id="acc_1", from_=FROM, first=1)

        async def consume() -> None:
            seen = 0
            async for _ in pager.concurrently(8):
                seen += 1
                if seen == 20 and way == "break":
                    break
                if seen == 20 and way == "raise":
                    raise KeyError
                if seen == 20:
                    await anyio.sleep(10)

        if way == "aclose":
            items = pager.concurrently(8)
            await anext(items)
            await items.aclose()  # type: ignore[attr-defined]
            with pytest.raises(StopAsyncIteration):
                await anext(items)
        elif way == "break":
            await consume()
        elif way == "raise":
            with pytest.raises(KeyError):
                await consume()
        else:
            with anyio.move_on_after(0.5):
                await consume()
        await until(lambda: left_behind(client, http) == NOTHING)
        await until(lambda: number_of_tasks(anyio_backend) == before)
        assert len(server.asked) <= 1.25 * (20 + 8 * (PAGES_HELD + 1)) + 6


@pytest.mark.anyio
# Before 4.16, anyio left the socket of a connection that is cancelled while it is made to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
async def test_cancelled_at_any_point_nothing_is_left(anyio_backend: str, server: Server) -> None:
    server.response = a_list(ITEMS)
    async with (
        httpx.AsyncClient() as http,
        SequenceClient(API_KEY, base_url=server.base_url, http_client=http, rate_limit=RateLimit(10**6)) as client,
    ):

        async def consume() -> None:
            async for _ in client.transfers.list(account_id="acc_1", from_=FROM, first=20).concurrently(4):
                await anyio.lowlevel.checkpoint()

        cancelled = 0
        for steps in [*range(40), *range(40, 800, 37)]:
            cancelled += await call_and_cancel(consume, steps)
        assert cancelled >= 20
        await until(lambda: left_behind(client, http) == NOTHING)
        assert ids([one async for one in client.transfers.list(account_id="acc_1", from_=FROM).concurrently()]) == ids(
            ITEMS
        )


@pytest.mark.anyio
async def test_a_consumer_that_was_cancelled_goes_on_without_a_gap(client: SequenceClient, server: Server) -> None:
    response = a_list(ITEMS)

    def slowly(asked: Asked) -> Reply:
        reply = response(asked)
        reply.before = lambda: time.sleep(0.01)
        return reply

    server.response = slowly
    items = client.transfers.list(account_id="acc_1", from_=FROM, first=20).concurrently(4)
    seen: list[Any] = []
    for wait in (0.0, 0.005, 0.02, 0.03, 0.035):
        with anyio.move_on_after(wait) as scope:
            while True:
                seen.append(await anext(items))
        assert scope.cancelled_caught
    assert len(seen) < 300
    seen += [one async for one in items]
    assert ids(seen) == ids(ITEMS)


@pytest.mark.anyio
async def test_a_consumer_that_stops_holds_a_bounded_number_of_pages(client: SequenceClient, server: Server) -> None:
    server.response = a_list(ITEMS)
    items: Any = client.transfers.list(account_id="acc_1", from_=FROM, first=1).concurrently(4)
    seen = [await anext(items)]
    for _ in range(60):
        seen.append(await anext(items))
    windows = items._source._reading.windows
    with anyio.fail_after(60):
        while windows.in_flight or windows.held < 10:  # between two pages, nothing is in flight either
            await anyio.sleep(0.05)
    await anyio.sleep(0.05)
    assert (windows.in_flight, windows.held <= PAGES_HELD * 4 + 1) == (0, True)
    assert ids(seen + [one async for one in items]) == ids(ITEMS)


@pytest.mark.anyio
async def test_closing_the_client_ends_it(anyio_backend: str, server: Server) -> None:
    server.response = lambda asked: Reply("", 429, headers={"Retry-After": "60"})
    client = SequenceClient(API_KEY, base_url=server.base_url)
    items = client.transfers.list(account_id="acc_1", from_=FROM).concurrently()
    raised: list[Exception] = []

    async def consume() -> None:
        with pytest.raises(APIConnectionError, match="the client was closed while") as caught:
            await anext(items)
        raised.append(caught.value)

    with anyio.fail_after(5):
        async with anyio.create_task_group() as group:
            group.start_soon(consume)
            await until(lambda: len(server.asked) == 1)
            await anyio.sleep(0.05)
            await client.aclose()
    assert raised
    with pytest.raises((APIConnectionError, ConfigurationError)):
        await anext(items)
    with pytest.raises(ConfigurationError, match="this client is closed"):
        await anext(client.transfers.list(account_id="acc_1", from_=FROM).concurrently())


@pytest.mark.anyio
async def test_one_iterator_is_for_one_task(client: SequenceClient, server: Server) -> None:
    server.response = a_list(ITEMS)
    items = client.transfers.list(account_id="acc_1", from_=FROM).concurrently()
    raised: list[str] = []

    async def advance() -> None:
        try:
            await anext(items)
        except RuntimeError as error:
            raised.append(str(error))

    async with anyio.create_task_group() as group:
        group.start_soon(advance)
        group.start_soon(advance)
    assert raised == ["listTransfers: two tasks iterate over the same iterator; give each its own"]


def test_the_example_shows_its_progress(history: tuple[Sandbox, str]) -> None:
    sandbox, base_url = history
    example = Path(__file__).parents[2] / "examples" / "progress.py"
    assert len(example.read_text().splitlines()) < 40
    shown = subprocess.run(
        [sys.executable, example],
        env={**os.environ, "SEQUENCE_API_KEY": sandbox.create_key(), "SEQUENCE_BASE_URL": base_url, "COLUMNS": "120"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    assert re.search(r"3,000 transfers in \d\d pages, \d\d requests, waited 0.0 s", shown.stdout)
    assert "3000 transfers of" in shown.stdout
