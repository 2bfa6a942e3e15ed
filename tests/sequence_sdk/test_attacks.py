"""What was tried to make the SDK say something untrue about money, each with the server or program that tried it."""

from __future__ import annotations

import asyncio
import gc
import json
import pickle
import re
import threading
import time
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import aiohttp
import anyio
import httpx
import httpx2
import pytest
from msgspec.structs import replace

from sequence_sandbox import Sandbox
from sequence_sdk import (
    APIConnectionError,
    APIError,
    APIResponseValidationError,
    ConfigurationError,
    IdempotencyKey,
    IdempotencyKeyExpiredError,
    InvalidArgumentError,
    OutcomeUnknownError,
    SequenceClient,
    SequenceError,
    WaitTimeoutError,
)
from sequence_sdk.models import TriggeredRule

from ..clocks import SkippingClock
from ..conftest import API_KEY, Reply, Server
from ..contract.apis import API, PLATFORM, V1
from ..contract.contract import SUCCESSES, perform, to_json
from ..sequence_sandbox.test_writes import A_TRANSFER
from .test_secrets import traceback_of
from .test_transports import client_of

RESPONSES = {name: json.dumps(payload) for name, payload in SUCCESSES}
REFUSED = '{"error": {"code": "INSUFFICIENT_FUNDS", "message": "No."}}'


# A wait that ends after the write was done.


@pytest.fixture
async def client(anyio_backend: str, server: Server) -> AsyncIterator[SequenceClient]:
    async with SequenceClient(API_KEY, base_url=server.base_url, timeout=5, max_retries=0) as client:
        yield client


@pytest.mark.anyio
@pytest.mark.parametrize("id", ["rule_execution_1", "rex 1", "…"])
async def test_an_id_that_looks_odd_is_waited_for_all_the_same(id: str, client: SequenceClient, server: Server) -> None:
    execution = {**dict(SUCCESSES)["getRuleExecution"]["data"], "id": id, "status": "executed"}
    server.reply(json.dumps({"request_id": "r", "data": {"execution_id": id}}), 202)
    server.reply(json.dumps({"request_id": "r", "data": execution}))
    assert (await client.rules.trigger_and_wait("rule_1")).id == id


@pytest.mark.anyio
async def test_a_rule_is_triggered_whatever_the_server_calls_the_id_of_the_run(
    client: SequenceClient, server: Server
) -> None:
    """No page says what it is called."""
    server.reply(json.dumps({"request_id": "r", "data": {"run_id": "rex_1"}}), 202)
    triggered = await client.rules.trigger("rule_1")
    assert (triggered.execution_id, triggered.raw) == (None, {"run_id": "rex_1"})
    server.reply(json.dumps({"request_id": "r", "data": {"run_id": "rex_1"}}), 202)
    with pytest.raises(APIError, match="it was made, and the response has no ID of it where it was expected") as caught:
        await client.rules.trigger_and_wait("rule_1")
    assert isinstance(caught.value.last, TriggeredRule)
    assert caught.value.last.raw == {"run_id": "rex_1"}
    assert caught.value.done
    assert caught.value.idempotency_key


@pytest.mark.anyio
@pytest.mark.parametrize("id", ["", ".", ".."])
async def test_of_an_id_that_no_path_can_hold_the_error_says_what_was_made(
    id: str, client: SequenceClient, server: Server
) -> None:
    created = json.loads(RESPONSES["createTransfer"])
    created["data"]["id"] = id
    server.reply(json.dumps(created), 201)
    with pytest.raises(APIError, match="cannot be asked for by the ID that the server gave it") as caught:
        await client.transfers.create_and_wait(**A_TRANSFER)
    assert caught.value.last is not None
    assert caught.value.idempotency_key == server.asked[0].headers["Idempotency-Key"]
    assert not caught.value.retryable


