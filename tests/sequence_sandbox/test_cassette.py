"""Cassettes: what was exchanged is in a file, without what is secret, and comes again without a server."""

from __future__ import annotations

import base64
import contextlib
import json
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import quote

import aiohttp
import anyio
import httpx
import httpx2
import pytest

from sequence_sandbox import Cassette, Sandbox
from sequence_sandbox.sanitizing import Sanitizer, without_key
from sequence_sdk import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    OutcomeUnknownError,
    PlatformClient,
    SequenceClient,
)

pytestmark = pytest.mark.anyio

pytest_plugins = ["pytester"]

POD, CARD = "acc_01HDEF0123", "acc_01HGHI7890"
NOWHERE = "http://127.0.0.1:9/anywhere"
"""An address at which nothing can be had."""

PAYMENT: dict[str, Any] = {
    "source_account_id": Sandbox.uuid(POD),
    "destination_account_id": Sandbox.uuid(CARD),
    "amount_in_cents": 5000,
}


@pytest.fixture
def sandbox(anyio_backend: str) -> Sandbox:
    return Sandbox()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cassettes" / "one.json"


def recorded(path: Path) -> list[dict[str, Any]]:
    """The exchanges in a file."""
    exchanges: list[dict[str, Any]] = json.loads(path.read_text())["exchanges"]
    return exchanges


def replaying(cassette: Cassette, **options: Any) -> PlatformClient:
    """A client of an address that does not respond."""
    options = {"clock": cassette.clock, "rate_limit": None, **options}
    return cassette.connect(PlatformClient("sk_another", base_url=NOWHERE, **options))


async def pay_and_wait(platform: PlatformClient) -> list[str]:
    """What an app does, and what it sees."""
    names = [account.name async for account in platform.accounts.list(page_size=3)]
    paid = await platform.transfers.create_and_wait(**PAYMENT)
    again = await platform.transfers.create_and_wait(**PAYMENT)
    balance = (await platform.accounts.get(Sandbox.uuid(POD))).balance
    return [*names, paid.id, paid.status, again.id, str(balance)]


async def pay_and_wait_v1(sequence: SequenceClient) -> list[str]:
    ids = {"source_account_id": POD, "destination_account_id": CARD}
    paid = await sequence.transfers.create_and_wait(**ids, amount_in_cents=5000)
    listed = [transfer.id async for transfer in sequence.transfers.list(account_id=POD, first=90)]
    return [paid.id, paid.status, *listed, *(account.id for account in await sequence.accounts.list())]


async def test_what_the_platform_api_said_comes_again_for_another_key_and_address(sandbox: Sandbox, path: Path) -> None:
    with sandbox.serve(), Cassette(path, mode="rewrite") as cassette:
        client = PlatformClient(sandbox.create_key(), base_url=sandbox.platform_url, clock=sandbox.sdk_clock)
        async with cassette.connect(client) as platform:
            seen = await pay_and_wait(platform)
    with Cassette(path) as cassette:
        async with replaying(cassette) as platform:
            assert await pay_and_wait(platform) == seen
    assert cassette.unused == []
    assert cassette.missing == []


async def test_what_v1_said_comes_again_though_requests_have_other_ids(sandbox: Sandbox, path: Path) -> None:
    with sandbox.serve() as base_url, Cassette(path, mode="rewrite") as cassette:
        client = SequenceClient(sandbox.create_key(), base_url=base_url, clock=sandbox.sdk_clock)
        async with cassette.connect(client) as sequence:
            seen = await pay_and_wait_v1(sequence)
    with Cassette(path) as cassette:
        options: dict[str, Any] = {"base_url": NOWHERE, "clock": cassette.clock}
        async with cassette.connect(SequenceClient("sk_another", **options)) as sequence:
            assert await pay_and_wait_v1(sequence) == seen
            with pytest.raises(APIConnectionError, match="or not so often"):
                await sequence.accounts.list()
    assert cassette.unused == []


async def test_clients_of_both_apis_and_those_made_from_them_share_a_cassette(sandbox: Sandbox, path: Path) -> None:
    async def ask(platform: PlatformClient, sequence: SequenceClient) -> tuple[Any, Any]:
        async with platform, sequence:
            both = sequence.with_options(timeout=5).accounts.list(), platform.with_options(timeout=5).accounts.list()
            return await both[0], await both[1].collect()

    with Cassette(path, mode="once") as cassette:
        seen = await ask(cassette.connect(sandbox.platform_client()), cassette.connect(sandbox.client()))
    with Cassette(path, mode="once") as cassette:
        assert not cassette.records
        sequence = cassette.connect(SequenceClient("sk_another", base_url=NOWHERE))
        assert await ask(replaying(cassette), sequence) == seen
    assert {one["request"]["api"] for one in recorded(path)} == {"v1", "platform"}


@asynccontextmanager
async def over(library: str) -> AsyncIterator[Any]:
    clients: dict[str, Callable[[], Any]] = {
        "httpx": httpx.AsyncClient,
        "httpx2": httpx2.AsyncClient,
        "aiohttp": aiohttp.ClientSession,
    }
    async with clients[library]() as http:
        yield http


