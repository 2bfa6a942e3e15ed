"""Which failures are followed by another attempt, when, and what a call comes to in the end."""

from __future__ import annotations

import json
import math
import pickle
import threading
import time
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import anyio
import pytest
from hypothesis import given, strategies as st

from sequence_api_client import api
from sequence_sandbox import Sandbox
from sequence_sdk import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    APIStatusError,
    APITimeoutError,
    BadRequestError,
    ConfigurationError,
    InternalServerError,
    OutcomeUnknownError,
    RateLimiterError,
    RateLimitError,
    SequenceClient,
    idempotency_key_for,
    retries,
)
from sequence_sdk.responses import Received, error_for
from sequence_sdk.retries import retry_after

from ..conftest import API_KEY, Reply, Server
from ..contract.contract import SUCCESSES
from ..sequence_sandbox.test_writes import A_TRANSFER

NOW = datetime(2024, 4, 24, 12, tzinfo=UTC)
RETRIED = {408, 429, 500, 502, 503, 504}

CREATE = api.create_transfer(**A_TRANSFER)


def refused(status: int, code: str | None = None, **headers: str) -> APIStatusError:
    body = json.dumps({"error": {"code": code, "message": "No."}}) if code else ""
    received = Received(status_code=status, headers=headers, content=body.encode(), request_id="r")
    return error_for(CREATE, received, now=NOW, scrub=str)


def no_response(*, sent: bool = True) -> APIConnectionError:
    return APIConnectionError("", operation="createTransfer", request_id="r", sent=sent)


UNREADABLE = APIResponseValidationError("", operation="createTransfer", request_id="r", status_code=201)
ACCOUNTS = json.dumps(dict(SUCCESSES)["listAccounts"])
IN_PROGRESS = refused(409, "TRANSFER_IN_PROGRESS")

statuses = st.integers(400, 599).filter(lambda status: status != 409)
failures = st.one_of(
    st.booleans().map(lambda sent: no_response(sent=sent)),
    statuses.map(refused),
    st.sampled_from([UNREADABLE, IN_PROGRESS, refused(409, "resource_busy"), refused(409)]),
)
histories = st.lists(failures, min_size=1, max_size=20)


# What is retried.


@given(failures)
def test_what_surely_did_not_reach_the_server_is_always_retried(failure: APIError) -> None:
    if isinstance(failure, APIConnectionError) and not failure.sent:
        assert retries.retryable(failure, repeatable=False)
    else:
        assert not retries.retryable(failure, repeatable=False)


@pytest.mark.parametrize("status", range(400, 600))
def test_statuses_that_may_pass_are_retried_and_no_others(status: int) -> None:
    assert retries.retryable(refused(status), repeatable=True) == (status in RETRIED)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("TRANSFER_IN_PROGRESS", True),
        ("RULE_EXECUTION_IN_PROGRESS", True),
        ("transfer_in_progress", True),
        (" TRANSFER_IN_PROGRESS ", True),
        ("resource_busy", False),
        (None, False),
    ],
)
def test_a_conflict_is_retried_if_the_first_request_is_in_progress(code: str | None, expected: bool) -> None:
    assert retries.retryable(refused(409, code), repeatable=True) is expected


@pytest.mark.parametrize(
    "failure", [UNREADABLE, refused(400, "IDEMPOTENCY_KEY_MISMATCH"), refused(401, "write_in_progress")]
)
def test_what_a_repeat_would_not_change_is_not_retried(failure: APIError) -> None:
    assert not retries.retryable(failure, repeatable=True)


@given(histories, st.integers(0, 10))
def test_retries_end(past: list[APIError], max_retries: int) -> None:
    others = sum(not retries.in_progress(failure) for failure in past)
    left = retries.retries_left(past, max_retries)
    if retries.in_progress(past[-1]):
        assert left == (max_retries > 0 and len(past) - others <= retries.IN_PROGRESS_REPEATS)
    else:
        assert left == (others <= max_retries)


# How long to wait.


@given(histories, st.floats(0, 1))
def test_waits_are_bounded_whatever_happened(past: list[APIError], fraction: float) -> None:
    assert 0 <= retries.delay(past, NOW, fraction) <= retries.BACKOFF_MAX


@given(st.integers(1, 100), st.floats(0, 1))
def test_backoff_grows_exponentially_with_full_jitter(count: int, fraction: float) -> None:
    longest = retries.delay([refused(503)] * count, NOW, 1.0)
    assert longest == min(8.0, 0.5 * 2 ** (count - 1))
    assert retries.delay([refused(503)] * count, NOW, fraction) == pytest.approx(longest * fraction)