@pytest.mark.anyio
async def test_a_cancelled_wait_tells_what_was_made(
    client: SequenceClient, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    server.response = lambda asked: Reply(RESPONSES["createTransfer"], 201)
    with anyio.move_on_after(0.3) as scope:
        await client.transfers.create_and_wait(**A_TRANSFER)
    assert scope.cancelled_caught
    key = server.asked[0].headers["Idempotency-Key"]
    assert [
        one for one in caplog.messages if "createTransfer was done" in one and "txr_01HABC2222" in one and key in one
    ]


@pytest.mark.asyncio
async def test_a_timeout_around_a_wait_has_the_note(server: Server) -> None:
    not_yet = Reply('{"error": {"code": "resource_not_found", "message": "Not yet."}}', 404)
    server.response = lambda asked: not_yet if asked.method == "GET" else Reply(RESPONSES["triggerRule"], 202)
    async with SequenceClient(API_KEY, base_url=server.base_url) as client:
        with pytest.raises(TimeoutError) as caught:
            async with asyncio.timeout(0.3):
                await client.rules.trigger_and_wait("rule_1", idempotency_key="mine")
    assert "triggerRule was done" in "".join(caught.value.__cause__.__notes__)  # type: ignore[union-attr]


@pytest.mark.anyio
async def test_an_http_client_that_is_closed_while_waiting_does_not_undo_the_write(
    anyio_backend: str, server: Server
) -> None:
    server.response = lambda asked: Reply(RESPONSES["createTransfer"], 201)
    async with httpx.AsyncClient() as http:
        client = SequenceClient(API_KEY, base_url=server.base_url, http_client=http)
        async with anyio.create_task_group() as group:

            async def close() -> None:
                await anyio.sleep(0.3)
                await http.aclose()

            group.start_soon(close)
            with pytest.raises(APIConnectionError, match="cannot be waited for any longer") as caught:
                await client.transfers.create_and_wait(**A_TRANSFER)
    assert caught.value.last is not None
    assert not caught.value.retryable


@pytest.mark.anyio
@pytest.mark.parametrize(("key", "retryable"), [(None, False), ("mine", True)])
async def test_repeating_a_wait_that_ended_is_only_right_with_the_key_of_the_write(
    key: str | None, retryable: bool, anyio_backend: str
) -> None:
    sandbox = Sandbox()
    async with sandbox.client(clock=SkippingClock()) as client:
        with pytest.raises(WaitTimeoutError) as caught:
            await client.transfers.create_and_wait(**A_TRANSFER, idempotency_key=key, timeout=5)
    assert caught.value.retryable is retryable
    assert caught.value.idempotency_key == key or key is None
    assert caught.value.idempotency_key is not None


@pytest.mark.anyio
async def test_a_status_from_a_server_moves_no_cursor(anyio_backend: str, server: Server) -> None:
    response = json.loads(RESPONSES["getTransfer"])
    response["data"]["status"] = "evil\x1b[2J\nFAKE LOG"
    server.response = lambda asked: Reply(json.dumps(response))
    async with SequenceClient(API_KEY, base_url=server.base_url, clock=SkippingClock(), rate_limit=None) as client:
        with pytest.raises(WaitTimeoutError) as caught:
            await client.transfers.wait(response["data"]["id"], timeout=5)
    assert "\x1b" not in str(caught.value)
    assert "\n" not in str(caught.value)


# Libraries that do more than they should.


class FailsOver(httpx.AsyncBaseTransport):
    """Sends a request that one server did not respond to, to another."""

    def __init__(self, first: str, second: str) -> None:
        self.bases = [first, second]
        self.inner = httpx.AsyncHTTPTransport()

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        for base in self.bases:
            again = httpx.Request(
                request.method,
                base + request.url.path,
                headers=request.headers,
                content=await request.aread(),
                extensions={"timeout": {}} if base is self.bases[0] else request.extensions,
            )
            try:
                return await self.inner.handle_async_request(again)
            except httpx.TransportError:
                continue
        raise httpx.ConnectError("both are gone")

    async def aclose(self) -> None:
        await self.inner.aclose()


def _break() -> None:
    raise ConnectionError


@pytest.mark.anyio
@pytest.mark.parametrize("subclass", [True, False])
async def test_a_transport_that_sends_elsewhere_may_have_sent(
    subclass: bool, anyio_backend: str, server: Server
) -> None:
    server.response = lambda asked: Reply("", before=_break)
    origin = server.base_url.removesuffix("/api/v1")

    class Client(httpx.AsyncClient):
        async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
            try:
                await super().send(httpx.Request(request.method, request.url, content=b"{}"))
            except httpx.TransportError:
                request = httpx.Request("POST", "http://127.0.0.1:1/", extensions=request.extensions)
            return await super().send(request, **options)

    http = Client() if subclass else httpx.AsyncClient(transport=FailsOver(origin, "http://127.0.0.1:1"))
    async with http, SequenceClient(API_KEY, base_url=server.base_url, http_client=http, max_retries=0) as client:
        with pytest.raises(OutcomeUnknownError):
            await client.transfers.create(**A_TRANSFER)
    assert len(server.asked) == 1


@pytest.mark.asyncio
async def test_a_middleware_that_sends_elsewhere_may_have_sent(server: Server) -> None:
    server.response = lambda asked: Reply("", before=_break)
    async with aiohttp.ClientSession() as other:

        async def elsewhere(request: aiohttp.ClientRequest, handler: Any) -> aiohttp.ClientResponse:
            try:
                return await handler(request)  # type: ignore[no-any-return]
            except aiohttp.ClientError:
                return await other.post(server.base_url)

        async with (
            aiohttp.ClientSession(middlewares=(elsewhere,)) as http,
            SequenceClient(API_KEY, base_url="http://127.0.0.1:1", http_client=http, max_retries=0) as client,
        ):
            with pytest.raises(OutcomeUnknownError):
                await client.transfers.create(**A_TRANSFER)
    assert len(server.asked) == 1


class Unsayable(Exception):
    def __str__(self) -> str:
        raise IndexError


@pytest.mark.anyio
async def test_an_exception_that_cannot_say_what_it_is_is_an_error_of_the_sdk(
    anyio_backend: str, server: Server
) -> None:
    async def hook(response: Any) -> None:
        raise Unsayable

    server.response = lambda asked: Reply(RESPONSES["createTransfer"], 201)
    async with (
        httpx.AsyncClient(event_hooks={"response": [hook]}) as http,
        SequenceClient(API_KEY, base_url=server.base_url, http_client=http) as client,
    ):
        with pytest.raises(OutcomeUnknownError, match="Unsayable"):
            await client.transfers.create(**A_TRANSFER)


@pytest.mark.asyncio
async def test_a_session_that_is_closed_meanwhile_cancels_no_call(server: Server) -> None:
    released = threading.Event()
    server.response = lambda asked: Reply(RESPONSES["listAccounts"], before=lambda: released.wait(10))
    http = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=1))
    client = SequenceClient(API_KEY, base_url=server.base_url, http_client=http, max_retries=0)
    calls = [asyncio.create_task(client.accounts.list()) for _ in range(3)]
    while not server.asked:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.1)
    await http.close()
    released.set()
    outcomes = await asyncio.gather(*calls, return_exceptions=True)
    assert {type(one) for one in outcomes} <= {APIConnectionError, list}
    assert APIConnectionError in {type(one) for one in outcomes}