@pytest.mark.parametrize("library", ["httpx", "httpx2", "aiohttp"])
async def test_what_was_recorded_over_one_library_is_replayed_under_any(
    library: str, anyio_backend: str, sandbox: Sandbox, path: Path
) -> None:
    if library == "aiohttp" and anyio_backend == "trio":
        pytest.skip("aiohttp runs on asyncio only")
    with sandbox.serve(), Cassette(path, mode="rewrite") as cassette:
        async with over(library) as http:
            options: dict[str, Any] = {"base_url": sandbox.platform_url, "clock": sandbox.sdk_clock}
            platform = cassette.connect(PlatformClient(sandbox.create_key(), http_client=http, **options))
            sandbox.fail("reset_after", "createTransfer")
            seen = await pay_and_wait(platform)
    with Cassette(path) as cassette:
        async with over(library) as http, replaying(cassette, http_client=http) as platform:
            assert await pay_and_wait(platform) == seen
        async with replaying(Cassette(path)) as platform:
            assert await pay_and_wait(platform) == seen
    assert cassette.unused == []


async def test_a_retry_is_a_second_exchange_with_the_same_idempotency_key(sandbox: Sandbox, path: Path) -> None:
    with Cassette(path, mode="rewrite") as cassette:
        platform = cassette.connect(sandbox.platform_client())
        sandbox.fail("reset_after", "createTransfer")
        sandbox.fail("status", "createTransfer", status=503, retry_after=2)
        assert (await platform.transfers.create.with_response(**PAYMENT)).attempts == 3
        await platform.transfers.create(**PAYMENT)
    written = recorded(path)
    assert [one["request"]["idempotency_key"] for one in written] == ["key-1", "key-1", "key-1", "key-2"]
    assert written[0]["no_response"]["sent"]
    with Cassette(path) as cassette:
        platform = replaying(cassette)
        before = cassette.clock.now()
        assert (await platform.transfers.create.with_response(**PAYMENT)).attempts == 3
        assert (cassette.clock.now() - before).total_seconds() >= 2
        assert len(cassette.unused) == 1


async def test_what_is_known_of_a_write_is_the_same_in_a_replay(sandbox: Sandbox, path: Path) -> None:
    async def outcomes(platform: PlatformClient, broken: Callable[[Any], object]) -> list[tuple[type, int, bool]]:
        found: list[tuple[type, int, bool]] = []
        for kind in ("reset_before", "truncated", "html"):
            broken(kind)
            with pytest.raises((OutcomeUnknownError, APIConnectionError)) as caught:
                await platform.accounts.create(type="POD", name=f"Pod {kind}")
            found.append((type(caught.value), caught.value.attempts, caught.value.retryable))
        return found

    with Cassette(path, mode="rewrite") as cassette, sandbox.serve():
        options: dict[str, Any] = {"base_url": sandbox.platform_url, "clock": sandbox.sdk_clock}
        async with cassette.connect(PlatformClient(sandbox.create_key(), **options)) as platform:
            seen = await outcomes(platform, lambda kind: sandbox.fail(kind, "createAccount"))
        options["base_url"] = NOWHERE
        async with cassette.connect(PlatformClient("sk_1", **options)) as platform:  # nothing can have left
            with pytest.raises(APIConnectionError):
                await platform.transfers.create(**PAYMENT)
    with Cassette(path) as cassette:
        async with replaying(cassette) as platform:
            assert await outcomes(platform, lambda kind: None) == seen
            with pytest.raises(APIConnectionError) as caught:
                await platform.transfers.create(**PAYMENT)
    assert {found[0] for found in seen} == {OutcomeUnknownError}
    assert (caught.value.attempts, caught.value.sent) == (4, False)
    assert cassette.unused == []


async def test_a_timeout_is_replayed_as_one_at_once(sandbox: Sandbox, path: Path) -> None:
    with Cassette(path, mode="rewrite") as cassette:
        sandbox.fail("latency", seconds=3600)
        with pytest.raises(APITimeoutError):
            await cassette.connect(sandbox.platform_client(timeout=0.2, max_retries=0)).accounts.list().collect()
    with Cassette(path) as cassette, pytest.raises(APITimeoutError):
        await replaying(cassette, timeout=3600, max_retries=0).accounts.list().collect()
    assert cassette.unused == []


