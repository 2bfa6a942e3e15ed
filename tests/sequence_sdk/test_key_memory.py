"""What a client remembers of idempotency keys: nothing that another call may have done is said to be not done."""

from __future__ import annotations

import json
import logging
import pickle
import re
import threading
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import anyio
import httpx
import pytest
from attrs import define
from msgspec.structs import replace

from sequence_sandbox import Sandbox
from sequence_sdk import (
    APIError,
    ConfigurationError,
    IdempotencyKey,
    IdempotencyKeyExpiredError,
    InvalidArgumentError,
    OutcomeUnknownError,
    RateLimit,
    SequenceClient,
    UnprocessableEntityError,
    WaitTimeoutError,
    idempotency_key_for,
)
from sequence_sdk.key_memory import REMEMBERED, KeyMemory

from ..clocks import SkippingClock
from ..conftest import API_KEY, Asked, Reply, Server
from ..contract.contract import SUCCESSES
from ..sequence_sandbox.test_writes import A_TRANSFER
from .test_outcomes import left_open, refused

pytestmark = pytest.mark.anyio

RESPONSES = {name: json.dumps(payload) for name, payload in SUCCESSES}
REFUSED = Reply('{"error": {"code": "INSUFFICIENT_FUNDS", "message": "No."}}', 422)
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> SkippingClock:
    return SkippingClock()


@pytest.fixture
async def client(anyio_backend: str, server: Server, clock: SkippingClock) -> AsyncIterator[SequenceClient]:
    async with SequenceClient(
        API_KEY, base_url=server.base_url, timeout=5, max_retries=0, rate_limit=None, clock=clock
    ) as client:
        yield client


@define
class Ended:
    """A call that came to this."""

    succeeded: bool = False
    may_have_sent: bool = True
    digest: str = "request"


def remember(memory: KeyMemory, key: str, call: Ended) -> None:
    use = memory.use(key)
    use.begin(call)
    use.end(call)


def known(memory: KeyMemory, key: str) -> bool:
    return memory.use(key).may_be_done_by_others(Ended())


def test_so_many_keys_are_remembered_and_no_more() -> None:
    memory = KeyMemory()
    memory.use("in flight").begin(Ended())
    for number in range(REMEMBERED + 1):
        remember(memory, f"k{number}", Ended(succeeded=True))
        memory.use("k1")  # used again and again
    assert len(memory._uses) == REMEMBERED
    assert memory.use("in flight").in_flight
    assert [known(memory, key) for key in ("k1", f"k{REMEMBERED}", "k0")] == [True, True, False]


def test_what_is_open_is_remembered_longest() -> None:
    """Many payments that were made must not make a client forget one that may have been."""
    memory = KeyMemory()
    remember(memory, "open", Ended())
    for number in range(2 * REMEMBERED):
        remember(memory, f"k{number}", Ended(succeeded=True))
    assert known(memory, "open")
    for number in range(REMEMBERED):
        remember(memory, f"open{number}", Ended())
    assert not known(memory, "open")
    assert len(memory._uses) == REMEMBERED


def test_a_memory_that_grew_while_calls_were_in_flight_shrinks_again() -> None:
    memory, calls = KeyMemory(), [Ended(digest=str(number)) for number in range(REMEMBERED + 200)]
    for number, call in enumerate(calls):
        memory.use(f"k{number}").begin(call)
    assert len(memory._uses) == len(calls)
    for number, call in enumerate(calls):
        memory.use(f"k{number}").end(call)
    memory.use("one more")
    assert len(memory._uses) == REMEMBERED