@pytest.mark.asyncio
async def test_calls_over_aiohttp_leave_nothing_to_the_garbage_collector(server: Server) -> None:
    server.response = lambda asked: Reply(RESPONSES["listAccounts"])
    async with (
        aiohttp.ClientSession() as http,
        SequenceClient(API_KEY, base_url=server.base_url, http_client=http) as client,
    ):
        await client.accounts.list()
        gc.collect()
        gc.disable()
        try:
            for _ in range(5):
                await client.accounts.list()
            left = [one for one in gc.get_objects() if type(one) is aiohttp.ClientRequest]
        finally:
            gc.enable()
    assert len(left) <= 1


# A server that responds what it was not asked.


async def surplus(api: API, delay: float, connections: list[int], writes: list[bytes]) -> asyncio.Server:
    """Responds to a read with its response and a refusal too many, and counts the writes."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connections.append(1)
        while True:
            try:
                head = await reader.readuntil(b"\r\n\r\n")
            except (asyncio.IncompleteReadError, ConnectionError):
                writer.close()
                return
            length = [int(line[15:]) for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
            body = await reader.readexactly(length[0]) if length else b""
            if head.startswith(b"POST"):
                writes.append(body)
            text = to_json(api.example("createTransfer" if head.startswith(b"POST") else "getAccount"))
            writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(text))
            writer.write(text)
            if head.startswith(b"GET"):
                if delay:
                    await writer.drain()
                    await asyncio.sleep(delay)
                no = REFUSED.encode()
                writer.write(
                    b"HTTP/1.1 422 No\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(no)
                )
                writer.write(no)
            await writer.drain()

    async def quietly(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except ConnectionError:
            writer.transport.abort()
        finally:
            writer.close()

    return await asyncio.start_server(quietly, "127.0.0.1", 0)


@pytest.mark.asyncio
@pytest.mark.parametrize("delay", [0, 0.05])
@pytest.mark.parametrize("library", ["httpx", "httpx2", "aiohttp"])
async def test_a_response_too_many_is_not_the_response_to_the_next_write(library: str, delay: float, api: API) -> None:
    connections: list[int] = []
    writes: list[bytes] = []
    created = api.example("createTransfer")
    server = await surplus(api, delay, connections, writes)
    port = server.sockets[0].getsockname()[1]
    retries = int(library == "aiohttp")  # which refuses the connection before anything is sent
    async with client_of(library) as http:
        client = api.client(API_KEY, base_url=f"http://127.0.0.1:{port}", http_client=http, max_retries=retries)
        await client.accounts.get(api.account)
        await asyncio.sleep(0.2)
        made = await perform(client, api.call_for("createTransfer", created))
        assert made.data.id == created["data"]["id"]
    server.close()
    await asyncio.sleep(0.1)  # the server hears that its clients have left
    assert len(writes) == 1


# Keys and clocks.


@pytest.mark.anyio
@pytest.mark.parametrize("dated", [True, False])
async def test_what_is_known_of_a_keys_age_adds_up(dated: bool, anyio_backend: str, server: Server) -> None:
    """Used first 20 hours before the call, resumed 4 1/2 hours after it, and the wall clock was set back meanwhile."""
    clock = SkippingClock()
    first_used = datetime.now(UTC) - timedelta(hours=20)
    key = IdempotencyKey("invoice-17", first_used=first_used if dated else None)
    async with SequenceClient(API_KEY, base_url=server.base_url, clock=clock, max_retries=0) as client:
        server.reply("", 502)
        with pytest.raises(OutcomeUnknownError) as caught:
            await client.transfers.create(**A_TRANSFER, idempotency_key=key)
        clock.advance(4.5 * 3600)
        clock.wall_ahead -= 10 * 3600
        with pytest.raises(IdempotencyKeyExpiredError):
            await caught.value.resume(client, key_first_used=first_used)
    assert len(server.asked) == 1


@pytest.mark.anyio
async def test_candidates_are_looked_for_since_the_keys_first_use(anyio_backend: str, server: Server) -> None:
    first_used = datetime.now(UTC) - timedelta(hours=20)
    async with SequenceClient(API_KEY, base_url=server.base_url, max_retries=0) as client:
        server.reply("", 502)
        with pytest.raises(OutcomeUnknownError) as caught:
            await client.transfers.create(
                **A_TRANSFER, idempotency_key=IdempotencyKey("invoice-17", first_used=first_used)
            )
        server.reply(RESPONSES["listTransfers"].replace('"has_next_page": true', '"has_next_page": false'))
        await caught.value.candidates(client)
    asked = datetime.fromisoformat(httpx.URL(f"http://x{server.asked[-1].target}").params["from"])
    assert asked <= first_used - timedelta(hours=1)


class Text(str):
    """A string of another class."""


@pytest.mark.anyio
@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.transfers.create(
            **A_TRANSFER,
            idempotency_key=IdempotencyKey("k", first_used=datetime.max.replace(tzinfo=timezone(-timedelta(hours=9)))),
        ),
        lambda client: client.with_options(timeout=10**400).accounts.list(),
        lambda client: client.transfers.create(**{**A_TRANSFER, "description": Text("x")}, amount=5),
    ],
)
async def test_no_argument_makes_anything_else_than_an_error_of_the_sdk(
    call: Callable[[SequenceClient], Any], client: SequenceClient, server: Server
) -> None:
    with pytest.raises((ValueError, TypeError)) as caught:
        await call(client)
    assert not isinstance(caught.value, OverflowError)
    assert server.asked == []


@pytest.mark.anyio
async def test_a_moment_at_the_end_of_time_is_refused(client: SequenceClient, server: Server) -> None:
    server.reply("", 502)
    with pytest.raises(OutcomeUnknownError) as caught:
        await client.transfers.create(**A_TRANSFER, idempotency_key="mine")
    with pytest.raises(InvalidArgumentError, match="in the future"):
        await caught.value.resume(client, key_first_used=datetime.max.replace(tzinfo=UTC))
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(IdempotencyKey("k", first_used=datetime.now(UTC)), protocol)) == "k"


@pytest.mark.anyio
async def test_a_string_of_another_class_is_sent_as_the_text_that_it_is(client: SequenceClient, server: Server) -> None:
    server.reply("", 422)
    with pytest.raises(APIError):
        await client.transfers.create(**{**A_TRANSFER, "source_account_id": Text("acc_1")})
    assert json.loads(server.asked[0].body)["source_account_id"] == "acc_1"


def longest_part(text: str) -> str:
    """The longest part of the key that a text shows, whatever its case."""
    text, key = text.lower(), API_KEY.lower()
    parts = (key[i:j] for i in range(len(key)) for j in range(i + 1, len(key) + 1))
    return max((part for part in parts if part in text), key=len, default="")


def source_of(api: API) -> str:
    """The ID of the account that the transfer is from."""
    return str(api.example("createTransfer")["data"]["source"]["id"])


MADE = json.loads(RESPONSES["createTransfer"])


def made(**members: object) -> str:
    return json.dumps({**MADE, "data": {**MADE["data"], **members}})


@pytest.mark.anyio
@pytest.mark.parametrize("write", [False, True])
@pytest.mark.parametrize(
    "reply",
    [
        Reply("", 404, headers={"X-Request-ID": API_KEY}),
        Reply("{}", 200, f"text/{API_KEY}"),
        Reply("{}", 200, "x" * 965 + API_KEY),
        Reply("{}", 404, "x" * 965 + API_KEY),
        Reply("{}", 200, headers={"Content-Encoding": API_KEY}),
        Reply("{}", 200, headers={"Content-Encoding": API_KEY.upper()}),
        Reply(json.dumps({"error": {"code": "x", "message": "y" * 965 + API_KEY}}), 404),
        lambda api: Reply(json.dumps(api.example("getAccount")).replace(api.account, API_KEY)),
        lambda api: Reply(json.dumps(api.example("createTransfer")).replace(source_of(api), API_KEY), 201),
    ],
    ids=range(9),
)
async def test_a_key_that_a_server_echoes_anywhere_is_not_shown(
    reply: Reply | Callable[[API], Reply],
    write: bool,
    either: Any,
    api: API,
    server: Server,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("DEBUG", "sequence_sdk")
    server.response = lambda asked: reply if isinstance(reply, Reply) else reply(api)
    with pytest.raises(APIError) as caught:
        await perform(either, api.call("createTransfer" if write else "getAccount"))
    shown = [caplog.text]
    error: BaseException | None = caught.value
    while error is not None:
        members = {name: value for name, value in vars(error).items() if name != "content"}  # the bytes as they came
        shown += [str(error), repr(error), *map(str, members.values())]
        error = error.__cause__ or error.__context__
    assert len(longest_part("\n".join(shown))) < 6


@pytest.mark.anyio
async def test_a_key_that_a_server_echoes_while_a_write_is_waited_for_is_not_shown(
    client: SequenceClient, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    texts: list[str] = []
    for reply, options in (
        (Reply(made(status=API_KEY), 201), {"timeout": 0.1}),
        (Reply(made(id=API_KEY, status="error"), 201), {"raise_on_failure": True}),
        (Reply(made(id=API_KEY, status="processing"), 201), {}),
    ):
        server.response = lambda asked, reply=reply: reply  # type: ignore[misc]
        with anyio.move_on_after(0.5):
            try:
                await client.transfers.create_and_wait(**A_TRANSFER, **options)  # type: ignore[arg-type]
            except SequenceError as error:
                texts.append(str(error))
    assert len(texts) == 2
    assert any("is not waited for any longer" in one for one in caplog.messages)
    assert len(longest_part("\n".join([*texts, *caplog.messages]))) < 6


@pytest.mark.anyio
@pytest.mark.parametrize("body", ['{"error": {"code": "x"}}', '{"error": {"code": "", "message": "No."}}'])
async def test_a_refusal_that_is_not_whole_settles_nothing(body: str, either: Any, api: API, server: Server) -> None:
    server.reply(body, 422)
    with pytest.raises(OutcomeUnknownError) as caught:
        await perform(either, api.call("createTransfer"))
    assert replace(caught.value.first_sent) == caught.value.first_sent


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("api", "operation"), [(V1, "createTransfer"), (PLATFORM, "createTransfer"), (PLATFORM, "createAccount")]
)
async def test_a_key_that_is_echoed_to_a_write_is_not_in_the_cause_either(
    operation: str, either: Any, api: API, server: Server
) -> None:
    server.reply(json.dumps(api.example(operation)), 201, content_type=f"text/{API_KEY}")
    with pytest.raises(OutcomeUnknownError) as caught:
        await perform(either, api.call(operation))
    cause = caught.value.__cause__
    assert isinstance(cause, APIResponseValidationError)
    assert API_KEY not in f"{caught.value!s}{cause!s}{cause!r}{cause.problem}"


# Hooks, connections and limits that are not as they should be.


@pytest.mark.anyio
@pytest.mark.parametrize("library", [httpx, httpx2], ids=["httpx", "httpx2"])
async def test_a_hook_that_traces_requests_hides_no_write(library: Any, anyio_backend: str, server: Server) -> None:
    """`trace` is an extension of httpx's, and there is one for each request."""
    heard: list[str] = []

    async def trace(event: str, info: dict[str, Any]) -> None:
        heard.append(event)

    async def hook(request: Any) -> None:
        request.extensions["trace"] = trace

    server.response = lambda asked: Reply("", 200, before=lambda: time.sleep(0.6))
    async with library.AsyncClient(event_hooks={"request": [hook]}) as http:
        client = SequenceClient(API_KEY, base_url=server.base_url, http_client=http, timeout=0.2, max_retries=0)
        for _ in range(2):
            with pytest.raises(OutcomeUnknownError):
                await client.transfers.create(**A_TRANSFER)
    assert {"http11.send_request_headers.started", "connection.connect_tcp.started"} <= set(heard)


