"""What is new of an account's transfers: all of it, none twice, and for the fewest requests."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import inspect
import os
import re
import sqlite3
import string
import subprocess
import sys
import zlib
from collections.abc import AsyncIterator, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest
from attrs import evolve, frozen
from hypothesis import given, settings, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sequence_api_client import api
from sequence_sandbox import Sandbox
from sequence_sdk import APIError, Clock, InternalServerError, Many, NotFoundError, Page, SequenceClient
from sequence_sdk.changes import sync
from sequence_sdk.changes.sync import TOKEN, Position, Seen
from sequence_sdk.clock import SYSTEM_CLOCK
from sequence_sdk.models import Transfer, TransferDirection, TransferOrigin, TransferStatus
from sequence_sdk.tokens import pack, unpack

from ..conftest import Server

POD, CARD_DEBT = "acc_01HDEF0123", "acc_01HGHI7890"
ROOT = Path(__file__).parents[2]
MOMENT = datetime(2024, 4, 1, tzinfo=UTC)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FINAL = ("complete", "incomplete", "error", "cancelled")
OPEN = ("pending_approval", "processing", "pending", "brand_new")
LATER = datetime(2100, 1, 1, tzinfo=UTC)


def transfer(id: str, created: datetime, status: str = "complete") -> Transfer:
    return Transfer(
        id=id,
        amount_in_cents=100,
        direction=TransferDirection.INTERNAL,
        origin=TransferOrigin.USER,
        status=TransferStatus(status),
        created_at=created,
    )


@frozen
class Connection:
    closed: bool = False
    clock: Clock = SYSTEM_CLOCK


@frozen
class NoSession:
    """As much of a session as is looked at."""

    connection: Connection = Connection()


@frozen
class StoppedClock(Clock):
    """One that shows this time."""

    time: datetime

    def now(self) -> datetime:
        return self.time


class Pages:
    """Pages, and the headers that they come with."""

    def __init__(self, pages: AsyncIterator[Page[Transfer]], headers: Mapping[str, str], size: int) -> None:
        self._pages = pages
        self.headers = headers
        self.size = size

    def __aiter__(self) -> AsyncIterator[Page[Transfer]]:
        return self._pages


class Account:
    """A server's list of one account's transfers, newest first, in pages."""

    def __init__(self, page_size: int) -> None:
        self.page_size = page_size
        self.transfers: list[Transfer] = []
        """From the newest to the oldest."""
        self.requests = 0
        self.asked: list[str] = []
        """What was asked for by ID."""
        self.left_out: set[str] = set()
        """What is not shown, as by a copy of the server's that lags behind."""
        self.date: datetime | None = None
        """What the server's clock shows, if it says so."""
        self.clock: Clock = SYSTEM_CLOCK
        """That of the client."""

    def add(self, one: Transfer) -> None:
        """One that appears now, before those that are as new."""
        self.transfers.append(one)
        self.transfers.sort(key=lambda one: one.created_at, reverse=True)

    def set(self, id: str, status: str) -> None:
        changed = [evolve(one, status=TransferStatus(status)) if one.id == id else one for one in self.transfers]
        self.transfers = changed

    def listed(self, start: datetime) -> list[Transfer]:
        return [one for one in self.transfers if one.created_at >= start and one.id not in self.left_out]

    async def pages(self, start: datetime) -> AsyncIterator[Page[Transfer]]:
        listed, at = self.listed(start), 0
        while True:
            self.requests += 1
            data, at = listed[at : at + self.page_size], at + self.page_size
            yield Page(data=data, has_next_page=at < len(listed), end_cursor=str(at), request_id="req_1")
            if at >= len(listed):
                return

    async def get(self, id: str) -> Transfer:
        self.requests += 1
        self.asked.append(id)
        for one in self.transfers:
            if one.id == id and id not in self.left_out:
                return one
        raise NotFoundError("no", operation="getTransfer", request_id="req_1")

    async def get_many(self, ids: list[str]) -> Many[Transfer]:
        results: dict[str, Transfer] = {}
        failures: dict[str, APIError] = {}
        for id in ids:
            try:
                results[id] = await self.get(id)
            except NotFoundError as failure:
                failures[id] = failure
        return Many(results=results, failures=failures)

    def since(self, last: datetime | str, overlap: timedelta = HOUR) -> sync.Changes[Transfer]:
        position = sync.begin(last, POD, api.get_transfer)
        pages = self.pages(position.asked_from)

        async def changes() -> sync.Changes[Transfer]:
            async with contextlib.aclosing(pages):  # type: ignore[type-var]
                headers = {"date": format_datetime(self.date, usegmt=True)} if self.date else {}
                session: Any = NoSession(Connection(clock=self.clock))
                listed: Any = Pages(pages, headers, self.page_size)
                return await sync.changes(
                    session, position, listed, self.get_many, is_terminal=FINAL.__contains__, overlap=overlap
                )

        return asyncio.run(changes())

    def fewest(self, position: Position) -> int:
        """How many requests are enough: pages down to some place, and one for each that is watched beyond it."""
        listed = self.listed(position.asked_from)
        pages = [listed[at : at + self.page_size] for at in range(0, len(listed), self.page_size)] or [[]]
        needed = 1
        while needed < len(pages) and pages[needed - 1][-1].created_at >= position.start:
            needed += 1
        watched = {one.id for one in position.watched}
        return min(
            number + len(watched - {one.id for page in pages[:number] for one in page})
            for number in range(needed, len(pages) + 1)
        )