async def test_a_timeout_is_one_though_the_machine_was_busy_as_it_began(
    sandbox: Sandbox, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    find = Cassette.find

    def find_late(cassette: Cassette, request: dict[str, Any]) -> object:
        time.sleep(0.1)  # a busy machine
        return find(cassette, request)

    monkeypatch.setattr(Cassette, "find", find_late)
    with Cassette(path, mode="rewrite") as cassette:
        sandbox.fail("latency", seconds=3600)
        with pytest.raises(APITimeoutError):
            await cassette.connect(sandbox.platform_client(timeout=1, max_retries=0)).accounts.list().collect()
    assert recorded(path)[0]["no_response"]["timed_out"]


async def test_what_was_cancelled_waits_to_be_cancelled_again(sandbox: Sandbox, path: Path) -> None:
    async def give_up(platform: PlatformClient, when: Callable[[], bool]) -> bool:
        async with anyio.create_task_group() as tasks:
            tasks.start_soon(platform.accounts.get, Sandbox.uuid(POD))
            while not when():
                await anyio.sleep(0.01)
            tasks.cancel_scope.cancel()
        return tasks.cancel_scope.cancelled_caught

    with Cassette(path, mode="rewrite") as cassette:
        sandbox.fail("latency", seconds=3600)
        await give_up(cassette.connect(sandbox.platform_client()), lambda: len(sandbox.requests) == 1)
    assert recorded(path)[0]["no_response"]["reason"] == "cancelled"
    with Cassette(path) as cassette:
        assert await give_up(replaying(cassette), lambda: cassette.unused == [])


async def test_a_request_that_is_not_recorded_is_refused_and_says_what_is(sandbox: Sandbox, path: Path) -> None:
    with Cassette(path, mode="rewrite") as cassette:
        await cassette.connect(sandbox.platform_client()).transfers.create(**PAYMENT)
    with sandbox.serve(), Cassette(path) as cassette:
        client = PlatformClient(sandbox.create_key(), base_url=sandbox.platform_url, clock=cassette.clock)
        async with cassette.connect(client) as platform:
            sandbox.requests.clear()
            with pytest.raises(APIConnectionError) as caught:
                await platform.transfers.create(**{**PAYMENT, "amount_in_cents": 6000})
        assert len(sandbox.requests) == 0
    error = caught.value
    assert (error.attempts, error.sent, error.retryable) == (1, False, False)
    for words in (
        'POST /transfers {"amountInCents": 6000',
        f"is not recorded in {path}",
        'nearest there: POST /transfers {"amountInCents": 5000',
        "mode='new'",
        "--sequence-record=new",
        "ignore_query",
    ):
        assert words in str(error)
    assert [repr(one)[:16] for one in (*cassette.missing, *cassette.unused)] == ["POST /transfers "] * 2


async def test_nothing_is_sent_where_there_is_no_file_unless_it_is_to_be_recorded(sandbox: Sandbox, path: Path) -> None:
    with Cassette(path) as cassette, pytest.raises(APIConnectionError, match="There is no such file"):
        await cassette.connect(sandbox.platform_client()).accounts.list().collect()
    assert len(sandbox.requests) == 0
    assert not path.exists()


async def test_each_mode_records_what_it_says(sandbox: Sandbox, path: Path) -> None:
    async def asked(mode: Any, *accounts: str) -> int:
        """How many requests go to the sandbox."""
        sandbox.requests.clear()
        with Cassette(path, mode=mode) as cassette:
            platform = cassette.connect(sandbox.platform_client())
            for account in accounts:
                with contextlib.suppress(APIConnectionError):
                    await platform.accounts.get(sandbox.uuid(account))
        return len(sandbox.requests)

    assert (await asked("once", POD, CARD), len(recorded(path))) == (2, 2)
    assert (await asked("once", POD, CARD, "acc_01HABC4567"), len(recorded(path))) == (0, 2)
    assert (await asked("new", POD, "acc_01HABC4567"), len(recorded(path))) == (1, 3)
    assert (await asked("replay", POD, CARD, "acc_01HABC4567"), len(recorded(path))) == (0, 3)
    assert (await asked("rewrite", POD), len(recorded(path))) == (1, 1)
    with pytest.raises(ValueError, match="no mode 'all'; use one of replay, once, new, rewrite"):
        await asked("all")


async def test_times_that_requests_are_made_of_are_those_of_the_recording(sandbox: Sandbox, path: Path) -> None:
    async def lately(cassette: Cassette, platform: PlatformClient) -> int:
        await cassette.clock.sleep(0.001)
        pager = platform.transfers.list(account_ids=[sandbox.uuid(POD)], from_=cassette.clock.now())
        return len(await pager.collect())

    with Cassette(path, mode="rewrite") as cassette:
        await lately(cassette, cassette.connect(sandbox.platform_client(clock=cassette.clock)))
        began = cassette.recorded_at
    with Cassette(path) as cassette:
        assert cassette.clock.now() == began
        await lately(cassette, replaying(cassette))
    assert cassette.unused == []
    with Cassette(path) as cassette, pytest.raises(APIConnectionError, match=r"nearest there: GET /transfers\?"):
        await cassette.clock.sleep(1)
        await lately(cassette, replaying(cassette))
    with Cassette(path, ignore_query=["from"]) as cassette:
        await cassette.clock.sleep(1)
        await lately(cassette, replaying(cassette))


async def test_who_waits_by_the_clock_of_a_replay_goes_on_in_the_order_of_time(sandbox: Sandbox, path: Path) -> None:
    with Cassette(path, mode="once") as cassette:
        await cassette.connect(sandbox.platform_client()).accounts.get(sandbox.uuid(POD))
    clock, order = Cassette(path).clock, list[float]()

    async def wait(seconds: float) -> None:
        await clock.sleep(seconds)
        order.append(seconds)

    async with anyio.create_task_group() as tasks:
        for seconds in (7200, 60, 3600):
            tasks.start_soon(wait, seconds)
    assert order == [60, 3600, 7200]


@pytest.mark.parametrize("seconds", [1e-12, 4e-7, 6e-7, 1.0000004])
async def test_whoever_waits_by_the_clock_of_a_replay_sees_it_move(seconds: float, path: Path) -> None:
    clock = Cassette(path).clock
    before = clock.now(), clock.monotonic()
    await clock.sleep(seconds)
    assert clock.now() > before[0]
    assert clock.monotonic() > before[1]


async def test_more_calls_than_the_rate_limit_allows_at_once_are_replayed(sandbox: Sandbox, path: Path) -> None:
    async def ask(platform: PlatformClient) -> None:
        for _ in range(150):
            await platform.accounts.get(sandbox.uuid(POD))

    with Cassette(path, mode="rewrite") as cassette:
        await ask(cassette.connect(sandbox.platform_client(rate_limit=None)))
    with Cassette(path) as cassette:
        platform = cassette.connect(PlatformClient("sk_another", base_url=NOWHERE, clock=cassette.clock))
        with anyio.fail_after(60):
            await ask(platform)
    assert cassette.unused == []


async def test_the_file_has_what_was_exchanged_before_a_test_fails_or_is_cancelled(
    sandbox: Sandbox, path: Path
) -> None:
    with pytest.raises(RuntimeError), Cassette(path, mode="rewrite") as cassette:
        await cassette.connect(sandbox.platform_client()).accounts.get(sandbox.uuid(POD))
        raise RuntimeError
    assert len(recorded(path)) == 1
    with anyio.CancelScope() as scope, Cassette(path, mode="new") as cassette:
        platform = cassette.connect(sandbox.platform_client())
        await platform.accounts.get(sandbox.uuid(CARD))
        scope.cancel()
        await platform.accounts.list().collect()
    assert [list(one)[1] for one in recorded(path)] == ["response", "response", "no_response"]


async def test_a_file_that_cannot_be_written_whole_is_left_as_it_was(
    sandbox: Sandbox, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Cassette(path, mode="once") as cassette:
        await cassette.connect(sandbox.platform_client()).accounts.get(sandbox.uuid(POD))
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o640)
    before = path.read_bytes()
    with pytest.raises(TypeError), Cassette(path, mode="new") as cassette:
        cassette.begin({"body": object()}).outcome["response"] = {}
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]
    with Cassette(path, mode="new") as cassette:
        await cassette.connect(sandbox.platform_client()).accounts.get(sandbox.uuid(CARD))
    assert path.stat().st_mode & 0o777 == 0o640