@pytest.mark.asyncio
@pytest.mark.parametrize("library", ["httpx", "httpx2", "aiohttp"])
async def test_a_call_that_is_cancelled_twice_does_not_show_the_key(library: str, server: Server) -> None:
    """The second time while the SDK gives up its place in the pool."""
    server.response = lambda asked: Reply("", 200, before=lambda: time.sleep(0.5))
    async with client_of(library) as http:
        client = SequenceClient(API_KEY, base_url=server.base_url, http_client=http, rate_limit=None)
        for turns in range(6):
            task = asyncio.ensure_future(client.transfers.create(**A_TRANSFER))
            await asyncio.sleep(0.05)
            task.cancel()
            for _ in range(turns):
                await asyncio.sleep(0)
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            assert API_KEY not in traceback_of(caught.value)


@pytest.mark.asyncio
@pytest.mark.parametrize("library", ["httpx", "httpx2", "aiohttp"])
async def test_a_connection_with_the_response_to_another_request_is_not_used_again(library: str) -> None:
    """One response too many, which comes while the next request is in flight: all later ones would be off by one."""
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        body = RESPONSES["listAccounts"].encode()
        before = b""
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                (request_id,) = re.findall(rb"(?i)x-request-id: (\S+)", head)
                response = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-request-id: %b\r\n" % request_id
                response += b"content-length: %d\r\n\r\n%b" % (len(body), body)
                writer.write(before if before else response)
                before = response if len(writers) == 1 else b""
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    base_url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    async with client_of(library) as http:
        client = SequenceClient(API_KEY, base_url=base_url, http_client=http, max_retries=0)
        await client.accounts.list()
        with pytest.raises(APIConnectionError, match="what arrived is the response to another request"):
            await client.accounts.list()
        for _ in range(3):
            await client.accounts.list()
    listener.close()
    await asyncio.sleep(0.05)
    assert len(writers) == 2


