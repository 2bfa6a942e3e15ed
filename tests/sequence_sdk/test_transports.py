"""What the adapters do with what their HTTP libraries do: what was sent, what is raised, and what stays secret."""

from __future__ import annotations

import asyncio
import gc
import json
import logging
import pickle
import socket
import sys
import threading
import time
import traceback
import types
import weakref
from collections.abc import AsyncIterator, Awaitable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import anyio
import httpx
import httpx2
import pytest
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import RequestReceived
from h2.exceptions import ProtocolError

from sequence_sdk import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    ConfigurationError,
    InternalServerError,
    InvalidArgumentError,
    NotFoundError,
    OutcomeUnknownError,
    SequenceClient,
    SequenceError,
)

from ..conftest import API_KEY, Reply, Server
from ..contract.apis import API, V1
from ..contract.contract import SUCCESSES, perform
from ..faults.arrangements import full_port
from ..faults.servers import port_of, threaded
from ..sequence_sandbox.test_writes import A_TRANSFER
from .test_secrets import texts, traceback_of

RESPONSES = {name: json.dumps(payload) for name, payload in SUCCESSES}
ACCOUNTS, CREATED = RESPONSES["listAccounts"], RESPONSES["createTransfer"]

PASSWORD = "pa55word-of-a-proxy"


OVER = [(backend, library) for backend in ("asyncio", "trio") for library in ("httpx", "httpx2")] + [
    ("asyncio", "aiohttp")
]


@pytest.fixture(params=OVER, ids=" ".join)
def over(request: pytest.FixtureRequest) -> tuple[str, str]:
    """An event loop, and an HTTP library that runs on it."""
    backend, library = request.param
    return backend, library


@pytest.fixture
def anyio_backend(over: tuple[str, str]) -> str:
    return over[0]


@pytest.fixture
def library(over: tuple[str, str]) -> str:
    return over[1]


only_httpx = pytest.mark.parametrize("over", [("asyncio", "httpx"), ("trio", "httpx")], indirect=True)
only_aiohttp = pytest.mark.parametrize("over", [("asyncio", "aiohttp")], indirect=True)


@asynccontextmanager
async def client_of(library: str, **options: Any) -> AsyncIterator[Any]:
    """An HTTP client of a library."""
    if library == "aiohttp":
        async with aiohttp.ClientSession(**options) as session:
            yield session
    else:
        async with (httpx2 if library == "httpx2" else httpx).AsyncClient(**options) as http:
            yield http


@asynccontextmanager
async def sequence(library: str, server: Server, http: Any = None, **options: Any) -> AsyncIterator[SequenceClient]:
    """A client over a library, which attempts calls once."""
    async with client_of(library) as own:
        options = {"base_url": server.base_url, "max_retries": 0, "timeout": 5, **options}
        async with SequenceClient(API_KEY, http_client=http or own, **options) as client:
            yield client


def writes_of(api: API, client: Any) -> Iterator[Awaitable[object]]:
    """A call of each of the API's writes."""
    for call in api.calls:
        if api.documented[call.operation][0] != "GET":
            yield perform(client, call)


# Sent or not.


@pytest.mark.anyio
async def test_a_connection_that_is_refused_sends_nothing(library: str, api: API, server: Server) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    async with client_of(library) as http:
        client: Any = api.client(API_KEY, base_url=f"http://127.0.0.1:{port}", http_client=http, max_retries=0)
        for call in (*writes_of(api, client), client.accounts.get(api.account)):
            with pytest.raises(APIConnectionError) as caught:
                await call
            assert (caught.value.sent, caught.value.attempts) == (False, 1)
            assert caught.value.retryable