class Copying(RuleBasedStateMachine):
    """A copy that is kept current while its account changes, by a program that may crash at any point."""

    page_size = 3

    def __init__(self) -> None:
        super().__init__()
        self.account = Account(self.page_size)
        self.numbers = iter(range(10**6))
        self.newest = MOMENT
        self.last: datetime | str = MOMENT
        self.overlap = HOUR
        self.copy: dict[str, str] = {}
        self.copy_at_last: dict[str, str] = {}
        """The copy when the token was stored."""
        self.given_up: set[str] = set()
        self.lagged = False
        """Whether the token is from a copy that lagged behind: places in it are then estimates, and requests more."""
        self.patch = pytest.MonkeyPatch()

    def teardown(self) -> None:
        self.patch.undo()

    @initialize(hours=st.sampled_from([0, 1, 30]))
    def choose(self, hours: int) -> None:
        self.overlap = timedelta(hours=hours)

    def appear(self, created: datetime, status: str) -> None:
        self.account.add(transfer(f"txr_{next(self.numbers)}", created, status))
        self.newest = max(self.newest, created)

    @rule(
        passed=st.sampled_from([timedelta(), timedelta(microseconds=1), timedelta(minutes=20), HOUR, DAY, 5 * DAY]),
        statuses=st.lists(st.sampled_from(OPEN + FINAL), min_size=1, max_size=7),
    )
    def some_appear(self, passed: timedelta, statuses: list[str]) -> None:
        for status in statuses:
            self.appear(self.newest + passed, status)

    @rule(share=st.floats(0, 1), status=st.sampled_from(OPEN + FINAL))
    def one_appears_late(self, share: float, status: str) -> None:
        self.appear(max(MOMENT, self.newest - self.overlap * share), status)

    @precondition(lambda self: any(one.status in OPEN for one in self.account.transfers))
    @rule(data=st.data())
    def one_changes(self, data: st.DataObject) -> None:
        """Statuses do not go back; or one that did before the token was stored would not be seen."""
        going_on = [one for one in self.account.transfers if one.status in OPEN]
        one = data.draw(st.sampled_from(going_on))
        self.account.set(one.id, data.draw(st.sampled_from([*OPEN, *FINAL][OPEN.index(one.status) + 1 :])))

    @rule(crash=st.sampled_from(["no", "no", "before the copy", "before the token"]))
    def copy_it(self, crash: str) -> None:
        before = sync.begin(self.last, POD, str)
        self.account.requests = 0
        changes = self.account.since(self.last, self.overlap)
        assert changes.requests == self.account.requests
        assert self.lagged or changes.requests == self.account.fewest(before)
        reported = {one.id: str(one.status) for one in changes.data}
        assert len(reported) == len(changes.data)
        assert all(self.copy_at_last.get(id) != status for id, status in reported.items())  # none comes twice
        assert [one.created_at for one in changes.data] == sorted(one.created_at for one in changes.data)
        if crash == "before the copy":
            return
        self.copy |= reported
        if crash == "before the token":
            return
        self.last, self.copy_at_last, self.lagged = changes.token, dict(self.copy), False
        now = sync.begin(self.last, POD, str)
        assert now.start >= before.start
        self.give_up(now)
        actual = {one.id: str(one.status) for one in self.account.transfers}
        assert self.copy.keys() == actual.keys()
        assert {id for id in actual if self.copy[id] != actual[id]} <= self.given_up
        again = self.account.since(self.last, self.overlap)
        assert again.data == []
        assert sync.begin(again.token, POD, str) == now

    def give_up(self, now: Position) -> None:
        too_old = now.start - sync.WATCHED_FOR
        for one in self.account.transfers:
            if one.created_at < too_old and (one.status in OPEN or self.copy.get(one.id) in OPEN):
                self.given_up.add(one.id)

    @precondition(lambda self: self.copy_at_last)
    @rule(data=st.data())
    def one_call_is_served_by_a_copy_that_lags_behind(self, data: st.DataObject) -> None:
        """Some that are known are in no list, and not found: that is no change, and hides none."""
        self.account.left_out = set(data.draw(st.lists(st.sampled_from(sorted(self.copy_at_last)), min_size=1)))
        changes = self.account.since(self.last, self.overlap)
        self.account.left_out.clear()
        reported = {one.id: str(one.status) for one in changes.data}
        assert all(self.copy_at_last.get(id) != status for id, status in reported.items())
        self.copy |= reported
        self.last, self.lagged = changes.token, True
        self.copy_at_last |= reported
        self.give_up(sync.begin(self.last, POD, str))

    @invariant()
    def nothing_is_made_up(self) -> None:
        assert self.copy.keys() <= {one.id for one in self.account.transfers}