@pytest.mark.anyio
async def test_whatever_breaks_at_a_repeat_leaves_a_write_open(
    anyio_backend: str, server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Such as a rate limit for which no thread can be started."""
    server.response = lambda asked: Reply("", 503, headers={"Retry-After": "0"})
    async with SequenceClient(API_KEY, base_url=server.base_url) as client:
        limiter = client._session.connection.limiter
        acquire, asked = limiter.acquire, list[int]()

        async def breaking() -> float:
            asked.append(1)
            if len(asked) > 1:
                raise RuntimeError("can't start new thread")
            return await acquire()

        monkeypatch.setattr(limiter, "acquire_now", lambda: False)
        monkeypatch.setattr(limiter, "acquire", breaking)
        with pytest.raises(OutcomeUnknownError, match="can't start new thread") as caught:
            await client.transfers.create(**A_TRANSFER)
        assert caught.value.attempts == 1
        with pytest.raises(RuntimeError):  # of a read it is what it is
            await client.accounts.list()


@pytest.mark.anyio
async def test_candidates_are_found_by_a_clock_that_is_hours_ahead(anyio_backend: str) -> None:
    sandbox, clock = Sandbox(), SkippingClock()
    clock.wall_ahead = (sandbox.clock.now() - clock.now()).total_seconds() + 7200
    async with sandbox.client(clock=clock, max_retries=0) as client:
        sandbox.fail("reset_after", "createTransfer")
        with pytest.raises(OutcomeUnknownError) as caught:
            await client.transfers.create(**A_TRANSFER)
        assert len(await caught.value.candidates(client)) == 1
        for wrong in ("client", None):
            with pytest.raises(InvalidArgumentError, match="client must be a client of this SDK, not"):
                await caught.value.candidates(wrong)  # type: ignore[arg-type]
            with pytest.raises(InvalidArgumentError, match="error must be an OutcomeUnknownError"):
                await client.resume(wrong)  # type: ignore[arg-type]


@pytest.mark.asyncio
async def test_a_session_with_requests_of_its_own_kind_shows_no_sign(server: Server) -> None:
    """They may send what they are by themselves."""

    class Request(aiohttp.ClientRequest):
        async def send(self, conn: Any) -> Any:
            response = await super().send(conn)
            raise aiohttp.ClientConnectionError(f"lost {response.status}")

    server.response = lambda asked: Reply(RESPONSES["createTransfer"], 201)
    async with aiohttp.ClientSession(request_class=Request) as http:
        client = SequenceClient(API_KEY, base_url=server.base_url, http_client=http, max_retries=0)
        with pytest.raises(OutcomeUnknownError):
            await client.transfers.create(**A_TRANSFER)


def test_a_client_is_closed_where_it_was_used(server: Server) -> None:
    server.response = lambda asked: Reply(RESPONSES["listAccounts"])
    client = SequenceClient(API_KEY, base_url=server.base_url)

    async def use() -> None:
        await client.accounts.list()

    loop = asyncio.new_event_loop()
    loop.run_until_complete(use())
    with pytest.raises(ConfigurationError, match="this client was used in another event loop"):
        asyncio.run(client.aclose())
    loop.run_until_complete(client.aclose())
    loop.close()