def test_any_text_of_json_can_be_written_and_is_read_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    request: dict[str, Any] = {"api": "v1", "method": "GET", "path": "/\ud800 é"}
    with Cassette(path, mode="once") as cassette:
        cassette.begin(request).outcome["response"] = {"status": 200, "headers": {}, "body": "\udfff…"}
    assert "é" in path.read_text()
    (read,) = Cassette(path).exchanges
    assert (read.request, read.outcome["response"]["body"]) == (request, "\udfff…")


def failing(name: str, value: object) -> object:
    raise ValueError("this is my mistake")


@pytest.mark.parametrize(
    ("redact", "words"),
    [
        (failing, "redact failed at amountInCents: ValueError: this is my mistake"),
        (lambda name, value: {value}, "redact failed at amountInCents: TypeError: Object of type set"),
    ],
    ids=["raises", "gives what is no JSON"],
)
async def test_a_write_is_not_sent_where_redact_fails_and_what_was_recorded_is_kept(
    redact: Any, words: str, sandbox: Sandbox, path: Path
) -> None:
    def later(name: str, value: object) -> object:
        return redact(name, value) if ready else value

    for mode in ("once", "new", "replay"):
        ready = False
        with Cassette(path, mode=mode, redact=later) as cassette:
            platform = cassette.connect(sandbox.platform_client())
            await platform.accounts.get(sandbox.uuid(POD))
            ready = True
            sandbox.requests.clear()
            with pytest.raises(APIConnectionError, match=words) as caught:
                await platform.transfers.create(**PAYMENT)
        assert (caught.value.sent, caught.value.attempts, caught.value.retryable) == (False, 1, False)
        assert len(sandbox.requests) == 0
        assert len(recorded(path)) == 1


async def test_a_write_whose_response_cannot_be_redacted_is_sent_once_and_says_so(sandbox: Sandbox, path: Path) -> None:
    def redact(name: str, value: object) -> object:
        return failing(name, value) if name == "status" else value

    with Cassette(path, mode="new", redact=redact) as cassette:
        with pytest.raises(OutcomeUnknownError, match="there was a response, but redact failed at status") as caught:
            await cassette.connect(sandbox.platform_client()).transfers.create(**PAYMENT)
        assert caught.value.attempts == 1
    assert len(sandbox.requests) == 1
    assert recorded(path) == []