@pytest.mark.anyio
async def test_a_connection_that_is_never_made_sends_nothing(
    library: str, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    with full_port() as port:
        options = {"base_url": f"http://127.0.0.1:{port}", "timeout": 0.3}
        await _never_connected(library, server, options)
    assert not [one for one in caplog.records if one.levelno == logging.WARNING]


async def _never_connected(library: str, server: Server, options: Any) -> None:
    async with sequence(library, server, **options) as client:
        for call in (client.transfers.create(**A_TRANSFER), client.rules.trigger("rule_1"), client.accounts.list()):
            with pytest.raises(APITimeoutError) as caught:
                await call
            assert caught.value.sent is False
        with anyio.move_on_after(0.1) as scope:
            await client.transfers.create(**A_TRANSFER)
        assert scope.cancelled_caught


@pytest.mark.anyio
async def test_a_request_that_waits_for_a_connection_is_not_sent(library: str, server: Server) -> None:
    options: dict[str, Any] = (
        {"connector": aiohttp.TCPConnector(limit=1)}
        if library == "aiohttp"
        else {"limits": (httpx2 if library == "httpx2" else httpx).Limits(max_connections=1)}
    )
    released = threading.Event()
    server.response = lambda asked: Reply(ACCOUNTS, before=lambda: released.wait(10))
    async with (
        client_of(library, **options) as http,
        sequence(library, server, http, timeout=30) as client,
        anyio.create_task_group() as group,
    ):
        group.start_soon(client.accounts.list)
        while not server.asked:
            await anyio.sleep(0.01)
        with pytest.raises(APITimeoutError) as caught:
            await client.with_options(timeout=0.3).transfers.create(**A_TRANSFER)
        released.set()
    assert caught.value.sent is False
    assert len(server.asked) == 1


@pytest.mark.anyio
async def test_a_request_without_a_response_may_have_been_sent(library: str, api: API, server: Server) -> None:
    server.response = lambda asked: Reply("", before=lambda: time.sleep(2))
    async with client_of(library) as http:
        client = api.connect(server, timeout=0.8, http_client=http)
        with pytest.raises(APITimeoutError) as caught:
            await client.accounts.get(api.account)
        assert caught.value.sent
        for call in writes_of(api, client):
            with pytest.raises(OutcomeUnknownError) as unknown:
                await call
            assert (unknown.value.attempts, unknown.value.retryable) == (1, is_keyed(api, unknown.value))


def is_keyed(api: API, error: OutcomeUnknownError) -> bool:
    """Whether a write was called with an idempotency key, so that the same call may follow."""
    return "idempotency_key" in api.call(error.operation).keyword


class Sleepy(httpx.AsyncBaseTransport):
    """A transport that tells nothing of how far it gets."""

    def __init__(self, error: type[Exception]) -> None:
        self.error = error

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        raise self.error("nothing was sent, it says")


@only_httpx
@pytest.mark.parametrize("error", [httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ReadTimeout])
@pytest.mark.anyio
async def test_of_a_transport_that_shows_no_sign_it_counts_as_sent(
    error: type[Exception], anyio_backend: str, server: Server
) -> None:
    async with httpx.AsyncClient(transport=Sleepy(error)) as http, sequence("httpx", server, http) as client:
        with pytest.raises(OutcomeUnknownError):
            await client.transfers.create(**A_TRANSFER)


# What libraries do by themselves.


@pytest.mark.anyio
async def test_nothing_is_sent_again_behind_our_back(library: str) -> None:
    """A server that closes every connection that was used before makes aiohttp send reads again."""
    asked: list[bytes] = []

    def serve(listener: socket.socket) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                for response in (True, False):
                    head = connection.recv(65536)
                    if head:
                        asked.append(head)
                    if head and response:
                        body = ACCOUNTS.encode()
                        connection.sendall(
                            b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                            b"content-length: %d\r\n\r\n%b" % (len(body), body)
                        )

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=serve, args=(listener,))
        thread.start()
        try:
            base_url = f"http://127.0.0.1:{listener.getsockname()[1]}/api/v1"
            async with client_of(library) as http:
                client = SequenceClient(API_KEY, base_url=base_url, http_client=http, max_retries=0)
                attempts = 0
                for _ in range(6):
                    try:
                        attempts += (await client.accounts.list.with_response()).attempts
                    except APIConnectionError as error:
                        attempts += error.attempts
        finally:
            listener.shutdown(socket.SHUT_RDWR)
            thread.join()
    assert attempts == len(asked) == 6