@given(st.integers(1, 20), st.floats(0, 1))
def test_what_is_in_progress_is_not_asked_for_at_once(count: int, fraction: float) -> None:
    assert retries.delay([IN_PROGRESS] * count, NOW, fraction) >= 0.25


def test_waiting_for_what_is_in_progress_covers_the_time_of_one_attempt() -> None:
    shortest = sum(retries.delay([IN_PROGRESS] * (n + 1), NOW, 0.0) for n in range(retries.IN_PROGRESS_REPEATS))
    assert shortest > 30


@given(st.integers(0, 10**9), st.sampled_from([408, 429, 500, 503]), st.floats(0, 1))
def test_the_server_is_listened_to_up_to_a_minute(seconds: int, status: int, fraction: float) -> None:
    failure = refused(status, **{"retry-after": str(seconds)})
    assert retries.delay([failure], NOW, fraction) == min(60, seconds)


@given(st.integers(-(10**6), 10**6), st.integers(-(10**6), 10**6))
def test_a_date_in_retry_after_is_read_by_the_servers_own_clock(ahead: int, skew: int) -> None:
    """A clock of ours that is wrong, or that is set back meanwhile, changes nothing."""
    server_time = NOW + timedelta(seconds=skew)
    headers = {
        "date": format_datetime(server_time, usegmt=True),
        "retry-after": format_datetime(server_time + timedelta(seconds=ahead), usegmt=True),
    }
    assert retry_after(headers, NOW) == max(0, ahead)


@given(st.integers(-(10**6), 10**6), st.sampled_from(["", "yesterday"]))
def test_without_the_servers_date_it_is_read_by_ours(ahead: int, date: str) -> None:
    headers = {"date": date, "retry-after": format_datetime(NOW + timedelta(seconds=ahead), usegmt=True)}
    assert retry_after(headers, NOW) == max(0, ahead)


@given(st.text(max_size=40), st.text(max_size=40))
def test_no_header_breaks_the_wait(value: str, date: str) -> None:
    asked = retry_after({"retry-after": value, "date": date}, NOW)
    assert asked is None or 0 <= asked < math.inf


# What became of it.


@given(histories, st.booleans())
def test_what_one_attempt_left_open_no_refusal_settles(past: list[APIError], opened: bool) -> None:
    unknown = retries.outcome_unknown(past, opened=opened)
    assert unknown == (opened or any(map(retries.leaves_open, past)))
    ended = [*past, refused(422, "amount_too_small")]
    assert not retries.outcome_unknown(ended, {(422, "amount_too_small")}, opened=opened)
    for others in ((), {(422, "another"), (400, "amount_too_small")}):
        assert retries.outcome_unknown(ended, others, opened=opened) == unknown


BEFORE_ANY_WORK = {401, 404, 405, 407, 413, 414, 421, 429, 431}


@pytest.mark.parametrize("code", [None, "invalid_request"])
@pytest.mark.parametrize("status", range(100, 600))
def test_an_attempt_leaves_a_write_open_by_the_rule(status: int, code: str | None) -> None:
    certain = status in BEFORE_ANY_WORK or (400 <= status < 500 and status != 408 and code is not None)
    assert retries.leaves_open(refused(status, code)) is not certain


@pytest.mark.parametrize(
    ("past", "unknown"),
    [
        ([no_response(sent=False)], False),
        ([no_response(sent=False), no_response()], True),
        ([no_response(), no_response(sent=False)], True),
        ([no_response(), refused(401)], True),
        ([no_response(), refused(403, "forbidden")], True),
        ([no_response(), refused(429)], True),
        ([no_response(), refused(400, "bad_request")], True),
        ([no_response(), refused(422, "amount_too_small")], True),
        ([no_response(), refused(400, "IDEMPOTENCY_KEY_MISMATCH")], True),
        ([refused(400, "IDEMPOTENCY_KEY_MISMATCH")], False),
        ([refused(400)], True),
        ([refused(403)], True),
        ([refused(403, "forbidden")], False),
        ([refused(408, "timeout")], True),
        ([refused(302)], True),
        ([refused(429)], False),
        ([refused(503), refused(429)], True),
        ([IN_PROGRESS], True),
        ([refused(422, "TRANSFER_IN_PROGRESS")], True),
        ([refused(409, "resource_busy")], False),
        ([no_response(), IN_PROGRESS], True),
        ([UNREADABLE], True),
        ([no_response(), UNREADABLE], True),
        ([RateLimiterError("")], False),
    ],
)
def test_what_leaves_the_outcome_unknown(past: list[APIError], unknown: bool) -> None:
    assert retries.outcome_unknown(past) is unknown


