"""What becomes of a write that may have been done: it stays unknown until it is settled, and is not done twice."""

from __future__ import annotations

import asyncio
import importlib
import json
import logging
import pickle
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import pytest
from attrs import evolve
from hypothesis import given, strategies as st
from msgspec.structs import replace

from sequence_sandbox import Sandbox
from sequence_sdk import (
    APIConnectionError,
    APIResponseValidationError,
    APITimeoutError,
    BadRequestError,
    ConfigurationError,
    IdempotencyKey,
    IdempotencyKeyExpiredError,
    IdempotencyKeyMismatchError,
    InvalidArgumentError,
    Moment,
    OutcomeUnknownError,
    PermissionDeniedError,
    Permissions,
    SequenceClient,
    UnprocessableEntityError,
    idempotency_key_for,
)
from sequence_sdk.age import MARGIN, Age
from sequence_sdk.models import RuleExecutionSummary, Transfer

from ..clocks import SkippingClock
from ..conftest import API_KEY, Asked, Reply, Server
from ..contract.contract import SUCCESSES
from ..faults.arrangements import full_port
from ..sequence_sandbox.test_writes import A_TRANSFER

pytestmark = pytest.mark.anyio

NOW = datetime(2024, 4, 24, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
RESPONSES = {name: json.dumps(payload) for name, payload in SUCCESSES}
ERROR = '{{"error": {{"code": "{}", "message": "No."}}}}'


@pytest.fixture
def clock() -> SkippingClock:
    return SkippingClock()


@pytest.fixture
async def client(anyio_backend: str, server: Server, clock: SkippingClock) -> AsyncIterator[SequenceClient]:
    async with SequenceClient(API_KEY, base_url=server.base_url, timeout=5, rate_limit=None, clock=clock) as client:
        yield client


async def left_open(client: SequenceClient, server: Server, **arguments: Any) -> OutcomeUnknownError:
    """The error of a transfer whose response was lost."""
    server.response = lambda asked: Reply("", 502)
    with pytest.raises(OutcomeUnknownError) as caught:
        await client.with_options(max_retries=0).transfers.create(**A_TRANSFER, **arguments)
    server.response = None
    server.asked.clear()
    return caught.value


# Resuming.


@pytest.mark.parametrize(
    "refusal",
    [
        Reply(ERROR.format("bad_request"), 400),
        Reply("<html>400</html>", 400, "text/html"),
        Reply(ERROR.format("IDEMPOTENCY_KEY_MISMATCH"), 400),
        Reply(ERROR.format("unauthorized"), 401),
        Reply(ERROR.format("forbidden"), 403),
        Reply(ERROR.format("MAXIMUM_AMOUNT_EXCEEDED"), 403),
        Reply("", 404),
        Reply(ERROR.format("conflict"), 409),
        Reply(ERROR.format("INSUFFICIENT_FUNDS"), 422),
        Reply(ERROR.format("RATE_LIMIT_EXCEEDED"), 429),
        Reply("{}", 201),
    ],
    ids=lambda reply: f"{reply.status} {reply.body!r:.40}",
)
async def test_no_refusal_of_a_resumed_write_says_that_it_was_not_done(
    refusal: Reply, client: SequenceClient, server: Server
) -> None:
    error = await left_open(client, server)
    server.response = lambda asked: refusal
    with pytest.raises(OutcomeUnknownError) as caught:
        await error.resume(client)
    assert caught.value.idempotency_key == error.idempotency_key == server.asked[0].headers["Idempotency-Key"]
    assert getattr(caught.value.__cause__, "status_code", None) == refusal.status
    assert (caught.value.first_sent, caught.value.key_made_here) == (error.first_sent, True)
    server.response = lambda asked: Reply(RESPONSES["createTransfer"], 201)
    assert (await caught.value.resume(client)).id == "txr_01HABC2222"


async def test_a_resumed_write_that_does_not_reach_the_server_stays_unknown(
    client: SequenceClient, server: Server
) -> None:
    error = await left_open(client, server)
    server.stop()
    with pytest.raises(OutcomeUnknownError) as caught:
        await error.resume(client)
    assert isinstance(caught.value.__cause__, APIConnectionError)
    assert caught.value.__cause__.sent is False
    assert caught.value.idempotency_key == error.idempotency_key


async def test_a_resumed_write_that_declared_permissions_refuse_stays_unknown(
    client: SequenceClient, server: Server
) -> None:
    error = await left_open(client, server)
    async with SequenceClient(
        API_KEY, base_url=server.base_url, permissions=Permissions.from_json('[{"scope": "LIST_RULES"}]')
    ) as limited:
        with pytest.raises(OutcomeUnknownError) as caught:
            await error.resume(limited)
    assert isinstance(caught.value.__cause__, PermissionDeniedError)
    assert caught.value.__cause__.local
    assert server.asked == []


async def test_what_was_left_open_an_hour_ago_is_open_after_many_resumes(
    client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    error = await left_open(client, server)
    for _ in range(5):
        clock.advance(3600)
        server.response = lambda asked: Reply("", 500)
        with pytest.raises(OutcomeUnknownError) as caught:
            await error.resume(client)
        assert caught.value.remembered_until is not None
        assert error.remembered_until is not None
        assert abs(caught.value.remembered_until - error.remembered_until) < timedelta(seconds=1)
        error = pickle.loads(pickle.dumps(caught.value))


async def test_another_api_key_is_not_taken_to_resume(client: SequenceClient, server: Server) -> None:
    error = pickle.loads(pickle.dumps(await left_open(client, server)))
    async with SequenceClient("sk_test_of_somebody_else", base_url=server.base_url) as other:
        with pytest.raises(ConfigurationError, match="createTransfer was sent with another API key"):
            await error.resume(other)
    assert server.asked == []
    server.reply(RESPONSES["createTransfer"], 201)
    async with SequenceClient(API_KEY, base_url=server.base_url) as same:
        assert isinstance(await error.resume(same), Transfer)


async def test_the_fingerprint_of_a_key_is_another_each_time_and_too_short_to_find_it(
    client: SequenceClient, server: Server
) -> None:
    fingerprints = {(await left_open(client, server)).api_key_fingerprint for _ in range(3)}
    assert len(fingerprints) == 3
    assert {len(one.partition(":")[2]) for one in fingerprints} == {8}  # of 2 ** 32 keys one has the same


# What is about something else, or cannot be read.


@pytest.mark.parametrize(
    ("member", "value", "path"),
    [
        ("amount_in_cents", 1, "$.data.amount_in_cents"),
        ("source", {"id": "acc_x", "name": "", "type": "pod"}, "$.data.source.id"),
        ("destination", {"id": "acc_x", "name": "", "type": "pod"}, "$.data.destination.id"),
    ],
)
async def test_a_transfer_that_is_not_the_one_that_was_asked_for_settles_nothing(
    member: str, value: object, path: str, client: SequenceClient, server: Server
) -> None:
    response = json.loads(RESPONSES["createTransfer"])
    response["data"][member] = value
    server.reply(json.dumps(response), 201)
    with pytest.raises(OutcomeUnknownError) as caught:
        await client.transfers.create(**A_TRANSFER)
    assert isinstance(caught.value.__cause__, APIResponseValidationError)
    assert caught.value.__cause__.path == path
    assert "is about something else" in caught.value.__cause__.problem
    assert len(server.asked) == 1
    server.reply(RESPONSES["createTransfer"], 201)
    await caught.value.resume(client)
    assert len({asked.headers["Idempotency-Key"] for asked in server.asked}) == 1


async def test_a_member_that_is_null_is_not_about_something_else(client: SequenceClient, server: Server) -> None:
    response = json.loads(RESPONSES["createTransfer"])
    response["data"] |= {"source": None, "destination": None}
    server.reply(json.dumps(response), 201)
    assert (await client.transfers.create(**A_TRANSFER)).source is None


@pytest.mark.parametrize(
    ("call", "operation", "path"),
    [
        (lambda client: client.accounts.get("acc_2", request_id="mine"), "getAccount", "$.data.id"),
        (lambda client: client.cards.get("card_2"), "getCard", "$.data.id"),
        (lambda client: client.transfers.get("txr_2"), "getTransfer", "$.data.id"),
        (lambda client: client.rules.get("rule_2"), "getRule", "$.data.id"),
        (lambda client: client.rule_executions.get("rex_2"), "getRuleExecution", "$.data.id"),
        (lambda client: client.cards.list(account_id="acc_2"), "listCards", "$.data[].account_id"),
        (
            lambda client: client.cards.list_transactions("card_2").collect(),
            "listCardTransactions",
            "$.data[].card_id",
        ),
    ],
)
async def test_a_read_that_is_about_something_else_is_no_response(
    call: Callable[[SequenceClient], Any], operation: str, path: str, client: SequenceClient, server: Server
) -> None:
    server.reply(RESPONSES[operation])
    with pytest.raises(APIResponseValidationError, match=rf"{operation}: .* is about something else") as caught:
        await call(client)
    assert caught.value.path == path
    assert caught.value.content == RESPONSES[operation].encode()


async def test_clients_that_share_connections_do_not_take_each_others_responses(
    anyio_backend: str, server: Server
) -> None:
    async with httpx.AsyncClient() as http:
        one = SequenceClient(API_KEY, base_url=server.base_url, http_client=http, max_retries=0)
        other = SequenceClient(API_KEY, base_url=server.base_url, http_client=http, max_retries=0)
        server.reply(RESPONSES["listAccounts"])
        await one.accounts.list()
        server.reply(RESPONSES["triggerRule"], 202, headers={"X-Request-ID": server.asked[0].headers["X-Request-ID"]})
        with pytest.raises(OutcomeUnknownError, match="is the response to another request"):
            await other.rules.trigger("rule_1")


async def test_a_mismatch_of_keys_says_that_the_other_request_may_have_been_done(
    client: SequenceClient, server: Server
) -> None:
    server.reply(ERROR.format("IDEMPOTENCY_KEY_MISMATCH"), 400)
    with pytest.raises(IdempotencyKeyMismatchError, match="used for another request before, which may have been done"):
        await client.transfers.create(**A_TRANSFER, idempotency_key="k")
    server.replies = [Reply("", 502), Reply(ERROR.format("IDEMPOTENCY_KEY_MISMATCH"), 400)]
    with pytest.raises(OutcomeUnknownError) as caught:
        await client.transfers.create(**A_TRANSFER, idempotency_key="k")
    assert isinstance(caught.value.__cause__, IdempotencyKeyMismatchError)


async def test_a_refusal_that_the_contract_marks_as_settling_settles(
    client: SequenceClient, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Version 1 of the API has none: here one is marked for the test."""
    module = importlib.import_module("sequence_api_client.api.transfers.create_transfer")
    settling = evolve(module.CREATE_TRANSFER, settling=((422, "amount_too_small"),))
    monkeypatch.setattr(module, "CREATE_TRANSFER", settling)
    server.replies = [Reply("", 502), Reply(ERROR.format("amount_too_small"), 422)]
    with pytest.raises(UnprocessableEntityError):
        await client.transfers.create(**A_TRANSFER)
    server.replies = [Reply("", 502), Reply(ERROR.format("cap_used_up"), 422)]
    with pytest.raises(OutcomeUnknownError):
        await client.transfers.create(**A_TRANSFER)


async def test_still_in_progress_to_the_end_is_unknown(
    client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    server.response = lambda asked: Reply(ERROR.format("TRANSFER_IN_PROGRESS"), 409)
    with pytest.raises(OutcomeUnknownError) as caught:
        await client.transfers.create(**A_TRANSFER)
    assert caught.value.attempts == 13
    assert sum(clock.slept) > 20  # by the client's clock: the test has not waited


# How long a key may be used.


async def test_a_suspend_does_not_make_a_key_younger(
    client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    """By its monotonic clock the call took no time at all, though it was asleep for ten hours."""
    before = clock.now()

    def response(asked: Asked) -> Reply:
        clock.suspend(10 * 3600)
        return Reply("", 502)

    server.response = response
    with pytest.raises(OutcomeUnknownError) as caught:
        await client.with_options(max_retries=0).transfers.create(**A_TRANSFER)
    error = caught.value
    assert error.remembered_until is not None
    assert abs(error.remembered_until - (before + 23 * HOUR)) < timedelta(minutes=1)
    server.response = None
    clock.suspend(13 * 3600)
    with pytest.raises(IdempotencyKeyExpiredError, match="may have forgotten its idempotency key"):
        await error.resume(client)
    assert len(server.asked) == 1


@pytest.mark.parametrize("which", ["wall_ahead", "monotonic_ahead", "boottime_ahead"])
async def test_any_clock_that_shows_the_time_has_passed_is_believed(
    which: str, client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    error = await left_open(client, server)
    setattr(clock, which, 23 * 3600.0)
    if which != "wall_ahead":
        clock.wall_ahead -= 3600  # and another was set back
    with pytest.raises(ConfigurationError, match="may have forgotten its idempotency key"):
        await error.resume(client)
    assert server.asked == []


async def test_another_process_goes_by_the_wall_clock(client: SequenceClient, server: Server) -> None:
    error = await left_open(client, server)
    error.first_sent = replace(error.first_sent, machine="another", monotonic=-1e9, boottime=-1e9)
    server.reply(RESPONSES["createTransfer"], 201)
    assert isinstance(await error.resume(client), Transfer)


async def test_no_attempt_of_a_resumed_write_starts_too_late(
    client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    error = await left_open(client, server)
    clock.advance(23 * 3600 - 60)

    def response(asked: Asked) -> Reply:
        clock.advance(61)
        return Reply("", 502)

    server.response = response
    with pytest.raises(OutcomeUnknownError, match="not sent again, since the server may have forgotten") as caught:
        await error.resume(client)
    assert len(server.asked) == caught.value.attempts == 1


async def test_a_call_that_goes_on_for_a_day_ends_when_its_key_does(
    client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    def response(asked: Asked) -> Reply:
        clock.advance(9 * 3600)
        return Reply("", 503)

    server.response = response
    with pytest.raises(OutcomeUnknownError) as caught:
        await client.transfers.create(**A_TRANSFER)
    assert (caught.value.attempts, len(server.asked)) == (3, 3)  # at 0, 9 and 18 hours, and not at 27


async def test_of_a_callers_plain_key_the_first_use_is_not_known(client: SequenceClient, server: Server) -> None:
    error = await left_open(client, server, idempotency_key="invoice-17")
    assert error.remembered_until is None
    assert "error.resume(client, key_first_used=…)" in str(error)
    assert "within 23 hours of the key's first use" in str(error)
    with pytest.raises(InvalidArgumentError, match=r"createTransfer: .* give key_first_used="):
        await error.resume(client)
    with pytest.raises(ConfigurationError, match="may have forgotten its idempotency key"):
        await error.resume(client, key_first_used=datetime.now(UTC) - 23 * HOUR)
    for wrong in (datetime(2024, 4, 24), "yesterday"):  # noqa: DTZ001
        with pytest.raises(InvalidArgumentError, match=r"key_first_used is .*; give a datetime with a time zone"):
            await error.resume(client, key_first_used=wrong)  # type: ignore[arg-type]
    assert server.asked == []
    server.reply(RESPONSES["createTransfer"], 201)
    assert isinstance(await error.resume(client, key_first_used=datetime.now(UTC) - HOUR), Transfer)


async def test_a_dated_key_says_until_when_it_is_remembered(client: SequenceClient, server: Server) -> None:
    """Twenty hours after the first call with it, the same call with it has three hours left, and not a day."""
    first_used = datetime.now(UTC) - 20 * HOUR
    error = await left_open(client, server, idempotency_key=idempotency_key_for("invoice-17", first_used=first_used))
    assert timedelta() <= first_used + 23 * HOUR - (error.remembered_until or first_used) < timedelta(seconds=1)
    again = pickle.loads(pickle.dumps(error))
    assert again.request.headers["Idempotency-Key"].first_used == first_used
    server.reply(RESPONSES["createTransfer"], 201)
    assert isinstance(await again.resume(client), Transfer)


async def refused(client: SequenceClient, server: Server, **arguments: Any) -> type[Exception]:
    """What a refusal in the API's words comes to."""
    server.response = lambda asked: Reply(ERROR.format("INSUFFICIENT_FUNDS"), 422)
    with pytest.raises((UnprocessableEntityError, OutcomeUnknownError)) as caught:
        await client.transfers.create(**A_TRANSFER, **arguments)
    return caught.type


async def test_a_call_with_the_key_of_one_that_was_left_open_is_open(client: SequenceClient, server: Server) -> None:
    """Also of a plain key, and whichever client on the same connections made the other call."""
    assert await refused(client, server, idempotency_key="invoice-17") is UnprocessableEntityError
    await left_open(client, server, idempotency_key="invoice-17")
    assert await refused(client, server, idempotency_key="invoice-17") is OutcomeUnknownError
    assert await refused(client.with_options(timeout=4), server, idempotency_key="invoice-17") is OutcomeUnknownError
    assert await refused(client, server, idempotency_key="invoice-18") is UnprocessableEntityError
    server.response = lambda asked: Reply(RESPONSES["createTransfer"], 201)
    await client.transfers.create(**A_TRANSFER, idempotency_key="invoice-17")


async def test_a_call_with_the_key_of_one_that_was_cancelled_is_open(client: SequenceClient, server: Server) -> None:
    server.response = lambda asked: Reply("", 200, before=lambda: time.sleep(0.6))
    with anyio.move_on_after(0.3):
        await client.transfers.create(**A_TRANSFER, idempotency_key="invoice-17")
    assert await refused(client, server, idempotency_key="invoice-17") is OutcomeUnknownError


async def test_a_key_that_was_used_before_the_client_was_made_may_have_done_its_work(
    client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    """As after a crash: a process that was killed may have paid, and no refusal now says that it did not."""
    earlier = idempotency_key_for("invoice-17", first_used=clock.now() - HOUR)
    assert await refused(client, server, idempotency_key=earlier) is OutcomeUnknownError
    since = idempotency_key_for("invoice-18", first_used=clock.now(), used_before=False)
    assert await refused(client, server, idempotency_key=since) is UnprocessableEntityError


async def test_an_expired_key_is_refused_before_anything_is_sent(client: SequenceClient, server: Server) -> None:
    key = IdempotencyKey("invoice-17", first_used=datetime.now(UTC) - 23 * HOUR)
    with pytest.raises(IdempotencyKeyExpiredError, match=r"createTransfer: .* could be used until .* UTC"):
        await client.transfers.create(**A_TRANSFER, idempotency_key=key)
    with pytest.raises(IdempotencyKeyExpiredError):  # and it is known from then on
        await client.transfers.create(**A_TRANSFER, idempotency_key="invoice-17")
    ahead = IdempotencyKey("invoice-18", first_used=datetime.now(UTC) + HOUR)
    with pytest.raises(InvalidArgumentError, match=r"the first use of its idempotency key, at .* is in the future"):
        await client.rules.trigger("rule_1", idempotency_key=ahead)
    assert server.asked == []


def test_a_key_is_a_string_that_knows_its_first_use() -> None:
    first_used = datetime(2024, 4, 24, 14, tzinfo=timezone(timedelta(hours=2)))
    key = IdempotencyKey("invoice-17", first_used=first_used)
    assert (key, key.first_used) == ("invoice-17", NOW)
    assert pickle.loads(pickle.dumps(key)).first_used == NOW
    assert IdempotencyKey("invoice-17").first_used is None
    assert idempotency_key_for("invoice-17", first_used=NOW) == idempotency_key_for("invoice-17")
    with pytest.raises(InvalidArgumentError, match=r"first_used is .*; give a datetime with a time zone"):
        IdempotencyKey("invoice-17", first_used=datetime(2024, 4, 24))  # noqa: DTZ001


spans = st.floats(-1e6, 1e6)


@given(spans, spans, st.none() | spans, st.booleans())
def test_the_time_between_two_moments_is_the_longest_that_a_clock_shows(
    wall: float, monotonic: float, boottime: float | None, same: bool
) -> None:
    begin = Moment(wall=NOW, monotonic=5.0, boottime=7.0, machine="a")
    end = Moment(
        wall=NOW + timedelta(seconds=wall),
        monotonic=5.0 + monotonic,
        boottime=None if boottime is None else 7.0 + boottime,
        machine="a" if same else "b",
    )
    shown = [wall, 0.0] + ([monotonic] + ([] if boottime is None else [boottime]) if same else [])
    assert begin.until(end).total_seconds() == pytest.approx(max(shown), abs=1e-3)
    kept = timedelta(hours=24)
    until = Age(begin).usable_until(end, kept)
    assert until is not None
    assert (end.wall >= until) == (begin.until(end) >= kept - MARGIN)


# Cancelled.


async def cancelled_by_anyio(call: Callable[[], Any]) -> None:
    with anyio.move_on_after(0.3) as scope:
        await call()
    assert scope.cancelled_caught


async def cancelled_by_timeout(call: Callable[[], Any]) -> None:
    with pytest.raises(TimeoutError) as caught:
        async with asyncio.timeout(0.3):
            await call()
    assert "idempotency_key=" in "".join(getattr(caught.value.__cause__, "__notes__", []))


async def cancelled_by_its_task(call: Callable[[], Any]) -> None:
    task = asyncio.ensure_future(call())
    await asyncio.sleep(0.3)
    task.cancel()
    with pytest.raises(asyncio.CancelledError) as caught:
        await task
    assert "idempotency_key=" in "".join(caught.value.__notes__)


@pytest.mark.parametrize("cancelled", [cancelled_by_anyio, cancelled_by_timeout, cancelled_by_its_task])
async def test_a_cancelled_write_tells_its_key(
    cancelled: Callable[[Callable[[], Any]], Any],
    anyio_backend: str,
    client: SequenceClient,
    server: Server,
    caplog: pytest.LogCaptureFixture,
) -> None:
    if anyio_backend == "trio" and cancelled is not cancelled_by_anyio:
        return
    server.response = lambda asked: Reply("", 200, before=lambda: time.sleep(0.6))
    await cancelled(lambda: client.transfers.create(**A_TRANSFER))
    (warning,) = [one for one in caplog.records if one.levelno == logging.WARNING and one.name == "sequence_sdk"]
    key = server.asked[0].headers["Idempotency-Key"]
    assert "createTransfer was cancelled when it may have been done already" in warning.getMessage()
    assert f"idempotency_key=IdempotencyKey('{key}', first_used=datetime.datetime(" in warning.getMessage()
    assert API_KEY not in warning.getMessage()


async def test_a_write_that_is_cancelled_between_two_attempts_tells_its_key(
    anyio_backend: str, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.response = lambda asked: Reply("", 503, headers={"Retry-After": "30"})
    async with SequenceClient(API_KEY, base_url=server.base_url) as client:
        with anyio.move_on_after(0.3):
            await client.transfers.create(**A_TRANSFER, idempotency_key="mine")
    assert [one for one in caplog.messages if "idempotency_key=IdempotencyKey('mine', used_before=True)" in one]


def test_nothing_is_printed_where_no_logging_is_set_up(server: Server) -> None:
    """Neither of repeats nor of a write that was cancelled, which has a note besides."""
    program = """
import anyio, sequence_sdk, sys

async def main():
    client = sequence_sdk.SequenceClient("sk_1", base_url=sys.argv[1])
    with anyio.move_on_after(2):
        await client.transfers.create(
            source_account_id="acc_1", destination_account_id="acc_2", amount_in_cents=100
        )
    await client.aclose()

anyio.run(main)
"""
    server.response = lambda asked: Reply("", 503, headers={"Retry-After": "0" if len(server.asked) < 3 else "30"})
    ran = subprocess.run([sys.executable, "-c", program, server.base_url], capture_output=True, text=True, check=True)
    assert (ran.stdout, ran.stderr) == ("", "")
    assert len(server.asked) >= 2


@pytest.mark.parametrize("write", [True, False])
async def test_nothing_is_told_of_what_cannot_have_been_done(
    write: bool, anyio_backend: str, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.response = lambda asked: Reply(ERROR.format("limit"), 429, headers={"Retry-After": "30"})
    async with SequenceClient(API_KEY, base_url=server.base_url) as client:
        with anyio.move_on_after(0.3):
            await (client.transfers.create(**A_TRANSFER) if write else client.accounts.list())
        server.response = lambda asked: Reply("", 503, headers={"Retry-After": "30"})
        with anyio.move_on_after(0.3):
            await client.accounts.list()
    assert not [one for one in caplog.records if one.levelno == logging.WARNING]


# Candidates.


async def test_what_a_write_may_have_made_is_listed_after_its_key_has_expired(anyio_backend: str) -> None:
    sandbox = Sandbox()
    clock = SkippingClock()
    async with sandbox.client(clock=clock, max_retries=0) as client:
        await client.transfers.create(**{**A_TRANSFER, "amount_in_cents": 6000})
        sandbox.fail("reset_after", "createTransfer")
        with pytest.raises(OutcomeUnknownError) as caught:
            await client.transfers.create(**A_TRANSFER)
        caught.value.first_sent = replace(caught.value.first_sent, wall=sandbox.organization.clock.now())
        made = list(sandbox.organization.transfers)[-1]
        clock.advance(25 * 3600)
        with pytest.raises(ConfigurationError, match="candidates"):
            await caught.value.resume(client)
        found = await pickle.loads(pickle.dumps(caught.value)).candidates(client)
        assert [type(one) for one in found] == [Transfer]
        assert [one.id for one in found] == [made.id]

        sandbox.fail("reset_after", "triggerRule")
        with pytest.raises(OutcomeUnknownError) as triggered:
            await client.rules.trigger("rule_01GSBX0000001")
        triggered.value.first_sent = replace(triggered.value.first_sent, wall=sandbox.organization.clock.now())
        runs = await triggered.value.candidates(client)
        assert [type(one) for one in runs] == [RuleExecutionSummary]
        assert [one.id for one in runs] == [list(sandbox.organization.rule_executions)[-1].id]


async def test_candidates_are_looked_for_where_the_write_was_sent(client: SequenceClient, server: Server) -> None:
    error = await left_open(client, server)
    async with SequenceClient(API_KEY, base_url=f"{server.base_url}/other") as other:
        with pytest.raises(ConfigurationError, match=r"createTransfer was sent to .*: look there"):
            await error.candidates(other)


# What does not leave anything open stays a plain error.


async def test_a_first_refusal_in_the_apis_words_says_that_it_was_not_done(
    client: SequenceClient, server: Server
) -> None:
    server.reply(ERROR.format("bad_request"), 400)
    with pytest.raises(BadRequestError):
        await client.transfers.create(**A_TRANSFER)


async def test_a_deadline_that_passes_while_connecting_leaves_nothing_open(anyio_backend: str) -> None:
    """The system accepts no connection to a port whose queue is full."""
    with full_port() as port:
        async with SequenceClient(API_KEY, base_url=f"http://127.0.0.1:{port}", max_retries=0) as client:
            for options in ({"timeout": 0.3}, {"deadline": 0.3}):
                with pytest.raises(APITimeoutError) as caught:
                    await client.with_options(**options).transfers.create(**A_TRANSFER)
                assert caught.value.sent is False
