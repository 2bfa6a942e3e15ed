"""Connects a client to a sandbox without a socket. The one module here that knows the SDK."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import anyio
import httpx
from anyio.lowlevel import checkpoint

from sequence_runtime import Response
from sequence_sdk import Clock, Moment, PlatformClient, SequenceClient
from sequence_sdk.client import Client
from sequence_sdk.transport import Adapter, Attempt, TransportError

from .clock import END
from .faults import Disconnected

if TYPE_CHECKING:
    from .sandbox import Sandbox


class SandboxTransport(httpx.AsyncBaseTransport):
    """Hands requests to a sandbox's application; its faults become the errors that a socket would have brought."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._asgi = httpx.ASGITransport(sandbox.app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            return await self._asgi.handle_async_request(request)
        except Disconnected as error:
            raise httpx.ReadError("connection reset by peer", request=request) from error


class InProcessAdapter(Adapter):
    """Refuses connections when a sandbox's faults say so: where a server refuses one, nothing was sent."""

    def __init__(self, sandbox: Sandbox, inner: Adapter) -> None:
        self._sandbox, self._inner = sandbox, inner
        self.http, self.scrub, self.authorize = inner.http, inner.scrub, inner.authorize

    @property
    def headers(self) -> Mapping[str, str]:
        return self._inner.headers

    def unusable(self, event_loop: object, /) -> str | None:
        return self._inner.unusable(event_loop)

    async def aclose(self) -> None:
        await self._inner.aclose()

    async def exchange(self, attempt: Attempt) -> Response:
        if self._sandbox.faults.take_refusal() is None:
            return await self._inner.exchange(attempt)
        await checkpoint()
        url, headers = httpx.URL(attempt.url), httpx.Headers(attempt.headers)
        self.authorize(headers)
        body = attempt.content or b""
        self._sandbox.app.begin(attempt.method, url.path, url.query, headers, body=body, fault="refuse").end()
        attempt.sent = False
        raise TransportError("ConnectError: connection refused")

    def no_response(self, error: BaseException) -> TransportError:
        return self._inner.no_response(error)


LEAST = timedelta(microseconds=1)
"""What every wait takes: a clock that does not move lets those wait for ever who wait for less."""
LOOKS_EVERY = 0.05
"""Seconds after which somebody who waits for a clock that runs looks whether it was set forward."""


class SandboxClock(Clock):
    """A sandbox's time, for clients: to wait is to advance a clock that stands still, and takes no time.

    Of several that wait, the one whose time comes first goes on first.
    """

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._due: list[datetime] = []

    def now(self) -> datetime:
        return self._sandbox.clock.now()

    def monotonic(self) -> float:
        return self.now().timestamp()

    def moment(self) -> Moment:
        """The present, by the sandbox's clock only: how long a test takes does not matter."""
        now = self.now()
        return Moment(wall=now, monotonic=now.timestamp(), boottime=None, machine="sequence_sandbox")

    async def sleep(self, seconds: float) -> None:
        clock = self._sandbox.clock
        begun, due = clock.begun, min(clock.now() + max(timedelta(seconds=seconds), LEAST), END)
        self._due.append(due)
        try:
            await checkpoint()
            while clock.now() < due and clock.begun == begun:  # or all data are others, and the time is
                if clock.is_running:
                    await anyio.sleep(min(clock.seconds_until(due), LOOKS_EVERY))
                elif due == min(self._due):
                    self._sandbox.advance((due - clock.now()).total_seconds())
                await checkpoint()
        finally:
            self._due.remove(due)


class _InProcess(Client):
    """A client that closes the connection to its sandbox with itself; those made from it leave it open."""

    _http: httpx.AsyncClient | None = None

    async def aclose(self) -> None:
        await super().aclose()
        if self._http is not None:
            await self._http.aclose()


class InProcessClient(_InProcess, SequenceClient):
    """One of `/api/v1`."""


class InProcessPlatformClient(_InProcess, PlatformClient):
    """One of `/platform/v1`."""


ClientT = TypeVar("ClientT", InProcessClient, InProcessPlatformClient)


def connect(client: type[ClientT], sandbox: Sandbox, path: str, key: str, **options: Any) -> ClientT:
    """A client of a sandbox in this process, of the API below a path."""
    http = httpx.AsyncClient(transport=SandboxTransport(sandbox))
    made = client(key, base_url=f"http://localhost{path}", http_client=http, **options)
    made._http = http  # pyright: ignore[reportPrivateUsage]
    connection = made._session.connection  # pyright: ignore[reportPrivateUsage]
    connection.transport = InProcessAdapter(sandbox, connection.transport)
    return made