class CopyingInLargePages(Copying):
    page_size = 8


TestCopying = Copying.TestCase
TestCopying.settings = settings(max_examples=80, stateful_step_count=25, deadline=None)
TestCopyingInLargePages = CopyingInLargePages.TestCase
TestCopyingInLargePages.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_nothing_new_is_one_request_and_the_same_position() -> None:
    account = Account(100)
    for number in range(90):
        account.add(transfer(f"txr_{number}", MOMENT + number * HOUR))
    account.add(transfer("txr_old", MOMENT + HOUR, "pending"))
    first = account.since(MOMENT)
    assert (len(first.data), first.requests) == (91, 1)
    again = account.since(first.token)
    assert (again.data, again.requests) == ([], 1)  # the pending one is on the same page
    assert sync.begin(again.token, POD, str) == sync.begin(first.token, POD, str)


def test_first_of_all_comes_what_was_created_at_the_moment_or_later() -> None:
    account = Account(100)
    for number in range(-3, 3):
        account.add(transfer(f"txr_{number}", MOMENT + number * HOUR))
    assert [one.id for one in account.since(MOMENT).data] == ["txr_0", "txr_1", "txr_2"]
    assert account.since(MOMENT + DAY).data == []
    late = account.since(account.since(MOMENT).token, overlap=DAY)
    account.add(transfer("txr_before", MOMENT - HOUR))
    assert account.since(late.token).data == []  # however large the overlap


def test_equal_moments_hide_nothing() -> None:
    account = Account(100)
    account.add(transfer("txr_1", MOMENT))
    token = account.since(MOMENT, timedelta()).token
    account.add(transfer("txr_2", MOMENT))
    assert [one.id for one in account.since(token, timedelta()).data] == ["txr_2"]


def test_later_than_the_overlap_is_too_late() -> None:
    account = Account(100)
    account.add(transfer("txr_1", MOMENT + DAY))
    token = account.since(MOMENT).token
    account.add(transfer("txr_2", MOMENT + DAY - HOUR))
    account.add(transfer("txr_3", MOMENT + DAY - HOUR - timedelta(microseconds=1)))
    assert [one.id for one in account.since(token).data] == ["txr_2"]


def test_one_that_is_dated_ahead_does_not_hide_those_until_then() -> None:
    account = Account(100)
    account.add(transfer("txr_1", LATER))
    token = account.since(MOMENT).token
    account.add(transfer("txr_2", datetime.now(UTC)))
    assert [one.id for one in account.since(token).data] == ["txr_2"]