REQUEST = {"api": "v1", "method": "GET", "path": "/accounts"}
RESPONSE: dict[str, Any] = {"status": 200, "headers": {}, "body": {}}


@pytest.mark.parametrize(
    ("exchange", "words"),
    [
        (None, r"Expected `object`, got `null` - at `\$.exchanges\[1\]`"),
        ({"request": REQUEST}, r"either response or no_response - at `\$.exchanges\[1\]`"),
        ({"request": {}, "response": RESPONSE}, r"`api` - at `\$.exchanges\[1\].request`"),
        ({"request": {**REQUEST, "query": []}, "response": RESPONSE}, r"exchanges\[1\].request.query"),
        (
            {"request": {**REQUEST, "idempotency_key": [1]}, "response": RESPONSE},
            r"exchanges\[1\].request.idempotency_key",
        ),
        ({"request": REQUEST, "response": {**RESPONSE, "status": "200"}}, r"exchanges\[1\].response.status"),
        ({"request": REQUEST, "response": {"status": 200, "body": {}}}, r"`headers` - at `\$.exchanges\[1\].response`"),
        (
            {"request": REQUEST, "response": {"status": 200, "headers": {}}},
            r"either body or text - at `\$.exchanges\[1\]",
        ),
        ({"request": REQUEST, "response": {**RESPONSE, "headers": {"date": 5}}}, r"exchanges\[1\].response.headers"),
        ({"request": REQUEST, "no_response": {}}, r"`reason` - at `\$.exchanges\[1\].no_response`"),
    ],
)
def test_an_exchange_that_could_not_be_replayed_is_named_when_the_file_is_opened(
    exchange: object, words: str, tmp_path: Path
) -> None:
    exchanges = [{"request": REQUEST, "response": RESPONSE}, exchange]
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"version": 1, "recorded_at": "2026-01-01T00:00:00Z", "exchanges": exchanges}))
    with pytest.raises(ValueError, match=f"one.json is no cassette that can be read: .*{words}"):
        Cassette(path)


TOO_DEEP = 700 if sys.version_info < (3, 12) else 990
"""Python 3.12 and newer need one frame a level where those before need two; JSON as deep as this can still be read."""


@pytest.mark.parametrize(
    "response",
    [{"body": json.loads("[" * TOO_DEEP + "]" * TOO_DEEP)}, {"text": "\ud800"}],
    ids=["nested too deeply to be restored", "no text of UTF-8"],
)
async def test_a_write_whose_response_cannot_be_made_is_not_of_unknown_outcome(
    response: dict[str, Any], sandbox: Sandbox, path: Path
) -> None:
    with Cassette(path, mode="once") as cassette:
        await cassette.connect(sandbox.platform_client()).transfers.create(**PAYMENT)
    content = json.loads(path.read_text())
    content["exchanges"][0]["response"] = {"status": 200, "headers": {}, **response}
    path.write_text(json.dumps(content))
    with pytest.raises(APIConnectionError, match="not sent, since") as caught:
        await replaying(Cassette(path)).transfers.create(**PAYMENT)
    assert (caught.value.sent, caught.value.attempts, caught.value.retryable) == (False, 1, False)