# The budget.


@given(st.lists(st.one_of(st.just("succeed"), st.floats(0, 100)), max_size=300))
def test_the_budget_is_never_overdrawn_and_comes_back(steps: list[Any]) -> None:
    budget, now, granted, successes = retries.RetryBudget(capacity=10), 0.0, 0, 0
    for step in steps:
        if step == "succeed":
            budget.succeed()
            successes += 1
        else:
            now += step
            granted += budget.spend(now)
        assert 0 <= budget.spent <= 10
    assert granted <= 10 + now * budget.a_second + successes * budget.a_success + 1e-6
    assert budget.spend(now + 10 / budget.a_second)


def test_an_outage_is_not_multiplied() -> None:
    budget = retries.RetryBudget()
    assert sum(budget.spend(0.0) for _ in range(1000)) == 100


def test_a_few_failures_among_many_successes_are_all_retried() -> None:
    budget = retries.RetryBudget()
    for _ in range(10_000):
        for _ in range(19):
            budget.succeed()
        assert budget.spend(0.0)


# Idempotency keys.


def test_the_key_of_a_payment_is_the_same_everywhere_and_always() -> None:
    assert idempotency_key_for("invoice-2024-17") == "a3d11d79-fb02-56d5-a172-c6b107f6fd26"


@given(st.text(min_size=1).filter(str.strip).filter(lambda text: text.isprintable()), st.text(min_size=1))
def test_keys_fit_the_header_and_differ(one: str, other: str) -> None:
    key = idempotency_key_for(one)
    assert str(uuid.UUID(key)) == key
    if other.strip() and other.isprintable() and other != one:
        assert idempotency_key_for(other) != key


@pytest.mark.parametrize("identifier", ["", "  ", None, 17])
def test_a_key_of_nothing_is_refused(identifier: Any) -> None:
    with pytest.raises(ValueError, match=r"identifier is .*; give a string"):
        idempotency_key_for(identifier)


# Calls.