def test_one_long_pending_is_asked_for_by_its_id_and_many_by_the_pages_up_to_them() -> None:
    account = Account(100)
    account.add(transfer("txr_old", MOMENT, "pending"))
    for number in range(900):
        account.add(transfer(f"txr_{number}", MOMENT + DAY + number * timedelta(minutes=10)))
    token = account.since(MOMENT).token
    assert account.since(token).requests == 2
    account.set("txr_old", "complete")
    changes = account.since(token)
    assert ([one.id for one in changes.data], changes.requests) == (["txr_old"], 2)
    assert account.since(changes.token).requests == 1

    for number in range(150, 170):
        account.set(f"txr_{number + 580}", "pending")  # all of them on the second page
    token = account.since(MOMENT).token
    assert account.since(token).requests == 2


def test_one_on_the_next_page_is_asked_for_by_its_id_since_that_response_is_smaller() -> None:
    account = Account(100)
    account.add(transfer("txr_old", MOMENT, "pending"))
    for number in range(120):
        account.add(transfer(f"txr_{number}", MOMENT + DAY + number * HOUR))
    token = account.since(MOMENT).token
    account.asked.clear()
    assert account.since(token).requests == 2
    assert account.asked == ["txr_old"]


def test_what_never_ends_is_watched_for_two_weeks() -> None:
    account = Account(100)
    account.add(transfer("txr_old", MOMENT, "pending"))
    account.add(transfer("txr_1", MOMENT + 14 * DAY + HOUR))
    token = account.since(MOMENT).token
    assert sync.begin(token, POD, str).watched == [
        Seen(id="txr_old", status="pending", created_at=MOMENT, place=1)
    ]  # exactly two weeks
    account.add(transfer("txr_2", MOMENT + 14 * DAY + HOUR + timedelta(microseconds=1)))
    changes = account.since(token)
    account.set("txr_old", "complete")
    assert account.since(changes.token).data == []
    assert sync.begin(changes.token, POD, str).watched == []


def test_one_that_is_not_found_once_is_watched_all_the_same() -> None:
    account = Account(100)
    account.add(transfer("txr_old", MOMENT, "pending"))
    for number in range(200):
        account.add(transfer(f"txr_{number}", MOMENT + DAY + number * HOUR))
    token = account.since(MOMENT).token
    account.left_out.add("txr_old")
    changes = account.since(token)
    assert (changes.data, changes.requests) == ([], 2)
    account.left_out.clear()
    account.set("txr_old", "complete")
    assert [one.id for one in account.since(changes.token).data] == ["txr_old"]


def test_one_that_the_list_leaves_out_once_is_not_new_again() -> None:
    account = Account(100)
    for number in range(20):
        account.add(transfer(f"txr_{number}", MOMENT + number * timedelta(minutes=1)))
    token = account.since(MOMENT).token
    account.left_out.add("txr_5")
    token = account.since(token).token
    account.left_out.clear()
    assert account.since(token).data == []


@pytest.mark.parametrize("ahead", [HOUR, 2 * HOUR, 4 * HOUR, 30 * DAY])
def test_a_clock_that_is_fast_and_a_transfer_dated_ahead_hide_nothing(ahead: timedelta) -> None:
    account = Account(100)
    account.date, account.clock = MOMENT + DAY, StoppedClock(MOMENT + DAY + 3 * HOUR)
    account.add(transfer("txr_1", MOMENT + DAY))
    account.add(transfer("txr_ahead", MOMENT + DAY + ahead))
    token = account.since(MOMENT).token
    account.add(transfer("txr_2", MOMENT + DAY + timedelta(minutes=1)))
    assert [one.id for one in account.since(token).data] == ["txr_2"]


def test_tokens_and_what_is_read_again_are_bounded() -> None:
    account = Account(100)
    for number in range(3000):  # in an hour
        account.add(
            transfer(f"txr_01HABCDEFGHIJKLMNOPQR{number:05}", MOMENT + number * timedelta(seconds=1), "pending")
        )
    account.transfers.sort(key=lambda one: one.created_at, reverse=True)
    first = account.since(MOMENT)
    assert (len(first.data), first.requests) == (3000, 30)
    position = sync.begin(first.token, POD, str)
    assert (len(position.seen), len(position.watched)) == (2000, 1000)
    assert len(first.token) < 30_000
    assert account.since(first.token).requests == 20