class Leaving:
    """A server of HTTP/2 whose connections do a second request, and then say with GOAWAY that they did not."""

    def __init__(self) -> None:
        self.writes: list[bytes] = []
        """The idempotency key of each write that came."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        http2 = H2Connection(H2Configuration(client_side=False))
        http2.initiate_connection()
        first = True
        try:
            writer.write(http2.data_to_send())
            while data := await reader.read(65536):
                for event in http2.receive_data(data):
                    if isinstance(event, RequestReceived):
                        headers = dict(event.headers)
                        write = headers[b":method"] == b"POST"
                        if write:
                            self.writes.append(headers[b"idempotency-key"])
                        if first:
                            http2.send_headers(event.stream_id, [(b":status", b"200")])
                            http2.send_data(event.stream_id, (CREATED if write else ACCOUNTS).encode(), end_stream=True)
                        else:
                            http2.close_connection(last_stream_id=1)
                        first = False
                writer.write(http2.data_to_send())
        except ProtocolError:  # the client goes on, although this connection has ended
            return
        finally:
            writer.transport.abort()


@pytest.mark.anyio
@pytest.mark.parametrize("over", [pair for pair in OVER if pair[1] != "aiohttp"], ids=" ".join, indirect=True)
@pytest.mark.parametrize("retries", [0, 1])
async def test_what_http2_says_it_did_not_do_is_not_sent_again_unseen(retries: int, library: str) -> None:
    """After GOAWAY httpcore sends the request again itself, whatever has become of it."""
    server = Leaving()
    with threaded() as thread:
        base_url = f"http://127.0.0.1:{port_of(thread.listen(server.serve))}/api/v1"
        async with client_of(library, http1=False, http2=True) as http:
            client = SequenceClient(API_KEY, base_url=base_url, http_client=http, max_retries=retries, timeout=5)
            await client.accounts.list()
            if retries:
                assert (await client.transfers.create.with_response(**A_TRANSFER)).attempts == 2
            else:
                with pytest.raises(OutcomeUnknownError) as caught:
                    await client.transfers.create(**A_TRANSFER)
                assert caught.value.attempts == 1
    assert len(server.writes) == 1 + retries
    assert len(set(server.writes)) == 1


@pytest.mark.anyio
async def test_redirects_are_not_followed_over_any_library(library: str, api: API, server: Server) -> None:
    elsewhere = Server()
    try:
        server.response = lambda asked: Reply("", 307, headers={"Location": f"{elsewhere.origin}{asked.target}"})
        async with client_of(library) as http:
            for call in writes_of(api, api.connect(server, http_client=http)):
                with pytest.raises(OutcomeUnknownError, match="redirects are not followed"):
                    await call
        assert elsewhere.asked == []
    finally:
        elsewhere.stop()


@pytest.mark.anyio
async def test_headers_and_authentication_of_ones_own_do_not_replace_the_sdks(
    library: str, api: API, server: Server
) -> None:
    theirs = {"Authorization": "Bearer theirs", "Idempotency-Key": "theirs", "X-Request-ID": "theirs", "X-More": "yes"}
    created = api.example("createTransfer")
    transfer = api.call_for("createTransfer", created)
    async with client_of(library, headers=theirs) as http:
        client = api.connect(server, http_client=http)
        server.reply(json.dumps(api.example("getAccount")))
        await client.accounts.get(api.account)
        server.reply(json.dumps(created), 201)
        await perform(client, transfer)
    read, write = server.asked
    ours = f"{api.contract.auth_scheme} {API_KEY}"
    assert (read.headers.get_all("Authorization"), read.headers["X-More"]) == ([ours], "yes")
    assert "Idempotency-Key" not in read.headers
    assert write.headers.get_all("Authorization") == [ours]
    assert write.headers.get_all("Idempotency-Key") == [transfer.keyword["idempotency_key"]]
    if api.contract.request_id is not None:
        assert "theirs" not in write.headers["X-Request-ID"]
    assert json.loads(write.body)["amount" + ("_in_cents" if api is V1 else "InCents")] > 0


# What event hooks and middlewares raise.


async def raise_for_status(response: Any) -> None:
    response.raise_for_status()


async def raise_for_status_with_body(response: Any) -> None:
    await response.aread()
    response.raise_for_status()


@pytest.mark.parametrize("hook", [raise_for_status, raise_for_status_with_body])
@pytest.mark.anyio
async def test_a_hook_that_raises_for_a_status_hides_nothing(hook: Any, library: str, server: Server) -> None:
    options: dict[str, Any] = {"event_hooks": {"response": [hook]}}
    if library == "aiohttp":
        options = {"raise_for_status": True}
    async with client_of(library, **options) as http, sequence(library, server, http) as client:
        server.reply("", 500)
        with pytest.raises(OutcomeUnknownError) as caught:
            await client.transfers.create(**A_TRANSFER)
        assert isinstance(caught.value.__cause__, InternalServerError)
        assert caught.value.idempotency_key == server.asked[0].headers["Idempotency-Key"]
        server.reply('{"error": {"code": "resource_not_found", "message": "None."}}', 404)
        with pytest.raises(NotFoundError):
            await client.accounts.get("acc_1")


@pytest.mark.anyio
async def test_whatever_an_http_client_raises_is_an_error_of_the_sdk(library: str, server: Server) -> None:
    server.response = lambda asked: Reply(CREATED, 201)

    async def fail(*arguments: Any) -> Any:
        if library == "aiohttp":
            request, handler = arguments
            await (await handler(request)).read()
        raise LookupError(f"a bug of a hook, with https://user:{PASSWORD}@proxy.example in it")

    options: dict[str, Any] = {"event_hooks": {"response": [fail]}}
    if library == "aiohttp":
        options = {"middlewares": (fail,)}
    async with client_of(library, **options) as http, sequence(library, server, http, max_retries=3) as client:
        with pytest.raises(OutcomeUnknownError) as caught:
            await client.transfers.create(**A_TRANSFER)
        assert caught.value.idempotency_key == server.asked[0].headers["Idempotency-Key"]
        assert (caught.value.attempts, len(server.asked)) == (1, 1)  # it would only be raised again
        with pytest.raises(APIConnectionError, match="LookupError: a bug of a hook") as read:
            await client.accounts.list()
        assert not read.value.retryable
        assert PASSWORD not in traceback_of(read.value)


@only_aiohttp
@pytest.mark.anyio
async def test_the_middlewares_of_a_session_are_used_and_its_retries_count_as_sent(server: Server) -> None:
    seen: list[str] = []

    async def retrying(request: aiohttp.ClientRequest, handler: Any) -> aiohttp.ClientResponse:
        for _ in range(2):
            seen.append(request.method)
            try:
                return await handler(request)  # type: ignore[no-any-return]
            except aiohttp.ClientError:
                server.stop()
        raise aiohttp.ClientConnectionError("given up")

    async with aiohttp.ClientSession(middlewares=(retrying,)) as http:
        client = SequenceClient(API_KEY, base_url=server.base_url, http_client=http, max_retries=0)
        server.response = lambda asked: Reply("", before=_break)
        with pytest.raises(OutcomeUnknownError):
            await client.transfers.create(**A_TRANSFER)
    assert seen == ["POST", "POST"]


@only_aiohttp
@pytest.mark.anyio
async def test_what_a_middleware_of_a_session_sets_of_the_sdks_own_headers_is_not_sent(server: Server) -> None:
    """It would be the key of another write, or the ID of another request."""

    async def setting(request: aiohttp.ClientRequest, handler: Any) -> aiohttp.ClientResponse:
        request.headers["Idempotency-Key"] = "another"
        return await handler(request)  # type: ignore[no-any-return]

    async with aiohttp.ClientSession(middlewares=(setting,)) as http:
        client = SequenceClient(API_KEY, base_url=server.base_url, http_client=http)
        server.reply(ACCOUNTS)
        await client.accounts.list()
    (asked,) = server.asked
    assert "another" not in asked.headers.values()


def _break() -> None:
    raise ConnectionError


# Secrets.


@pytest.mark.parametrize("case", ["refused", "reset", "timeout", "cancelled", "cut", "status", "closed"])
@pytest.mark.anyio
async def test_no_error_of_a_library_shows_the_key(
    case: str, library: str, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.response = lambda asked: Reply(ACCOUNTS, before=lambda: time.sleep(0.5))
    match case:
        case "reset":
            server.response = lambda asked: Reply("", before=_break)
        case "cut":
            server.response = lambda asked: Reply(ACCOUNTS, headers={"Content-Length": "100000", "Connection": "close"})
        case "status":
            server.response = lambda asked: Reply("", 500)
    base_url = "http://127.0.0.1:1" if case == "refused" else server.base_url
    found: list[BaseException] = []
    async with sequence(library, server, base_url=base_url, timeout=0.3) as client:
        for call in (client.accounts.list, lambda: client.transfers.create(**A_TRANSFER)):
            if case == "closed":
                await client.aclose()
            try:
                with anyio.move_on_after(0.1 if case == "cancelled" else 5) as scope:
                    try:
                        await call()
                    except BaseException as error:
                        found.append(error)
                        raise
            except SequenceError:
                assert case != "cancelled"
            assert scope.cancelled_caught is (case == "cancelled")
    assert len(found) == 2
    for error in found:
        shown = "".join(part for part in traceback_of(error).split('File "') if "/tests/" not in part.partition('"')[0])
        assert "sequence_sdk" in shown
        assert API_KEY not in shown
        for one in chain(error):
            assert not [text for text in texts(one, 5) if API_KEY in text]
            assert not {"httpx", "httpx2", "httpcore", "httpcore2", "aiohttp"} & {
                type(one).__module__.partition(".")[0],
                *(frame.f_globals["__name__"].partition(".")[0] for frame, _ in traceback.walk_tb(one.__traceback__)),
            }
        if isinstance(error, SequenceError):
            assert API_KEY.encode() not in pickle.dumps(error)
    assert not [one for one in caplog.records if API_KEY in f"{one.getMessage()}{vars(one)}"]


def chain(error: BaseException | None) -> Iterator[BaseException]:
    """An exception, and those that it came from."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