@pytest.fixture
async def patient(anyio_backend: str, server: Server, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[SequenceClient]:
    """A client with the default retries, which waits for tests less long than for servers."""
    monkeypatch.setattr(retries, "BACKOFF_BASE", 0.02)
    async with SequenceClient(API_KEY, base_url=server.base_url, timeout=5, rate_limit=None) as client:
        yield client


CREATED = """{"request_id": "r", "data": {"id": "txr_1", "amount_in_cents": 5000, "status": "processing",
    "direction": "internal", "origin": "user", "created_at": "2024-04-24T00:00:00Z"}}"""


@pytest.mark.anyio
async def test_every_attempt_of_a_write_carries_the_same_key_and_the_same_body(
    patient: SequenceClient, server: Server
) -> None:
    for _ in range(3):
        server.reply("", 503)
    server.reply(CREATED, 201)
    response = await patient.transfers.create.with_response(**A_TRANSFER)
    assert (response.attempts, len(server.asked)) == (4, 4)
    assert len({asked.headers["Idempotency-Key"] for asked in server.asked}) == 1
    assert len({asked.headers["X-Request-ID"] for asked in server.asked}) == 1
    assert len({asked.body for asked in server.asked}) == 1
    assert uuid.UUID(server.asked[0].headers["Idempotency-Key"]).version == 4


@pytest.mark.anyio
async def test_two_calls_have_two_keys_unless_they_are_given_one(patient: SequenceClient, server: Server) -> None:
    for _ in range(3):
        server.reply(CREATED, 201)
    await patient.transfers.create(**A_TRANSFER)
    await patient.transfers.create(**A_TRANSFER)
    await patient.transfers.create(**A_TRANSFER, idempotency_key="mine")
    keys = [asked.headers["Idempotency-Key"] for asked in server.asked]
    assert len(set(keys)) == 3
    assert keys[2] == "mine"


@pytest.mark.anyio
async def test_a_read_has_no_idempotency_key(patient: SequenceClient, server: Server) -> None:
    server.reply(ACCOUNTS)
    await patient.accounts.list()
    assert "Idempotency-Key" not in server.asked[0].headers


@pytest.mark.anyio
@pytest.mark.parametrize("max_retries", [0, 1, 5])
async def test_as_many_retries_as_were_asked_for(max_retries: int, patient: SequenceClient, server: Server) -> None:
    server.response = lambda asked: Reply("", 500)
    with pytest.raises(InternalServerError) as caught:
        await patient.with_options(max_retries=max_retries).accounts.get("acc_01HGHI7890")
    assert caught.value.attempts == len(server.asked) == max_retries + 1


@pytest.mark.anyio
async def test_a_call_that_would_outlast_its_deadline_ends_at_once(patient: SequenceClient, server: Server) -> None:
    server.reply("", 429, headers={"Retry-After": "30"})
    with anyio.fail_after(5), pytest.raises(RateLimitError) as caught:
        await patient.with_options(deadline=10).accounts.get("acc_01HGHI7890")
    assert (caught.value.retry_after, caught.value.attempts) == (30, 1)


@pytest.mark.anyio
async def test_a_deadline_is_for_all_attempts_and_waits(patient: SequenceClient, server: Server) -> None:
    released = threading.Event()

    def response(asked: object) -> Reply:
        if len(server.asked) > 2:
            released.wait(10)
        return Reply("", 503, headers={"Retry-After": "0"})

    server.response = response
    with (
        anyio.fail_after(8),
        pytest.raises(APITimeoutError, match="not done within the deadline of 1 seconds") as caught,
    ):
        await patient.with_options(deadline=1, max_retries=1000).accounts.get("acc_01HGHI7890")
    released.set()
    assert caught.value.attempts == len(server.asked) == 3


@pytest.mark.anyio
async def test_an_attempt_that_takes_too_long_is_followed_by_another(patient: SequenceClient, server: Server) -> None:
    server.reply(ACCOUNTS, before=lambda: time.sleep(1))
    server.reply(ACCOUNTS)
    response = await patient.with_options(timeout=0.2).accounts.list.with_response()
    assert response.attempts == 2


@pytest.mark.anyio
async def test_a_deadline_that_passes_before_anything_is_sent_leaves_nothing_open(
    anyio_backend: str, server: Server
) -> None:
    async with SequenceClient(API_KEY, base_url=server.base_url, deadline=0.3, max_retries=0) as client:
        server.reply("", 429, headers={"Retry-After": "30"})
        with pytest.raises(RateLimitError):
            await client.accounts.list()
        with pytest.raises(APITimeoutError) as caught:
            await client.transfers.create(**A_TRANSFER)
    assert (caught.value.attempts, caught.value.sent, len(server.asked)) == (0, False, 1)


@pytest.mark.anyio
async def test_a_client_stops_retrying_when_its_calls_only_fail(patient: SequenceClient, server: Server) -> None:
    server.response = lambda asked: Reply("", 503)
    patient._session.connection.budget.capacity = 5
    for _ in range(10):
        with pytest.raises(InternalServerError):
            await patient.accounts.get("acc_01HGHI7890")
    assert 15 <= len(server.asked) <= 17


@pytest.mark.anyio
async def test_a_429_pauses_every_task_of_the_client(anyio_backend: str, server: Server) -> None:
    times: list[float] = []
    replies = iter([Reply("", 429, headers={"Retry-After": "0.5"})])

    def response(asked: object) -> Reply:
        times.append(time.monotonic())
        return next(replies, Reply(ACCOUNTS))

    server.response = response
    async with SequenceClient(API_KEY, base_url=server.base_url) as client, anyio.create_task_group() as group:
        group.start_soon(client.accounts.list)
        while not times:
            await anyio.sleep(0.01)
        await anyio.sleep(0.1)  # until the 429 has arrived
        for _ in range(2):
            group.start_soon(client.with_options(timeout=20).accounts.list)
    assert len(times) == 4
    assert min(times[1:]) - times[0] > 0.45


@pytest.mark.anyio
async def test_nothing_is_sent_again_after_cancellation(patient: SequenceClient, server: Server) -> None:
    server.response = lambda asked: Reply("", 503, headers={"Retry-After": "1"})
    with anyio.move_on_after(0.3) as scope:
        await patient.transfers.create(**A_TRANSFER)
    assert scope.cancelled_caught
    await anyio.sleep(1.2)
    assert len(server.asked) == 1


# Outcome unknown.


@pytest.mark.anyio
async def test_a_write_whose_outcome_is_unknown_says_all_that_is_needed_to_find_out(
    patient: SequenceClient, server: Server
) -> None:
    server.response = lambda asked: Reply("", 502)
    before = datetime.now(UTC)
    with pytest.raises(OutcomeUnknownError, match="may have been done or not") as caught:
        await patient.transfers.create(**A_TRANSFER, description="rent")
    error = caught.value
    assert isinstance(error.__cause__, InternalServerError)
    assert error.idempotency_key == server.asked[0].headers["Idempotency-Key"]
    assert error.idempotency_key in str(error)
    assert (error.operation, error.attempts) == ("createTransfer", 4)
    assert error.arguments == {**A_TRANSFER, "description": "rent"}
    assert error.remembered_until is not None
    assert before <= error.remembered_until - timedelta(hours=23) <= datetime.now(UTC)
    assert API_KEY not in str(vars(error)) + str(error)


@pytest.mark.anyio
async def test_resuming_repeats_the_very_same_request(patient: SequenceClient, server: Server) -> None:
    server.response = lambda asked: Reply("", 502)
    with pytest.raises(OutcomeUnknownError) as caught:
        await patient.transfers.create(**A_TRANSFER)
    error = pickle.loads(pickle.dumps(caught.value))
    with pytest.raises(OutcomeUnknownError) as again:
        await error.resume(patient)
    assert abs(again.value.remembered_until - error.remembered_until) < timedelta(milliseconds=10)
    server.response = lambda asked: Reply(CREATED, 201)
    transfer = await again.value.resume(patient)
    assert transfer.id == "txr_1"
    assert len({(asked.method, asked.target, asked.body) for asked in server.asked}) == 1
    assert len({asked.headers["Idempotency-Key"] for asked in server.asked}) == 1


@pytest.mark.anyio
async def test_resuming_is_refused_where_it_could_do_it_twice(patient: SequenceClient, server: Server) -> None:
    server.response = lambda asked: Reply("", 502)
    with pytest.raises(OutcomeUnknownError) as caught:
        await patient.rules.trigger("rule_1")
    sent = len(server.asked)
    other = SequenceClient(API_KEY, base_url=f"{server.base_url}/other")
    with pytest.raises(ConfigurationError, match=r"triggerRule was sent to .*: resume it with a client of that"):
        await caught.value.resume(other)
    caught.value.remembered_until = datetime.now(UTC) - timedelta(seconds=1)
    with pytest.raises(ConfigurationError, match="could be done twice"):
        await caught.value.resume(patient)
    assert len(server.asked) == sent


@pytest.mark.anyio
async def test_a_write_that_may_have_been_done_stays_unknown_where_the_shared_rate_limit_fails(
    anyio_backend: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "BACKOFF_BASE", 0.02)
    async with SequenceClient(API_KEY, base_url=server.base_url) as client:
        limiter = client._session.connection.limiter

        async def fail() -> None:
            raise RateLimiterError("Redis cannot be asked")

        def response(asked: object) -> Reply:
            monkeypatch.setattr(limiter, "acquire_now", lambda: False)
            monkeypatch.setattr(limiter, "acquire", fail)
            return Reply("", 502)

        server.response = response
        with pytest.raises(OutcomeUnknownError) as caught:
            await client.transfers.create(**A_TRANSFER)
        assert isinstance(caught.value.__cause__, RateLimiterError)
        with pytest.raises(RateLimiterError) as first:
            await client.transfers.create(**A_TRANSFER)
    assert (caught.value.attempts, first.value.attempts, len(server.asked)) == (1, 0, 1)
    assert (first.value.operation, bool(first.value.request_id)) == ("createTransfer", True)


@pytest.mark.anyio
async def test_an_error_of_a_write_has_its_key(patient: SequenceClient, server: Server) -> None:
    server.reply('{"error": {"code": "bad_request", "message": "No."}}', 400)
    with pytest.raises(BadRequestError) as caught:
        await patient.transfers.create(**A_TRANSFER)
    assert caught.value.idempotency_key == server.asked[0].headers["Idempotency-Key"]


@pytest.mark.anyio
@pytest.mark.slow
async def test_a_write_that_is_still_under_way_is_waited_for(anyio_backend: str) -> None:
    sandbox = Sandbox()
    with sandbox.serve() as base_url:
        async with SequenceClient(sandbox.create_key(), base_url=base_url, timeout=2, max_retries=1) as client:
            before = len(sandbox.organization.transfers)
            sandbox.fail("slow", "createTransfer", seconds=5)
            response = await client.transfers.create.with_response(**A_TRANSFER)
    assert response.attempts >= 3
    assert len(sandbox.organization.transfers) == before + 1


@pytest.mark.anyio
async def test_a_process_that_starts_anew_pays_once(anyio_backend: str) -> None:
    sandbox = Sandbox()
    before = len(sandbox.organization.transfers)
    key = sandbox.create_key()
    with sandbox.serve() as base_url:
        ids = set()
        for _ in range(2):
            async with SequenceClient(key, base_url=base_url) as client:
                sandbox.fail("reset_after", "createTransfer")
                transfer = await client.transfers.create(
                    **A_TRANSFER, idempotency_key=idempotency_key_for("invoice-2024-17")
                )
                ids.add(transfer.id)
    assert len(ids) == 1
    assert len(sandbox.organization.transfers) == before + 1