def test_what_a_lagging_copy_leaves_out_of_a_moment_with_thousands_is_not_new_again() -> None:
    account = Account(100)
    account.transfers = [transfer(f"txr_{number}", MOMENT + HOUR) for number in range(1500)]
    token = account.since(MOMENT).token
    account.left_out = {f"txr_{number}" for number in range(100, 229)}
    for number in range(3):
        account.transfers.insert(0, transfer(f"txr_new_{number}", MOMENT + HOUR))
    lagging = account.since(token)
    account.left_out.clear()
    assert {one.id for one in lagging.data} == {f"txr_new_{number}" for number in range(3)}
    again = account.since(lagging.token)
    assert again.data == []
    assert len(sync.begin(account.since(again.token).token, POD, str).seen) <= 1003


def test_a_moment_within_a_second_loses_nothing_that_is_shown_as_that_second() -> None:
    account = Account(100)
    account.add(transfer("txr_1", MOMENT))  # in truth .8 seconds later
    assert [one.id for one in account.since(MOMENT + timedelta(seconds=0.7)).data] == ["txr_1"]


@pytest.mark.parametrize(
    "seen",
    [
        [Seen(id="txr_1", status="complete", created_at=MOMENT, place=0)] * 2,
        [Seen(id=f"txr_{n}", status="pending", created_at=MOMENT - HOUR, place=n) for n in range(1001)],
        [Seen(id="acc_1", status="pending", created_at=MOMENT - HOUR, place=0)],
    ],
    ids=["twice", "too many", "of something else"],
)
def test_a_token_that_nobody_gave_is_refused_before_anything_is_sent(seen: list[Seen]) -> None:
    account = Account(100)
    with pytest.raises(ValueError, match="the token"):
        account.since(pack(TOKEN, Position(of=POD, start=MOMENT, seen=tuple(seen))))
    assert account.requests == 0


@pytest.mark.parametrize("newer", [0, 30])
def test_thousands_at_one_moment_are_bounded_too_and_new_ones_of_that_moment_are_found(newer: int) -> None:
    account = Account(100)
    account.transfers = [transfer(f"txr_{number}", MOMENT + HOUR) for number in range(6000)]
    for number in range(newer):
        account.add(transfer(f"txr_newer_{number}", MOMENT + HOUR + timedelta(seconds=1)))
    first = account.since(MOMENT, timedelta(minutes=10))
    assert (len(first.data), first.requests) == (6000 + newer, 60 + (newer > 0))
    assert len(sync.begin(first.token, POD, str).seen) == 1000
    assert len(first.token) < 10_000
    nothing = account.since(first.token, timedelta(minutes=10))
    assert nothing.data == []
    assert nothing.requests <= 11
    for number in range(250):  # at the same moment, before those that were there
        account.transfers.insert(newer, transfer(f"txr_later_{number}", MOMENT + HOUR))
    later = account.since(nothing.token, timedelta(minutes=10))
    assert len(later.data) == 250
    assert later.requests <= 14
    account.set("txr_5", "cancelled")
    assert [one.id for one in account.since(later.token, timedelta(minutes=10)).data] == ["txr_5"]
    account.add(transfer("txr_last", MOMENT + 5 * HOUR))
    last = account.since(later.token, timedelta(minutes=10))
    assert {one.id for one in last.data} == {"txr_5", "txr_last"}
    assert account.since(last.token).requests == 1


def test_what_has_ended_does_not_go_back() -> None:
    """A copy that lags behind may show it as it was: whoever books it when it ends would book it twice."""
    account = Account(100)
    account.add(transfer("txr_1", MOMENT, "processing"))
    token, reported = account.since(MOMENT).token, list[str]()
    for status in ("complete", "processing", "complete", "processing", "complete", "cancelled"):
        account.set("txr_1", status)
        changes = account.since(token)
        token = changes.token
        reported += [str(one.status) for one in changes.data]
    assert reported == ["complete", "cancelled"]


@pytest.mark.parametrize("ahead", [900, 1000, 2500])
def test_however_many_are_dated_ahead_what_is_new_now_is_found(ahead: int) -> None:
    now = datetime.now(UTC).replace(microsecond=0)
    account = Account(100)
    account.add(transfer("txr_1", now - HOUR / 12))
    for number in range(ahead):
        account.add(transfer(f"txr_ahead_{number}", now + DAY + number * timedelta(minutes=1)))
    first = account.since(now - HOUR)
    assert len(first.data) == ahead + 1
    account.add(transfer("txr_new", now))
    found = account.since(first.token)
    assert [one.id for one in found.data] == ["txr_new"]
    assert account.since(found.token).data == []


