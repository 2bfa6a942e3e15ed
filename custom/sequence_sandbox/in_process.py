"""Connects a client to a sandbox without a socket. The one module here that knows the SDK."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from sequence_sdk import SequenceClient

from .faults import Disconnected

if TYPE_CHECKING:
    from .sandbox import Sandbox

BASE_URL = "http://localhost/api/v1"


class SandboxTransport(httpx.AsyncBaseTransport):
    """Hands requests to a sandbox's application; its faults become the errors that a socket would have brought."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._asgi = httpx.ASGITransport(sandbox.app)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if self._sandbox.faults.take_refusal() is not None:
            raise httpx.ConnectError("connection refused", request=request)
        try:
            return await self._asgi.handle_async_request(request)
        except Disconnected as error:
            raise httpx.ReadError("connection reset by peer", request=request) from error


class InProcessClient(SequenceClient):
    """A client that closes the connection to its sandbox with itself."""

    _http: httpx.AsyncClient

    async def aclose(self) -> None:
        await super().aclose()
        await self._http.aclose()


def connect(sandbox: Sandbox, key: str, **options: Any) -> SequenceClient:
    """A client of a sandbox in this process."""
    http = httpx.AsyncClient(transport=SandboxTransport(sandbox))
    client = InProcessClient(key, base_url=BASE_URL, http_client=http, **options)
    client._http = http  # pyright: ignore[reportPrivateUsage]
    return client