@pytest.mark.parametrize("mode", ["replay", "once", "new", "rewrite"])
def test_a_folder_is_no_cassette_in_any_mode(mode: Any, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=f"{tmp_path.name} is no cassette that can be read: it is a folder"):
        Cassette(tmp_path, mode=mode)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("[" * 100_000, "one.json is no cassette that can be read"),
        ('{"version": true}', "Expected `int`, got `bool` - at `\\$.version`"),
        ('{"version": 1, "recorded_at": "2026-01-01T00:00:00", "exchanges": []}', "timezone .* `\\$.recorded_at`"),
        ('{"version": 2}', "its version is 2, and this reads 1"),
        ("[]", "is no cassette that can be read"),
        ("{", "is no cassette that can be read"),
    ],
    ids=["deep", "a wrong type", "no time zone", "another version", "a list", "no JSON"],
)
def test_a_file_that_is_no_cassette_is_refused(content: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "one.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=words):
        Cassette(path)


def test_the_order_of_parameters_and_members_does_not_matter(tmp_path: Path) -> None:
    request: dict[str, Any] = {
        "api": "platform",
        "method": "POST",
        "path": "/a",
        "query": {"a": ["1"], "b": ["2", "3"]},
        "body": {"x": 1, "y": 2},
    }
    response = {"status": 200, "headers": {}, "body": None}
    content = {"request": {**request, "idempotency_key": "key-1"}, "response": response}
    path = tmp_path / "one.json"
    path.write_text(json.dumps({"version": 1, "recorded_at": "2026-01-01T00:00:00+00:00", "exchanges": [content]}))
    cassette = Cassette(path)
    assert cassette.find({**request, "body": {"x": 1, "y": 3}}) is None
    assert cassette.find({**request, "query": {"a": ["1"], "b": ["2"]}}) is None
    turned = {**request, "query": {"b": ["2", "3"], "a": ["1"]}, "body": {"y": 2, "x": 1}, "idempotency_key": "key-9"}
    assert cassette.find(turned) is not None
    assert cassette.find(turned) is None  # it was used


KEY = "sk_live_planted0key0111"
PLANTED = {
    "key": KEY,
    "encoded key": base64.b64encode(f"team:{KEY}".encode()).decode(),
    "other key": "sk_live_of0another0team",
    "routing number": "021000021",
    "account number": "000123456789",
    "short account number": "44321",
    "webhook secret": "whsec_c2VjcmV0",
    "other secret": "open sesame",
    "cookie": "session-4711",
    "header": "of-a-proxy-4712",
    "reason": "for-the-audit-4713",
    "caller's header": "of-the-team-4714",
    "idempotency key": "invoice-4715",
}


def planted(**members: Any) -> dict[str, Any]:
    return {
        "routingNumber": PLANTED["routing number"],
        "bankAccountNumber": PLANTED["account number"],
        "linkedAccount": {"accountNumber": int(PLANTED["short account number"]), "signing_secret": "open sesame"},
        "echo": f"Basic {PLANTED['encoded key']}",
        "webhook": [{"secret": {"current": PLANTED["other secret"], "next": [PLANTED["webhook secret"]]}}],
        PLANTED["other key"]: f"Bearer {PLANTED['other key']}",
        **members,
    }


def spoken() -> str:
    """What an error says that repeats all it knows."""
    return f"{KEY} may not; {KEY.upper()} neither; routing 021000021, account 000123456789; {PLANTED['webhook secret']}"


class Planting(BaseHTTPRequestHandler):
    """Responds with secrets, wherever there may be some."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        message, parts = spoken(), self.path.split("/")
        bodies = {
            "accounts": json.dumps(
                {"data": planted(id=parts[-1], note=json.dumps(planted())), "requestId": KEY, "message": message}
            ),
            "rules": json.dumps({"error": {"code": "RULE_NOT_FOUND", "message": message}, **planted()}),
            "transfers": json.dumps({"data": {"note": json.dumps(planted(said=message))}, **planted()})[:-9],
            "card-transactions": f"<html>{message} Authorization: Bearer {KEY}</html>",
        }
        body = bodies[next(one for one in bodies if one in parts)].encode()
        self.send_response({"rules": 404, "card-transactions": 500}.get(parts[-2], 200))
        self.send_header("Content-Type", "text/html" if body.startswith(b"<") else "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Set-Cookie", f"session={PLANTED['cookie']}")
        self.send_header("X-Proxy", PLANTED["header"])
        self.send_header("X-Request-ID", f"of {KEY}")
        self.send_header("Retry-After", "0")
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.path = f"/rules/{KEY}"
        self.do_GET()

    def log_message(self, format: str, *arguments: Any) -> None:
        """Tests show what they mean to."""


@pytest.fixture
def planting() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Planting)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/platform/v1"
    server.shutdown()
    thread.join()
    server.server_close()


async def test_nothing_secret_is_in_the_file_wherever_it_was(anyio_backend: str, planting: str, path: Path) -> None:
    id = Sandbox.uuid(POD)

    async def ask(platform: PlatformClient) -> list[str]:
        said: list[str] = []
        for call in (
            lambda: platform.accounts.get(id),
            lambda: platform.rules.get(id),
            lambda: platform.transfers.get(id),
            lambda: platform.card_transactions.get(id),
            lambda: platform.transfers.create(**PAYMENT, idempotency_key=PLANTED["idempotency key"]),
            lambda: platform.rules.update(id, name=f"{KEY} 021000021"),
        ):
            with pytest.raises(APIError) as caught:
                await call()
            said.append(type(caught.value).__name__)
        return said

    with Cassette(path, mode="rewrite") as cassette:
        client = PlatformClient(KEY, base_url=planting, reason=PLANTED["reason"], max_retries=0)
        async with cassette.connect(client.with_options(headers={"X-Team": PLANTED["caller's header"]})) as platform:
            seen = await ask(platform)
        await client.aclose()
    content = path.read_bytes().decode().lower()
    assert {name for name, secret in PLANTED.items() if secret.lower() in content} == set()
    assert '"authorization' not in content
    assert "cookie" not in content
    headers = {name for one in json.loads(content)["exchanges"] for name in one["response"]["headers"]}
    assert headers == {"content-type", "retry-after", "date", "x-request-id"}
    with Cassette(path) as cassette:
        async with replaying(cassette, max_retries=0) as platform:
            with pytest.raises(APIConnectionError, match="is not recorded"):  # the text had the key of another client
                await platform.rules.update(id, name="another name")
        client = PlatformClient(KEY, base_url=NOWHERE, max_retries=0)
        async with cassette.connect(client) as platform:
            assert await ask(platform) == seen


STRANGE_KEY = "Zq9w\"XvL'kTr+/42=="


def encoded(text: str) -> list[str]:
    found = [encode(text.encode()).decode() for encode in (base64.b64encode, base64.urlsafe_b64encode)]
    return [*found, *(one.rstrip("=") for one in found)]


@pytest.mark.parametrize(
    "spelled",
    [
        STRANGE_KEY,
        STRANGE_KEY.upper(),
        quote(STRANGE_KEY),
        quote(STRANGE_KEY, safe="").lower(),
        escape(STRANGE_KEY),
        STRANGE_KEY.replace("+", "&#43;").replace("/", "&#x2F;"),
        quote(escape(STRANGE_KEY)),
        json.dumps(STRANGE_KEY).replace("/", r"\/"),
        *(one for before in ("", "u", "u:", "u:p") for one in encoded(f"{before}{STRANGE_KEY}{before}")),
        quote(encoded(STRANGE_KEY)[0]),
    ],
)
def test_the_key_is_removed_however_it_is_spelled(spelled: str) -> None:
    sanitizer = Sanitizer(without_key(STRANGE_KEY, lambda text: text))
    assert sanitizer.text(f"the key {spelled} may not") == "REDACTED"
    assert sanitizer.text("the key Zq9w may not") == "the key Zq9w may not"


@pytest.mark.parametrize(
    "text",
    [
        "whsec_MfKQ9r8G/PD8ILP+Zo2LaLaSw==",
        "key=sk_/MfKQ9r8G",
        "my_sk_live_MfKQ9r8G",
        "sk-live-MfKQ9r8G",
        'Bearer "MfKQ9r8G"',
        "Bearer MfKQ'9r8G,MfKQ9r8G",
        "BEARER:MfKQ9r8G",
        "Bearer%20MfKQ9r8G",
        "Authorization: Basic MfKQ9r8G",
        'see {"secret": "MfKQ9r8G"}',
        """)]}',\n[{"secret": "MfKQ9r8G"}]""",
        r"{\"secret\": \"MfKQ9r8G\"",
        json.dumps(json.dumps({"apiKeys": ["MfKQ9r8G"], "accountNumbers": "MfKQ9r8G", "clientSecrets": "MfKQ9r8G"})),
    ],
)
def test_what_looks_secret_in_a_text_is_not_kept(text: str) -> None:
    kept = str(Sanitizer(str).text(text))
    assert "9r8G" not in kept
    assert "REDACTED" in kept


