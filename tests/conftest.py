"""What the tests share: event loops, a server that responds as told, a sandbox that is served over HTTP."""

from __future__ import annotations

import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import httpx
import hypothesis
import pytest
from attrs import define, field

from sequence_sandbox import Sandbox
from sequence_sdk import SequenceClient

from .validated import ValidatingTransport

if TYPE_CHECKING:
    from .contract.apis import API

API_KEY = "sk_test_3c9d1f0a7b"

# A shell that starts the tests in the background has them ignore Ctrl-C, and so would all that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# How long an example takes says something of the machine, and nothing of the code.
hypothesis.settings.register_profile("tests", deadline=None)
hypothesis.settings.load_profile("tests")


@pytest.fixture(params=["asyncio", "trio"])
def anyio_backend(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@define
class Asked:
    """A request that reached a server."""

    method: str
    target: str
    headers: Message
    body: bytes


@define
class Reply:
    """A response for a server to give: `json` in a string or as bytes, whatever they hold."""

    body: bytes | str = b""
    status: int = 200
    content_type: str | None = "application/json"
    headers: Mapping[str, str] = field(factory=dict)
    before: Callable[[], object] | None = None


class QuietServer(ThreadingHTTPServer):
    """A server whose clients may leave before they have their response."""

    daemon_threads = True

    def handle_error(self, *_: Any) -> None:
        """Say nothing: tests look at what the client makes of it."""


class Server:
    """An HTTP server on loopback, in a thread, that gives the replies it was told to and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self.replies: list[Reply] = []
        self.response: Callable[[Asked], Reply] | None = None
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_any(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                asked = Asked(self.command, self.path, self.headers, body)
                server.asked.append(asked)
                reply = server.response(asked) if server.response else server.replies.pop(0)
                if reply.before is not None:
                    reply.before()
                content = reply.body.encode() if isinstance(reply.body, str) else reply.body
                self.send_response(reply.status)
                if reply.content_type is not None:
                    self.send_header("Content-Type", reply.content_type)
                for name, value in reply.headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_GET = do_POST = do_PATCH = handle_any  # noqa: N815 - http.server looks for these names

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._http = QuietServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()
        self.origin = f"http://127.0.0.1:{self._http.server_port}"
        self.base_url = f"{self.origin}/api/v1"

    def reply(self, body: bytes | str = b"", status: int = 200, **other: Any) -> None:
        self.replies.append(Reply(body, status, **other))

    def stop(self) -> None:
        self._http.shutdown()
        self._thread.join()
        self._http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture
async def client(anyio_backend: str, server: Server) -> AsyncIterator[SequenceClient]:
    """A client that attempts a call once: what is tested is what it makes of one response."""
    async with SequenceClient(API_KEY, base_url=server.base_url, timeout=5, max_retries=0, rate_limit=None) as client:
        yield client


@pytest.fixture(params=["v1", "platform"])
def api(request: pytest.FixtureRequest) -> API:
    """Each of the two APIs."""
    from .contract.apis import APIS

    return next(api for api in APIS if api.name == request.param)


@pytest.fixture
async def either(anyio_backend: str, api: API, server: Server) -> AsyncIterator[Any]:
    """A client of each of the two APIs, which attempts a call once."""
    async with api.connect(server) as client:
        yield client


@define
class Served:
    """A sandbox and where it is served."""

    sandbox: Sandbox
    base_url: str


@pytest.fixture(scope="session")
def served() -> Iterator[Served]:
    """A sandbox behind a real uvicorn, the same for all tests that only read: they make keys of their own."""
    sandbox = Sandbox()
    with sandbox.serve() as base_url:
        yield Served(sandbox, base_url)


@pytest.fixture
async def sandbox_client(anyio_backend: str, served: Served) -> AsyncIterator[SequenceClient]:
    """A client of the sandbox whose key may do everything, and whose exchanges are held against openapi.yaml."""
    async with (
        httpx.AsyncClient(transport=ValidatingTransport(httpx.AsyncHTTPTransport())) as http,
        SequenceClient(
            served.sandbox.create_key(), base_url=served.base_url, rate_limit=None, max_retries=0, http_client=http
        ) as client,
    ):
        yield client
