"""Connects a client to a sandbox without a socket. The one module here that knows the SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import httpx

from sequence_sdk import PlatformClient, SequenceClient
from sequence_sdk.client import Client

from .faults import Disconnected

if TYPE_CHECKING:
    from .sandbox import Sandbox


class SandboxTransport(httpx.AsyncBaseTransport):
    """Hands requests to a sandbox's application; its faults become the errors that a socket would have brought."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._asgi = httpx.ASGITransport(sandbox.app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._sandbox.faults.take_refusal() is not None:
            url = request.url
            body = await request.aread()
            exchange = self._sandbox.app.begin(
                request.method, url.path, url.query, request.headers, body=body, fault="refuse"
            )
            exchange.end()
            raise httpx.ConnectError("connection refused", request=request)
        try:
            return await self._asgi.handle_async_request(request)
        except Disconnected as error:
            raise httpx.ReadError("connection reset by peer", request=request) from error


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
    return made