@pytest.mark.parametrize(
    "before_and_after",
    ["{}", "acct.{}", "acct-{}", "x_{}", "{}-", "{}_", "{}.", "no {}, or so", "{}.00", "a-b-{}-c"],
)
@pytest.mark.parametrize("number", ["123456789", "12345678901234567", "1234-5678-9012-3456", "1234 5678 9012 3456"])
def test_long_numbers_are_not_kept_whatever_they_are_joined_with(before_and_after: str, number: str) -> None:
    assert Sanitizer(str).text(before_and_after.format(number)) == before_and_after.format("REDACTED")


@pytest.mark.parametrize(
    "text",
    [
        "txr_01HSBX0000027",
        "/accounts/12345678-1234-1234-1234-123456789012/balance",
        "2026-01-01T00:00:00.123456789+00:00",
        "0.123456789012",
        "12345678",
        "task_list of the risk-review",
        "[a note] {of mine}",
    ],
)
def test_ids_and_times_and_words_stay_readable(text: str) -> None:
    assert Sanitizer(str).text(text) == text


@pytest.mark.parametrize(
    "name", ["apiKeys", "account_numbers", "clientSecrets", "access-tokens", "privateKey", "Cookies", "passwords"]
)
def test_names_of_what_is_secret_are_known_in_the_plural(name: str) -> None:
    assert Sanitizer(str).response({name: ["hunter", {"a": "hunter"}]}) == {name: ["REDACTED", {"a": "REDACTED"}]}


@pytest.mark.parametrize(
    "content",
    [
        b"access_token=hunter2&password=hunter2",
        b"<secret>hunter2</secret>",
        b')]}\',\n{"secret":"hunter2"}',
        b'{"secret":"hunter2"}\n{"secret":"hunter2"}',
        b'{"secret":"hunter2',
        b"hunter2",
        "hunter2".encode("utf-16"),
    ],
)
def test_of_a_body_that_is_no_json_only_its_length_is_kept(content: bytes) -> None:
    assert Sanitizer(str).body(content) == {"text": f"REDACTED: {len(content)} bytes"}
    assert Sanitizer(str).body(b"") == {"text": ""}