async def test_a_key_of_the_sdks_own_is_remembered_like_any_other(
    client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    """It is in the response, and in what `create_and_wait` raises: given again a day later it would pay again."""
    server.response = lambda asked: Reply(RESPONSES["createTransfer"], 201)
    key = (await client.transfers.create.with_response(**A_TRANSFER)).idempotency_key
    clock.advance(24 * 3600)
    with pytest.raises(IdempotencyKeyExpiredError):
        await client.transfers.create(**A_TRANSFER, idempotency_key=key)


async def test_a_call_that_waited_for_its_turn_knows_when_another_sent_its_key(
    anyio_backend: str, server: Server, clock: SkippingClock
) -> None:
    """The machine is suspended while the second one waits for the rate limit."""
    server.response = lambda asked: Reply(RESPONSES["createTransfer"], 201)
    async with SequenceClient(
        API_KEY, base_url=server.base_url, rate_limit=RateLimit(1, per=3600), max_retries=0, clock=clock
    ) as client:
        raised: list[BaseException] = []

        async def call() -> None:
            try:
                await client.transfers.create(**A_TRANSFER, idempotency_key="k")
            except OutcomeUnknownError as error:
                raised.append(error)

        slept = clock.sleep

        async def sleep(seconds: float) -> None:
            clock.suspend(24 * 3600)
            await slept(seconds)

        clock.sleep = sleep  # type: ignore[method-assign]
        async with anyio.create_task_group() as group:
            group.start_soon(call)
            group.start_soon(call)
    assert (len(server.asked), len(raised)) == (1, 1)


async def test_a_resumed_write_is_as_old_as_its_first_attempt(
    client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    """Although this client has sent its key later, and knows of nothing before."""
    error = await left_open(client, server, idempotency_key=IdempotencyKey("k"))
    clock.advance(22.9 * 3600)
    async with SequenceClient(API_KEY, base_url=server.base_url, max_retries=3, clock=clock) as another:
        server.response = lambda asked: Reply("", 502)
        with pytest.raises(OutcomeUnknownError):
            await another.with_options(max_retries=0).transfers.create(**A_TRANSFER, idempotency_key="k")
        server.asked.clear()
        server.response = lambda asked: Reply("", 503, before=lambda: clock.advance(600))
        with pytest.raises(OutcomeUnknownError):
            await error.resume(another, key_first_used=clock.now() - 22.9 * HOUR)
        assert len(server.asked) == 1
        with pytest.raises(IdempotencyKeyExpiredError):
            await another.transfers.create(**A_TRANSFER, idempotency_key="k")


async def test_a_resumed_write_is_no_younger_for_a_clock_that_was_set_back(
    client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    """Then a later attempt, by another call with the key, looks earlier by the wall clock."""
    error = await left_open(client, server)
    clock.advance(22.9 * 3600)
    clock.wall_ahead -= 23.5 * 3600
    async with SequenceClient(API_KEY, base_url=server.base_url, max_retries=0, clock=clock) as another:
        await left_open(another, server, idempotency_key=str(error.idempotency_key))
        server.response = lambda asked: Reply("", 503, before=lambda: clock.advance(600))
        with pytest.raises(OutcomeUnknownError):
            await error.resume(another.with_options(max_retries=3))
    assert len(server.asked) == 1


async def test_a_first_use_that_was_refused_is_not_remembered(
    client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    with pytest.raises(InvalidArgumentError, match="in the future"):
        await client.transfers.create(
            **A_TRANSFER, idempotency_key=IdempotencyKey("k", first_used=clock.now() + 30 * HOUR)
        )
    assert await refused(client, server, idempotency_key="k") is UnprocessableEntityError


async def test_what_a_key_was_said_to_be_holds_for_later_calls(
    client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    old = IdempotencyKey("invoice-17", first_used=clock.now() - 22 * HOUR)
    await left_open(client, server, idempotency_key=old)
    clock.advance(2 * 3600)
    with pytest.raises(IdempotencyKeyExpiredError):
        await client.transfers.create(**A_TRANSFER, idempotency_key="invoice-17")
    assert await refused(client, server, idempotency_key=IdempotencyKey("k", used_before=True)) is OutcomeUnknownError
    assert await refused(client, server, idempotency_key="k") is OutcomeUnknownError


async def test_what_was_done_no_refusal_of_a_repeat_denies(client: SequenceClient, server: Server) -> None:
    server.response = lambda asked: Reply(RESPONSES["createTransfer"], 201)
    await client.transfers.create(**A_TRANSFER, idempotency_key="k")
    assert await refused(client, server, idempotency_key="k") is OutcomeUnknownError


async def test_a_replayed_response_settles_a_call_with_a_request_id_of_its_own(
    client: SequenceClient, server: Server
) -> None:
    error = await left_open(client, server)
    sent = ""

    def replayed(asked: Asked) -> Reply:
        nonlocal sent
        sent = sent or asked.headers["X-Request-ID"]
        return Reply(RESPONSES["createTransfer"], 201, headers={"X-Request-ID": sent})

    server.response = replayed
    await error.resume(client)
    for request_id in ("retry-1", "retry-2"):
        await client.transfers.create(**A_TRANSFER, idempotency_key=error.idempotency_key, request_id=request_id)


@pytest.mark.parametrize("first_ends_first", [True, False])
async def test_a_refusal_settles_nothing_while_another_call_with_the_key_may_have_done_it(
    first_ends_first: bool, client: SequenceClient, server: Server
) -> None:
    """Whether that one is in flight still, or has been lost since this one began."""
    both, released = threading.Barrier(2), threading.Event()

    def response(asked: Asked) -> Reply:
        first = len(server.asked) == 1
        both.wait(10)
        if first != first_ends_first:
            released.wait(10)
        return Reply("", 502) if first else REFUSED

    server.response = response
    raised: dict[int, type[Exception]] = {}

    async def call(number: int) -> None:
        try:
            await client.transfers.create(**A_TRANSFER, idempotency_key="invoice-17")
        except APIError as error:
            raised[number] = type(error)
            released.set()

    async with anyio.create_task_group() as group:
        group.start_soon(call, 1)
        with anyio.fail_after(5):
            while not server.asked:
                await anyio.sleep(0.01)
        group.start_soon(call, 2)
    assert raised == {1: OutcomeUnknownError, 2: OutcomeUnknownError}


async def test_what_another_operation_did_with_the_key_settles_nothing(client: SequenceClient, server: Server) -> None:
    await left_open(client, server, idempotency_key="k")
    server.response = lambda asked: Reply(RESPONSES["triggerRule"], 202)
    await client.rules.trigger("rule_01HXYZ1234", idempotency_key="k")
    assert await refused(client, server, idempotency_key="k") is OutcomeUnknownError


@pytest.mark.parametrize("key", ["plain", IdempotencyKey("dated")])
async def test_a_client_knows_when_it_used_a_key_first(
    key: str, client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    """An outage of a day, and an engine that repeats the call as its `retryable` says."""
    assert (await left_open(client, server, idempotency_key=key)).retryable
    clock.advance(22 * 3600)
    assert (await left_open(client, server, idempotency_key=key)).attempts == 1
    clock.advance(2 * 3600)
    with pytest.raises(IdempotencyKeyExpiredError, match="could be used until"):
        await client.transfers.create(**A_TRANSFER, idempotency_key=key)
    assert server.asked == []


async def test_a_clock_that_was_set_back_makes_no_key_younger(
    client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    key = IdempotencyKey("invoice-17", first_used=clock.now())
    await left_open(client, server, idempotency_key=key)
    clock.advance(24.5 * 3600)
    clock.wall_ahead -= 2 * 3600
    with pytest.raises(IdempotencyKeyExpiredError):
        await client.transfers.create(**A_TRANSFER, idempotency_key=key)
    assert server.asked == []


async def test_a_key_that_another_worker_used_may_have_done_its_work(
    client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    """However long this client has been there; also by a clock that is ahead; also if that was a moment ago."""
    clock.advance(3600)
    for number, used in enumerate((clock.now() - HOUR / 3, clock.now() + timedelta(seconds=50))):
        key = idempotency_key_for(f"invoice-{number}", first_used=used)
        assert await refused(client, server, idempotency_key=key) is OutcomeUnknownError
    now = clock.now()
    for used_before, expected in ((True, OutcomeUnknownError), (False, UnprocessableEntityError)):
        key = idempotency_key_for(f"invoice-{used_before}", first_used=now, used_before=used_before)
        assert await refused(client, server, idempotency_key=key) is expected
    mine = idempotency_key_for("invoice-mine", first_used=clock.now(), used_before=False)
    for _ in range(2):  # its owner says that nobody has used it
        assert await refused(client, server, idempotency_key=mine) is UnprocessableEntityError
        clock.advance(3600)


async def test_a_key_with_a_first_use_was_used_before_unless_its_owner_says_otherwise(
    client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    """Another worker may have made the call meanwhile: this client's own first try, refused, says nothing of that."""
    begun = clock.now()
    async with SequenceClient(API_KEY, base_url=server.base_url, max_retries=0, clock=clock) as another:
        first = idempotency_key_for("invoice-17", first_used=begun, used_before=False)
        assert await refused(client, server, idempotency_key=first) is UnprocessableEntityError
        clock.advance(1)
        await left_open(another, server, idempotency_key=idempotency_key_for("invoice-17", first_used=begun))
        for _ in range(2):
            again = idempotency_key_for("invoice-17", first_used=begun)
            assert await refused(client, server, idempotency_key=again) is OutcomeUnknownError
            clock.advance(3600)


async def test_a_key_is_as_old_with_another_description(
    client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    """The server forgets it after a day, whatever it came with: sent again, it would pay again."""
    await left_open(client, server, idempotency_key="invoice-17", description="try of 10:00")
    server.response = lambda asked: REFUSED
    with pytest.raises(UnprocessableEntityError):  # of this request, which is another one
        await client.transfers.create(**A_TRANSFER, idempotency_key="invoice-17", description="try of 10:01")
    clock.advance(24 * 3600)
    server.asked.clear()
    with pytest.raises(IdempotencyKeyExpiredError):
        await client.transfers.create(**A_TRANSFER, idempotency_key="invoice-17", description="of the next day")
    assert server.asked == []


async def test_the_key_of_an_error_says_that_it_was_used_before(
    client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    """Whoever gives it to another client at once, or from a pickle, gets no refusal that says that nothing was done."""
    given = IdempotencyKey("k", first_used=clock.now(), used_before=False)
    for options in ({}, {"idempotency_key": "plain"}, {"idempotency_key": given}):
        error: OutcomeUnknownError = pickle.loads(pickle.dumps(await left_open(client, server, **options)))
        async with SequenceClient(API_KEY, base_url=server.base_url, max_retries=0, clock=clock) as another:
            assert await refused(another, server, idempotency_key=error.idempotency_key) is OutcomeUnknownError
        async with SequenceClient("sk_rotated", base_url=server.base_url) as rotated:
            with pytest.raises(ConfigurationError, match="was sent with another API key"):
                await rotated.transfers.create(**A_TRANSFER, idempotency_key=error.idempotency_key)


async def test_a_key_that_is_made_of_a_key_knows_what_that_knew(
    client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    error = await left_open(client, server, idempotency_key="invoice-17")
    again = IdempotencyKey(str(error.idempotency_key))
    assert not again.may_have_been_used  # of a text nothing is known
    again = pickle.loads(pickle.dumps(IdempotencyKey(error.idempotency_key or "")))
    async with SequenceClient(API_KEY, base_url=server.base_url, max_retries=0, clock=clock) as another:
        assert await refused(another, server, idempotency_key=again) is OutcomeUnknownError
    fresh = IdempotencyKey(again, first_used=clock.now(), used_before=False)
    assert (fresh.used_before, fresh.first_used, fresh.first_sent) == (False, fresh.first_used, again.first_sent)

    class Own(IdempotencyKey):
        __slots__ = ()

    assert Own(again).may_have_been_used
    assert Own(again).first_sent == again.first_sent


async def test_the_key_of_an_error_is_as_old_for_any_client(
    client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    """Although its caller never said when it was used first, the error knows when it was sent."""
    error = pickle.loads(pickle.dumps(await left_open(client, server, idempotency_key="invoice-17")))
    clock.advance(30 * 3600)
    server.asked.clear()
    async with SequenceClient(API_KEY, base_url=server.base_url, max_retries=0, clock=clock) as another:
        with pytest.raises(IdempotencyKeyExpiredError):
            await another.transfers.create(**A_TRANSFER, idempotency_key=error.idempotency_key)
    assert server.asked == []


async def test_a_first_attempt_in_the_future_of_another_machine_is_not_resumed(
    client: SequenceClient, server: Server, clock: SkippingClock
) -> None:
    """By whose clock nobody can say how old the key is."""
    clock.wall_ahead += 6 * 3600
    error = await left_open(client, server)
    error.first_sent = replace(error.first_sent, machine="another")
    clock.wall_ahead -= 6 * 3600
    server.asked.clear()
    async with SequenceClient(API_KEY, base_url=server.base_url, max_retries=0, clock=clock) as another:
        with pytest.raises(InvalidArgumentError, match="in the future by the client's clock, which shows"):
            await error.resume(another)
    assert server.asked == []


@pytest.mark.parametrize("kind", ["handler", "filter"])
async def test_logging_that_breaks_hides_no_outcome(kind: str, client: SequenceClient, server: Server) -> None:
    class Full(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            raise OSError(28, "No space left on device")

    def broken(record: logging.LogRecord) -> bool:
        raise ValueError("no such field")

    logger, handler = logging.getLogger("sequence_sdk"), Full()
    level = logger.level
    logger.setLevel(logging.DEBUG)
    logger.addHandler(handler) if kind == "handler" else logger.addFilter(broken)
    try:
        server.response = lambda asked: Reply(RESPONSES["createTransfer"], 201)
        assert (await client.transfers.create(**A_TRANSFER)).id
        assert (await left_open(client, server)).idempotency_key
        server.response = lambda asked: Reply("", 200, before=lambda: threading.Event().wait(0.5))
        noted: list[str] = []
        with anyio.move_on_after(0.2) as scope:
            try:
                await client.transfers.create(**A_TRANSFER)
            except anyio.get_cancelled_exc_class() as cancelled:
                noted += cancelled.__notes__
                raise
        assert scope.cancelled_caught
        assert "may have been done already" in noted[0]
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)
        logger.removeFilter(broken)


async def test_what_an_error_advises_keeps_the_outcome_unknown_in_a_new_process(
    client: SequenceClient, server: Server, clock: SkippingClock, caplog: pytest.LogCaptureFixture
) -> None:
    """As a person would do it who copies the key from the message, or from the warning of a cancelled write."""
    texts = [str(await left_open(client, server))]
    server.response = lambda asked: Reply("", 200, before=lambda: threading.Event().wait(0.5))
    with anyio.move_on_after(0.2):
        await client.transfers.create(**A_TRANSFER)
    texts += [text for text in caplog.messages if "was cancelled" in text]
    assert len(texts) == 2
    for text in texts:
        advised = re.search(
            r"idempotency_key=(IdempotencyKey\('[^']*', first_used=datetime\.datetime\(.*?utc\), used_before=True\))",
            text,
        )
        assert advised
        key = eval(advised[1], {"IdempotencyKey": IdempotencyKey, "datetime": __import__("datetime")})
        async with SequenceClient(API_KEY, base_url=server.base_url, max_retries=0, clock=clock) as another:
            assert await refused(another, server, idempotency_key=key) is OutcomeUnknownError


async def test_a_response_that_is_replayed_with_its_headers_settles_a_write(
    client: SequenceClient, server: Server
) -> None:
    """The request ID in it is that of the first attempt, and a gateway may have added it once more."""
    first: list[str] = []

    def replaying(asked: Asked) -> Reply:
        first.append(asked.headers["X-Request-ID"])
        if len(first) == 1:
            return Reply("", 502)
        return Reply(RESPONSES["createTransfer"], 201, headers={"X-Request-ID": f"{first[0]}, {first[0]}"})

    for way in ("resumed", "called again"):
        first.clear()
        server.response = replaying
        with pytest.raises(OutcomeUnknownError) as caught:
            await client.transfers.create(**A_TRANSFER)
        if way == "resumed":
            assert await caught.value.resume(client)
        else:
            await client.transfers.create(**A_TRANSFER, idempotency_key=caught.value.idempotency_key)


@pytest.mark.parametrize("library", ["httpx", "aiohttp"])
async def test_the_age_of_a_key_is_looked_at_when_its_first_byte_leaves(
    library: str, anyio_backend: str, server: Server, clock: SkippingClock
) -> None:
    """The machine may be suspended while a repeat waits for a connection."""
    if library == "aiohttp" and anyio_backend == "trio":
        return

    def suspend_before_the_second(number: int) -> None:
        if number == 2:
            clock.suspend(25 * 3600)

    numbers = iter(range(1, 10))

    async def hook(*_: Any) -> None:
        suspend_before_the_second(next(numbers))

    server.response = lambda asked: Reply("", 503, headers={"Retry-After": "0"})
    if library == "aiohttp":
        import aiohttp

        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(hook)
        http: Any = aiohttp.ClientSession(trace_configs=[trace])
    else:
        http = httpx.AsyncClient(event_hooks={"request": [hook]})
    async with http:
        client = SequenceClient(API_KEY, base_url=server.base_url, http_client=http, clock=clock)
        with pytest.raises(OutcomeUnknownError):
            await client.transfers.create(**A_TRANSFER)
    assert len(server.asked) == 1


async def test_a_key_of_another_api_key_is_refused_where_its_owner_says_whose_it_is(
    client: SequenceClient, server: Server
) -> None:
    """The server knows idempotency keys for each API key: after a rotation a repeat would be done again."""
    noted = client.api_key_fingerprint()
    assert API_KEY not in noted
    assert client.api_key_fingerprint() != noted
    key = idempotency_key_for("invoice-17", api_key_fingerprint=noted)
    assert pickle.loads(pickle.dumps(key)).api_key_fingerprint == noted
    assert await refused(client, server, idempotency_key=key) is UnprocessableEntityError
    server.asked.clear()
    async with SequenceClient("sk_rotated", base_url=server.base_url) as rotated:
        for wrong in (noted, "", "zz:1", "é"):
            with pytest.raises(ConfigurationError, match="was sent with another API key"):
                await rotated.transfers.create(
                    **A_TRANSFER, idempotency_key=IdempotencyKey("k", api_key_fingerprint=wrong)
                )
    assert server.asked == []


# Waiting for longer than a key is remembered.


async def test_a_wait_that_ends_after_the_key_has_expired_advises_no_repeat(
    anyio_backend: str, caplog: pytest.LogCaptureFixture
) -> None:
    sandbox, clock = Sandbox(), SkippingClock()
    async with sandbox.client(clock=clock) as client:  # the sandbox's own clock stands still: it never ends
        with anyio.CancelScope() as scope:
            slept = clock.sleep

            async def sleep(seconds: float) -> None:
                await slept(seconds)
                if len(clock.slept) > 60:
                    scope.cancel()

            clock.sleep = sleep  # type: ignore[method-assign]
            await client.transfers.create_and_wait(**A_TRANSFER, timeout=None)
        (text,) = [one for one in caplog.messages if "is not waited for any longer" in one]
        assert "idempotency_key" not in text
        clock.sleep = slept  # type: ignore[method-assign]
        stated = IdempotencyKey("invoice-16", first_used=clock.now() - 22.5 * HOUR)
        await client.transfers.create(**A_TRANSFER, idempotency_key=stated)
        with pytest.raises(WaitTimeoutError) as caught:  # the first call said when the plain key was used first
            await client.transfers.create_and_wait(**A_TRANSFER, idempotency_key="invoice-16", timeout=7200)
        assert not caught.value.retryable
        key = idempotency_key_for("invoice-17")
        for timeout, retryable in ((3600.0, True), (100_000.0, False)):
            with pytest.raises(WaitTimeoutError) as caught:
                await client.transfers.create_and_wait(**A_TRANSFER, idempotency_key=key, timeout=timeout)
            assert caught.value.retryable is retryable


async def test_an_id_that_no_url_can_hold_is_named_with_what_was_made(client: SequenceClient, server: Server) -> None:
    made = json.loads(RESPONSES["createTransfer"])
    made["data"]["id"] = "txr_" + "1" * 70_000
    server.response = lambda asked: Reply(json.dumps(made), 201)
    with pytest.raises(APIError, match="it was made, and cannot be asked for by the ID") as caught:
        await client.transfers.create_and_wait(**A_TRANSFER)
    assert caught.value.last
    assert caught.value.idempotency_key
    assert not caught.value.retryable