def test_a_server_that_leaves_the_end_of_a_range_out_hides_none() -> None:
    account = Account(100)
    account.listed = lambda start: [one for one in account.transfers if one.created_at > start]  # type: ignore[method-assign]
    account.add(transfer("txr_1", MOMENT))
    first = account.since(MOMENT, timedelta())
    assert [one.id for one in first.data] == ["txr_1"]
    account.add(transfer("txr_2", MOMENT))
    assert [one.id for one in account.since(first.token, timedelta()).data] == ["txr_2"]


def test_a_copy_that_hides_a_part_of_a_moment_with_thousands_makes_none_come_twice_or_never() -> None:
    account = Account(100)
    account.transfers = [transfer(f"txr_{number}", MOMENT + HOUR) for number in range(990)]
    token = account.since(MOMENT).token
    account.left_out = {f"txr_{number}" for number in range(500)}
    account.transfers[:0] = [transfer(f"txr_late_{number}", MOMENT + HOUR) for number in range(20)]
    lagging = account.since(token)
    account.left_out.clear()
    assert {one.id for one in lagging.data} == {f"txr_late_{number}" for number in range(20)}
    assert account.since(lagging.token).data == []


def test_a_copy_that_hides_a_split_moment_hides_no_new_one_of_it_for_good() -> None:
    account = Account(100)
    account.transfers = [transfer(f"txr_{number}", MOMENT + HOUR) for number in range(1001)]
    token = account.since(MOMENT).token
    account.left_out = {one.id for one in account.transfers}
    account.transfers.insert(0, transfer("txr_new", MOMENT + HOUR))
    account.add(transfer("txr_newer", MOMENT + 3 * HOUR))
    lagging = account.since(token)
    account.left_out.clear()
    then = account.since(lagging.token)
    assert sorted(one.id for one in [*lagging.data, *then.data]) == ["txr_new", "txr_newer"]
    assert account.since(then.token).data == []


def test_a_filter_that_the_server_ignores_costs_no_more() -> None:
    account = Account(100)
    for number in range(1000):
        account.add(transfer(f"txr_{number}", MOMENT + number * HOUR))
    token = account.since(MOMENT).token
    account.listed = lambda _: account.transfers  # type: ignore[method-assign]
    changes = account.since(token)
    assert (changes.data, changes.requests) == ([], 1)
    assert len(account.since(MOMENT + 950 * HOUR).data) == 50


IDS = st.text(string.ascii_letters, min_size=1, max_size=30)
STATUSES = st.sampled_from(OPEN + FINAL)
MOMENTS = st.datetimes(timezones=st.just(UTC))
SEEN = st.builds(Seen, id=IDS, status=STATUSES, created_at=MOMENTS, place=st.integers(0))
POSITIONS = st.builds(
    Position,
    of=IDS,
    start=MOMENTS,
    split=st.booleans(),
    seen=st.lists(SEEN, max_size=5, unique_by=lambda one: one.id).map(tuple),
)


@given(POSITIONS)
def test_a_token_is_printable_and_holds_the_position(position: Position) -> None:
    token = pack(TOKEN, position)
    assert re.fullmatch("since3_[A-Za-z0-9_=-]+", token)
    assert sync.begin(token, position.of, str) == position


def test_another_accounts_token_is_refused() -> None:
    token = pack(TOKEN, Position(of=POD, start=MOMENT))
    with pytest.raises(ValueError, match="the token is of the transfers of 'acc_01HDEF0123', not of 'acc_01HGHI7890'"):
        sync.begin(token, CARD_DEBT, str)


def read(token: str) -> Position | None:
    """What a token holds; None where it is refused."""
    try:
        return unpack(TOKEN, token, Position, "transfers.since")
    except ValueError as error:
        if "is no token that transfers.since gave, or not all of it" not in str(error):
            raise
        return None


@given(POSITIONS, st.data())
def test_a_token_that_is_not_whole_is_refused(position: Position, data: st.DataObject) -> None:
    token = pack(TOKEN, position)
    place = data.draw(st.integers(0, len(token) - 1))
    character = data.draw(st.sampled_from(string.ascii_letters.replace(token[place], "")))
    assert read(token[:place]) is None
    # The last character may have bits that stand for nothing.
    assert read(token[:place] + character + token[place + 1 :]) in (None, position)