@pytest.mark.anyio
async def test_a_server_that_echoes_the_key_does_not_make_the_sdk_show_it(library: str, server: Server) -> None:
    body = json.dumps(
        {"error": {"code": "forbidden", "message": f"ApiKey {API_KEY} is suspended: contact \x1b[31msupport"}}
    )
    async with sequence(library, server) as client:
        for status in (403, 404, 500):
            server.reply(body, status, headers={"X-Request-ID": "evil\x1b[2J", "X-Echo": API_KEY})
            with pytest.raises(APIError) as caught:
                await client.accounts.get("acc_1")
            error = caught.value
            assert "ApiKey … is suspended: contact \\x1b[31msupport" in str(error)
            assert error.message == "ApiKey … is suspended: contact \\x1b[31msupport"  # type: ignore[attr-defined]
            assert "\x1b" not in str(error)
            assert error.request_id == server.asked[-1].headers["X-Request-ID"]
            assert API_KEY not in f"{error!s}{error!r}{error.headers!r}"  # type: ignore[attr-defined]
            assert error.content == body.encode()  # type: ignore[attr-defined]


@pytest.mark.anyio
async def test_a_403_says_what_the_server_says_beside_what_was_needed(library: str, server: Server) -> None:
    server.reply('{"error": {"code": "forbidden", "message": "Key suspended: contact support"}}', 403)
    async with sequence(library, server) as client:
        with pytest.raises(APIError) as caught:
            await client.accounts.get("acc_1")
    assert "\nThe server says: Key suspended: contact support\nAdd to the key: " in str(caught.value)


