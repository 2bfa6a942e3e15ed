"""Lists whose pages are counted, while items appear and leave: each that is there throughout comes exactly once."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from attrs import frozen
from hypothesis import given, settings, strategies as st

from sequence_platform_client import api
from sequence_runtime import Call
from sequence_sdk.pages import Page, begin, with_query
from sequence_sdk.trails import PASSES, SnapshotTrail, TimeTrail, at, number, trail

START = datetime(2026, 4, 1, 12, tzinfo=UTC)
SIZE = 5

TRANSFERS: Call[Any, list[Any]] = begin(api.list_transfers(account_ids=["a"], page_size=SIZE))
ACCOUNTS: Call[Any, list[Any]] = begin(api.list_accounts(page_size=SIZE))


@frozen
class Item:
    id: str
    created_at: datetime


class Counted:
    """A list in memory with pages that are counted; something may happen to it before each of its responses."""

    def __init__(self, items: list[Item], meanwhile: Callable[[Counted], None] = lambda _: None) -> None:
        self.items = items
        self.meanwhile = meanwhile
        self.requests = 0
        self.most = 500

    def page(self, call: Call[Any, list[Any]]) -> Page[Item]:
        self.requests += 1
        assert self.requests < self.most, "the list has no end"
        if self.requests > 1:
            self.meanwhile(self)
        query = call.request.query
        end = datetime.fromisoformat(str(query["to"])) if "to" in query else datetime.max.replace(tzinfo=UTC)
        listed = [one for one in self.items if one.created_at <= end]
        size = int(str(query["pageSize"]))
        begin = size * (number(call) - 1)
        return Page(
            data=listed[begin : begin + size],
            has_next_page=len(listed) > begin + size,
            end_cursor=None,
            request_id="r",
        )


def read(server: Counted, call: Call[Any, list[Any]] = TRANSFERS) -> tuple[list[str], str | None]:
    """The IDs that a reader is given, and why it did not get to the end."""
    follower, given, next = trail(call), list[str](), call
    while True:
        step = follower.take(next, server.page(next))
        given += [one.id for page in step.pages for one in page.data]
        if step.problem is not None or step.next is None:
            return given, step.problem
        next = step.next


def newest_first(seconds: list[int]) -> list[Item]:
    moments = sorted((START - timedelta(seconds=one) for one in seconds), reverse=True)
    return [Item(f"t{index}", moment) for index, moment in enumerate(moments)]


def churn(seed: int, leaving: float, appearing: float) -> Callable[[Counted], None]:
    """Items leave, and others appear: at the top, and among the newest ones."""
    order = random.Random(seed)
    made = iter(range(10**6))

    def happen(server: Counted) -> None:
        server.items = [one for one in server.items if order.random() >= leaving]
        while order.random() < appearing:
            newest = server.items[0].created_at if server.items else START
            where = order.choice(
                [newest, newest + timedelta(seconds=1), newest + timedelta(seconds=order.randint(2, 9))]
            )
            server.items.insert(0, Item(f"new{next(made)}", where))

    return happen


@settings(max_examples=300, deadline=None)
@given(
    gaps=st.lists(st.sampled_from([0, 0, 0, 0, 1, 2, 60]), max_size=60),
    seed=st.integers(0, 10**6),
    leaving=st.sampled_from([0.0, 0.02, 0.2, 0.6]),
    appearing=st.sampled_from([0.0, 0.3, 0.7]),
)
def test_what_is_there_throughout_comes_once_and_in_order(
    gaps: list[int], seed: int, leaving: float, appearing: float
) -> None:
    seconds, now = list[int](), 0
    for gap in gaps:
        now += gap
        seconds.append(now)
    before = newest_first(seconds)
    server = Counted(list(before), churn(seed, leaving, appearing))
    given_ids, problem = read(server)
    after = {one.id for one in server.items}
    throughout = [one.id for one in before if one.id in after]
    assert problem is None
    assert [id for id in given_ids if id in set(throughout)] == throughout
    assert len(set(given_ids)) == len(given_ids)


def test_a_list_by_time_takes_few_requests_more_than_it_has_pages() -> None:
    server = Counted(newest_first([60 * one for one in range(1000)]))
    given_ids, _ = read(server)
    assert len(given_ids) == 1000
    assert server.requests <= 1.3 * 1000 / SIZE  # of a page of 5 items, 1 is known: of 100, 1, too


def test_by_the_numbers_of_pages_items_would_be_lost() -> None:
    """The same list, followed as its pages are counted: what the rest of this module is for."""
    lost = 0
    for seed in range(20):
        before = newest_first([60 * one for one in range(200)])
        server = Counted(list(before), churn(seed, 0.01, 0.0))
        given_ids, page = set[str](), 1
        while True:
            call = begin(api.list_transfers(account_ids=["a"], page_size=SIZE))
            found = server.page(at(call, str(page)))
            given_ids.update(one.id for one in found.data)
            if not found.has_next_page:
                break
            page += 1
        lost += sum(one.id not in given_ids for one in server.items)
    assert lost > 20


def test_what_appears_while_one_reads_is_not_given_in_the_middle_of_what_is_older() -> None:
    before = newest_first([10 * one for one in range(50)])
    late = Item("late", before[3].created_at)

    def appear(server: Counted) -> None:
        if late not in server.items:
            server.items.insert(3, late)

    given_ids, _ = read(Counted(list(before), appear))
    assert given_ids == [one.id for one in before]


def test_the_first_bound_is_the_window_of_the_response_and_never_a_clock() -> None:
    moment = START - timedelta(days=400)

    @frozen
    class Window:
        from_: datetime
        to: datetime
        truncated: bool = False

    follower = TimeTrail(TRANSFERS, _timeline())
    items = [Item(f"t{one}", moment) for one in range(SIZE)]
    page: Page[Item] = Page(
        data=items,
        has_next_page=True,
        end_cursor=None,
        request_id="r",
        window=Window(moment, moment + timedelta(microseconds=5)),
    )
    step = follower.take(TRANSFERS, page)
    assert step.next is not None
    assert datetime.fromisoformat(str(step.next.request.query["to"])) == moment + timedelta(microseconds=5)


def _timeline() -> Any:
    timeline = api.LIST_TRANSFERS.timeline
    assert timeline is not None
    return timeline


def test_the_end_that_was_asked_for_is_never_passed() -> None:
    end = START - timedelta(seconds=1)
    asked = list[datetime]()

    class Bounded(Counted):
        def page(self, call: Call[Any, list[Any]]) -> Page[Item]:
            asked.append(datetime.fromisoformat(str(call.request.query["to"])))
            return super().page(call)

    call = begin(api.list_transfers(account_ids=["a"], page_size=SIZE, to=end))
    given_ids, problem = read(Bounded(newest_first([0] * 7 + [1] * 12 + [2] * 3)), call)
    assert (given_ids, problem) == ([f"t{one}" for one in range(7, 22)], None)
    assert max(asked) == end


def test_new_items_within_the_second_of_an_end_ahead_change_no_order() -> None:
    """The page that is stepped back to is newer than what was read."""
    before = newest_first([0] * 40)
    made = iter(range(1000))

    def appear(server: Counted) -> None:
        for _ in range(6):
            server.items.insert(0, Item(f"new{next(made)}", START + timedelta(milliseconds=400)))

    call = begin(api.list_transfers(account_ids=["a"], page_size=SIZE, to=START + timedelta(days=1)))
    server = Counted(list(before), appear)
    follower, next_call, times = trail(call), call, list[datetime]()
    for _ in range(30):
        step = follower.take(next_call, server.page(next_call))
        assert step.problem is None
        times += [one.created_at for page in step.pages for one in page.data]
        if step.next is None:
            break
        next_call = step.next
    assert times == sorted(times, reverse=True)
    assert times.count(START) == len(before)


def test_a_server_whose_pages_are_smaller_is_followed_within_a_second() -> None:
    class Small(Counted):
        def page(self, call: Call[Any, list[Any]]) -> Page[Item]:
            size = min(10, int(str(call.request.query["pageSize"])))
            return super().page(with_query(call, pageSize=str(size)))

    server = Small(newest_first([0] * 95))
    given_ids, problem = read(server, begin(api.list_transfers(account_ids=["a"])))
    assert (len(given_ids), len(set(given_ids)), problem) == (95, 95, None)


def test_times_at_the_end_of_the_calendar_are_no_crash() -> None:
    last = datetime.max.replace(tzinfo=UTC)
    assert read(Counted([Item(f"t{one}", last) for one in range(9)])) == ([], "has a time at the end of the calendar")


def test_a_page_that_holds_something_twice_is_none() -> None:
    item = Item("t1", START)
    assert read(Counted([item, item]), ACCOUNTS) == ([], "repeats results")


@pytest.mark.parametrize("ignored", ["to", "page"])
def test_a_server_that_ignores_a_parameter_ends_in_an_error(ignored: str) -> None:
    items = newest_first([0] * 12 if ignored == "page" else [10 * one for one in range(12)])

    class Ignorant(Counted):
        def page(self, call: Call[Any, list[Any]]) -> Page[Item]:
            self.requests += 1
            assert self.requests < 20
            return Page(data=items[:SIZE], has_next_page=True, end_cursor=None, request_id="r")

    server = Ignorant(items)
    given_ids, problem = read(server)
    assert given_ids == [one.id for one in items[:SIZE]]
    assert problem == "repeats results"
    assert server.requests <= 3


def test_a_list_that_is_not_sorted_is_not_followed() -> None:
    items = newest_first([0, 10, 20])
    server = Counted([items[1], items[0], items[2]])
    assert read(server) == ([], "is not sorted from the newest to the oldest")


# ----------------------------------------------------------------------------------------------- lists without times


def test_one_page_is_a_snapshot_and_is_read_once() -> None:
    server = Counted(newest_first([0] * SIZE))
    assert read(server, ACCOUNTS) == ([f"t{one}" for one in range(SIZE)], None)
    assert server.requests == 1


def test_several_pages_are_read_twice() -> None:
    server = Counted(newest_first([0] * (2 * SIZE + 1)))
    assert read(server, ACCOUNTS) == ([f"t{one}" for one in range(2 * SIZE + 1)], None)
    assert server.requests == 6


def test_a_list_that_changes_once_is_read_three_times_and_given_as_it_is_then() -> None:
    def leave(server: Counted) -> None:
        if server.requests == 2:
            del server.items[0]  # which moves an item to the page that was read

    server = Counted(newest_first([0] * (3 * SIZE)), leave)
    assert read(server, ACCOUNTS) == ([f"t{one}" for one in range(1, 3 * SIZE)], None)
    assert server.requests == 9


def test_a_list_that_changes_all_the_time_is_an_error_and_gives_nothing() -> None:
    server = Counted(newest_first([0] * 40), lambda server: server.items.__delitem__(0))
    given_ids, problem = read(server, ACCOUNTS)
    assert given_ids == []
    assert problem is not None
    assert f"each of the {PASSES} times" in problem


@settings(max_examples=200, deadline=None)
@given(seed=st.integers(0, 10**6), count=st.integers(0, 30), leaving=st.sampled_from([0.0, 0.01, 0.1]))
def test_a_list_without_times_is_complete_or_an_error(seed: int, count: int, leaving: float) -> None:
    before = newest_first([0] * count)
    server = Counted(list(before), churn(seed, leaving, leaving))
    given_ids, problem = read(server, ACCOUNTS)
    if problem is None:
        after = {one.id for one in server.items}
        assert [id for id in given_ids if id in after] == [one.id for one in server.items if one.id in set(given_ids)]
        assert {one.id for one in before if one.id in after} <= set(given_ids)
    else:
        assert given_ids == []


def test_a_list_is_followed_by_what_its_operation_says() -> None:
    assert isinstance(trail(TRANSFERS), TimeTrail)
    assert isinstance(trail(ACCOUNTS), SnapshotTrail)