def packed(content: bytes) -> str:
    return TOKEN + base64.urlsafe_b64encode(zlib.compress(content)).decode()


@pytest.mark.parametrize(
    "token",
    [
        "",
        "2024-04-01T00:00:00Z",
        "cursor_01HABC1111",
        "since1_abcd",
        TOKEN,
        f"{TOKEN}é",
        packed(b"{}"),
        packed(b"no JSON"),
        packed(b'{"account_id": 5, "start": "2024-04-01T00:00:00Z"}'),
        packed(b'{"account_id": "acc_1", "start": "2024-04-01T00:00:00"}'),
        packed(b" " * 2**25),
        packed(b"[" * 100_000),
        packed(b'{"account_id": "acc_1", "start": "2024-04-01T00:00:00Z", "x": ' + b"[" * 100_000),
    ],
)
def test_what_is_no_token_is_refused(token: str) -> None:
    with pytest.raises(ValueError, match=r"is no token that transfers\.since gave") as caught:
        sync.begin(token, POD, str)
    assert len(str(caught.value)) < 300


@given(MOMENTS, st.lists(MOMENTS, max_size=5), MOMENTS, st.timedeltas(timedelta(), sync.WATCHED_FOR))
def test_what_is_read_again_never_begins_earlier_and_never_outside_the_calendar(
    start: datetime, created: list[datetime], now: datetime, overlap: timedelta
) -> None:
    position = Position(of=POD, start=start)
    found = {f"txr_{n}": transfer(f"txr_{n}", one, "pending") for n, one in enumerate(sorted(created, reverse=True))}
    data, then = sync.compare(position, found, {}, FINAL.__contains__, now=now, overlap=overlap)
    assert then.start >= start
    assert {one.id for one in data} == {id for id, one in found.items() if one.created_at >= start}


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("last", "options", "message"),
    [
        (datetime(2024, 4, 1), {}, "last has no time zone"),  # noqa: DTZ001
        (None, {}, "last must be a datetime, not NoneType"),
        (MOMENT.date(), {}, "last must be a datetime, not date"),
        ("yesterday", {}, "'yesterday' is no token"),
        (MOMENT, {"account_id": "txr_1"}, "account_id 'txr_1' is the ID of something else"),
        (MOMENT, {"overlap": 3600}, "overlap must be a timedelta, not int"),
        (MOMENT, {"overlap": -HOUR}, "it must be from 0 to 14 days"),
        (MOMENT, {"overlap": 15 * DAY}, "overlap is 15 days, 0:00:00; it must be from 0 to 14 days"),
    ],
)
async def test_what_cannot_be_used_is_refused_before_anything_is_sent(
    last: Any, options: dict[str, Any], message: str, client: SequenceClient, server: Server
) -> None:
    with pytest.raises(ValueError, match=message):
        await client.transfers.since(last, **{"account_id": POD, **options})
    assert server.asked == []


@pytest.mark.anyio
async def test_a_copy_of_the_sandboxs_list_is_kept_current(anyio_backend: str) -> None:
    sandbox = Sandbox(transfers=250)
    async with sandbox.client() as client:
        begin = datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=-5)))
        changes = await client.transfers.since(begin, account_id=POD)
        listed = await client.transfers.list(account_id=POD, from_=begin).collect()
        assert changes.data == listed[::-1]
        assert changes.requests == len(listed) // 100 + 1

        sandbox.requests.clear()
        changes = await client.transfers.since(changes.token, account_id=POD)
        assert (changes.data, changes.requests, len(sandbox.requests)) == ([], 1, 1)

        made = await client.transfers.create(
            source_account_id=POD, destination_account_id=CARD_DEBT, amount_in_cents=5000
        )
        changes = await client.transfers.since(changes.token, account_id=POD)
        assert changes.data == [made]
        for seconds, status in ((1, "pending"), (3, "complete")):
            sandbox.advance(seconds)
            changes = await client.transfers.since(changes.token, account_id=POD)
            assert [(one.id, one.status) for one in changes.data] == [(made.id, status)]
            assert changes.requests == 1