@only_httpx
@pytest.mark.parametrize("value", [f"http://user:{PASSWORD}/x@127.0.0.1:1", f"nonsense://user:{PASSWORD}@127.0.0.1"])
@pytest.mark.anyio
async def test_no_part_of_a_proxys_password_is_shown(
    value: str, anyio_backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", value)
    with pytest.raises(ConfigurationError) as caught:
        SequenceClient(API_KEY)
    shown = "".join(
        part for part in traceback_of(caught.value).split('File "') if "/tests/" not in part.partition('"')[0]
    )
    for part in (PASSWORD, PASSWORD[:5]):
        assert part not in shown


@pytest.mark.anyio
async def test_a_proxy_that_does_not_response_does_not_show_its_password(library: str, server: Server) -> None:
    proxy = f"http://user:{PASSWORD}@127.0.0.1:1"
    async with client_of(library, proxy=proxy) as http, sequence(library, server, http) as client:
        with pytest.raises(APIConnectionError) as caught:
            await client.transfers.create(**A_TRANSFER)
    assert caught.value.sent is False
    assert not [text for one in chain(caught.value) for text in texts(one, 5) if PASSWORD in text]


@pytest.mark.parametrize("base_url", [f"https://user:{PASSWORD}/x@host", f"user:{PASSWORD}@host", f"//u:{PASSWORD}@h"])
def test_no_part_of_a_password_in_a_base_url_is_shown(base_url: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        SequenceClient(API_KEY, base_url=base_url)
    assert PASSWORD[:3] not in str(caught.value)


# Cancelled.


@pytest.mark.anyio
async def test_calls_with_the_same_request_id_do_not_end_each_other(library: str, server: Server) -> None:
    released = threading.Event()
    server.response = lambda asked: Reply(CREATED, 201, before=lambda: released.wait(10))
    made: list[str] = []
    async with sequence(library, server) as client, anyio.create_task_group() as group:

        async def create() -> None:
            made.append((await client.transfers.create(**A_TRANSFER, request_id="the same")).id)

        group.start_soon(create)
        group.start_soon(create)
        with anyio.move_on_after(5):
            async with anyio.create_task_group() as cancelled:
                cancelled.start_soon(create)
                while len(server.asked) < 3:
                    await anyio.sleep(0.01)
                cancelled.cancel_scope.cancel()
        released.set()
    assert made == ["txr_01HABC2222"] * 2


@pytest.mark.anyio
async def test_an_error_is_collected_with_the_last_that_refers_to_it(library: str, server: Server) -> None:
    """Not when the garbage collector comes round: a loop of failing calls would hold all their frames until then."""
    server.response = lambda asked: Reply("", 500)
    async with sequence(library, server, base_url="http://127.0.0.1:1") as client:
        gc.collect()
        gc.disable()
        try:
            try:
                await client.accounts.list()
            except APIConnectionError as error:
                alive = weakref.ref(error)
            assert alive() is None
        finally:
            gc.enable()


# What cannot be used.


@only_httpx
@pytest.mark.anyio
async def test_a_session_of_another_event_loop_says_so(anyio_backend: str, server: Server) -> None:
    made: list[aiohttp.ClientSession] = []

    async def make() -> None:
        made.append(aiohttp.ClientSession())

    await anyio.to_thread.run_sync(lambda: anyio.run(make, backend="asyncio"))
    client = SequenceClient(API_KEY, base_url=server.base_url, http_client=made[0])
    with pytest.raises(ConfigurationError, match="of another event loop"):
        await client.accounts.list()
    made[0]._connector._closed = True  # type: ignore[union-attr]
    assert server.asked == []


@only_httpx
@pytest.mark.parametrize("as_transport", [True, False])
@pytest.mark.anyio
async def test_httpx_over_aiohttp_is_refused(
    as_transport: bool, anyio_backend: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The names that the package has are enough to know it by."""
    module = types.ModuleType("httpx_aiohttp")
    transport = type("AiohttpTransport", (httpx.AsyncBaseTransport,), {"__module__": "httpx_aiohttp.transport"})
    subclass = type("HttpxAiohttpClient", (httpx.AsyncClient,), {"__module__": "httpx_aiohttp.client"})
    monkeypatch.setitem(sys.modules, "httpx_aiohttp", module)
    async with httpx.AsyncClient(transport=transport()) if as_transport else subclass() as http:
        with pytest.raises(ConfigurationError, match="httpx over aiohttp, which hides whether a request was sent"):
            SequenceClient(API_KEY, http_client=http)


@only_httpx
@pytest.mark.parametrize("http", [5, "httpx", httpx.AsyncClient, aiohttp.ClientSession, aiohttp])
@pytest.mark.anyio
async def test_what_is_no_http_client_is_refused(http: Any, anyio_backend: str) -> None:
    with pytest.raises(ConfigurationError, match=r"http_client must be an httpx\.AsyncClient"):
        SequenceClient(API_KEY, http_client=http)


@pytest.mark.anyio
async def test_arguments_that_are_too_long_for_a_url_are_refused(library: str, server: Server) -> None:
    async with sequence(library, server) as client:
        with pytest.raises(InvalidArgumentError, match="listTransfers: the arguments are too long for a URL"):
            await client.transfers.list(account_id="acc_1", after="x" * 70_000).collect()
    assert server.asked == []