@pytest.mark.parametrize(
    "redact",
    [
        ["name", "beneficiary_name", "description"],
        lambda name, value: "…" if name in {"name", "beneficiaryName", "description"} else value,
    ],
    ids=["names", "a function"],
)
async def test_names_are_redacted_on_request_and_a_response_still_agrees_with_its_request(
    redact: Any, sandbox: Sandbox, path: Path
) -> None:
    async def use(platform: PlatformClient) -> list[str | None]:
        made = await platform.accounts.create(type="POD", name="For Maren Okafor")
        got = await platform.accounts.get(made.id)
        await platform.transfers.create(**PAYMENT, description="Okafor 7")
        with contextlib.suppress(Exception):  # a second one has the same name, and the API says so
            await platform.accounts.create(type="POD", name="For Maren Okafor")
        return [made.name, made.beneficiary_name, got.name]

    with Cassette(path, mode="once", redact=redact) as cassette:
        name = "For Maren Okafor"
        assert await use(cassette.connect(sandbox.platform_client())) == [name, "John Smith", name]
    for secret in ("Okafor", "Smith"):
        assert secret not in path.read_text()
    with Cassette(path, redact=redact) as cassette:
        made, beneficiary, got = await use(replaying(cassette))
    assert made == "For Maren Okafor"  # as the request says
    assert beneficiary == got
    assert got in {"REDACTED", "…"}
    assert cassette.unused == []


def test_a_single_name_is_no_list_of_names(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="put a single name into a list"):
        Cassette(tmp_path / "one.json", redact="name")


def test_a_cassette_needs_no_extra(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules.update(starlette=None, uvicorn=None)\n"
        "from sequence_sandbox import Cassette; from sequence_sdk import PlatformClient\n"
        "with Cassette('one.json') as one: one.connect(PlatformClient('sk_1', clock=one.clock))"
    )
    ended = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ended.stderr == ""


A_TEST_OF_THEIRS = """
import os
import pytest
from sequence_sdk import PlatformClient

pytestmark = pytest.mark.{plugin}


@pytest.fixture
def sequence_cassette_options():
    return {{"redact": ["beneficiaryName"]}}


@pytest.mark.parametrize("type", ["POD", "a/b"])
async def test_accounts(sequence_cassette, type):
    platform = PlatformClient(os.environ.get("SEQUENCE_API_KEY", "replayed"), clock=sequence_cassette.clock)
    async with sequence_cassette.connect(platform):
        account = await platform.accounts.get("{pod}")
    assert account.beneficiary_name == {{"once": "John Smith", None: "REDACTED"}}[os.environ.get("EXPECTED")]
    assert not sequence_cassette.unused
"""


@pytest.mark.long
@pytest.mark.parametrize(("plugin", "times"), [("asyncio", 1), ("anyio", 2)])
def test_the_fixture_records_beside_the_test_when_told_to_and_replays_otherwise(
    plugin: str, times: int, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tests that run on several event loops have one file."""
    pytester.makepyfile(test_app=A_TEST_OF_THEIRS.format(plugin=plugin, pod=Sandbox.uuid(POD)))
    pytester.makeini("[pytest]\nfilterwarnings = error\nasyncio_default_fixture_loop_scope = function")
    arguments = ("-p", "no:cacheprovider", "--sequence-record=rewrite")
    pytester.runpytest_subprocess(*arguments[:2]).assert_outcomes(failed=2 * times)  # nothing is recorded
    sandbox = Sandbox()
    with sandbox.serve(), monkeypatch.context() as recording:
        recording.setenv("SEQUENCE_API_KEY", sandbox.create_key())
        recording.setenv("SEQUENCE_PLATFORM_BASE_URL", sandbox.platform_url)
        recording.setenv("EXPECTED", "once")
        pytester.runpytest_subprocess(*arguments).assert_outcomes(passed=2 * times)
    assert len(sandbox.requests) == 2 * times
    files = sorted(one.name for one in (pytester.path / "cassettes" / "test_app").iterdir())
    assert len(files) == 2
    pytester.runpytest_subprocess(*arguments[:2]).assert_outcomes(passed=2 * times)


TESTS_OF_LIKE_NAMES = """
import pytest


class TestA:
    def test_one(self, sequence_cassette): ...

    class TestInner:
        def test_one(self, sequence_cassette): ...


class TestB:
    def test_one(self, sequence_cassette): ...


def test_one(sequence_cassette): ...


@pytest.mark.parametrize("value", ["POD", "a/b", "a-b", "a b", "-1", "1", "x" * 300])
def test_two(sequence_cassette, value): ...


@pytest.fixture(autouse=True)
def written(sequence_cassette):
    sequence_cassette.begin({}).outcome["response"] = {}
"""


@pytest.mark.long
def test_no_two_tests_have_the_same_file_and_plain_names_are_as_they_are(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(test_app=TESTS_OF_LIKE_NAMES)
    pytester.runpytest_subprocess("-p", "no:cacheprovider", "--sequence-record=rewrite").assert_outcomes(passed=11)
    files = {one.stem for one in (pytester.path / "cassettes" / "test_app").iterdir()}
    assert len(files) == 11
    plain = {"test_one", "TestA.test_one", "TestB.test_one", "TestA.TestInner.test_one"}
    assert files > plain | {"test_two-POD", "test_two-a-b", "test_two--1", "test_two-1"}