@pytest.mark.anyio
async def test_a_watched_one_that_cannot_be_asked_for_is_an_error_and_loses_nothing(anyio_backend: str) -> None:
    sandbox = Sandbox(transfers=1200)
    async with sandbox.client(max_retries=0) as client:
        (old,) = await client.transfers.list(account_id=POD, to=datetime(2024, 4, 20, tzinfo=UTC)).collect(limit=1)
        whole = await client.transfers.since(old.created_at, account_id=POD)
        position = sync.begin(whole.token, POD, str)
        watched = Seen(id="txr_01GSBX0000150", status="pending", created_at=MOMENT - 300 * DAY, place=200)
        token = pack(TOKEN, evolve(position, seen=(*position.seen, watched)))
        sandbox.fail("status", "getTransfer", status=500)
        with pytest.raises(InternalServerError):
            await client.transfers.since(token, account_id=POD)
        changes = await client.transfers.since(token, account_id=POD)
        assert [(one.id, one.status) for one in changes.data] == [("txr_01GSBX0000150", "complete")]
        assert changes.requests == 2


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(transfers=250)


@pytest.fixture
def environment(sandbox: Sandbox) -> Iterator[dict[str, str]]:
    with sandbox.serve() as base_url:
        yield {**os.environ, "SEQUENCE_API_KEY": sandbox.create_key(), "SEQUENCE_BASE_URL": base_url}


def run_example(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, ROOT / "examples" / "sync.py", *arguments],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.long
def test_the_example_keeps_a_copy(tmp_path: Path, sandbox: Sandbox, environment: dict[str, str]) -> None:
    database = str(tmp_path / "copy.db")

    def copied() -> set[tuple[object, ...]]:
        with contextlib.closing(sqlite3.connect(database)) as copy:
            return set(copy.execute("SELECT id, amount_in_cents, status, source_id, destination_id FROM transfers"))

    def actual() -> set[tuple[object, ...]]:
        sides = [(one, one.source or {}, one.destination or {}) for one in sandbox.organization.transfers]
        return {
            (one.id, one.amount_in_cents, one.status, source.get("id"), destination.get("id"))
            for one, source, destination in sides
            if POD in one.account_ids and one.created >= datetime(2024, 1, 1, tzinfo=UTC)
        }

    first = run_example(environment, POD, database)
    assert first.stdout.startswith(f"{len(actual())} changed, "), first.stderr
    assert copied() == actual()
    nothing = run_example(environment, POD, database)
    assert nothing.stdout == "0 changed, 1 request(s): as many every 3600 s are 24 a day\n"
    for cents in (100, 200, 10**8):
        sandbox.organization.create_transfer(POD, CARD_DEBT, cents, at=sandbox.clock.now())
    assert run_example(environment, POD, database).stdout.startswith("3 changed, 1 request(s)")
    assert copied() == actual()
    sandbox.advance(5)
    assert run_example(environment, POD, database).stdout.startswith("3 changed, 1 request(s)")
    assert copied() == actual()
    assert {"complete", "incomplete"} == {row[2] for row in copied()}

    sandbox.fail("status", times=10, status=400)
    failed = run_example(environment, POD, database)
    assert (failed.returncode, failed.stdout) == (1, "")
    assert "Traceback" not in failed.stderr


def test_the_example_is_short_and_explains_itself() -> None:
    assert len((ROOT / "examples" / "sync.py").read_text().splitlines()) < 90
    shown = run_example(dict(os.environ), "--help")
    assert "--every SECONDS" in shown.stdout


def test_the_programs_of_the_page_run() -> None:
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "sync.md").read_text(), re.DOTALL)

    async def call(function: Any) -> None:
        async with Sandbox().platform_client() as platform:
            accounts = [Sandbox.uuid("acc_01HDEF0123"), Sandbox.uuid("acc_01HGHI7890")]
            known = {"platform": platform, "account_ids": accounts, "last": datetime(2024, 4, 1, tzinfo=UTC)}
            known["open_ids"] = [one.id async for one in platform.transfers.list(account_ids=accounts)][-2:]
            await function(**{name: known[name] for name in inspect.signature(function).parameters})

    called = 0
    for block in blocks:
        namespace: dict[str, Any] = {"__name__": "page"}
        exec(compile(block, "sync.md", "exec"), namespace)
        for function in list(namespace.values()):
            if inspect.iscoroutinefunction(function):
                asyncio.run(call(function))
                called += 1
    assert (len(blocks), called) == (3, 3)
