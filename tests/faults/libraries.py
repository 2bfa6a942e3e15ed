"""What the calls of the matrix are sent over: HTTP libraries and versions of HTTP, and what of them is still in use."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args

import aiohttp
import httpx
import httpx2

from .http2 import CONNECTION

Library: TypeAlias = Literal["httpx", "httpx, HTTP/2", "httpx2", "httpx2, HTTP/2", "aiohttp"]

LIBRARIES: tuple[Library, ...] = get_args(Library)

HTTP2: frozenset[Library] = frozenset({"httpx, HTTP/2", "httpx2, HTTP/2"})

__all__ = ["CONNECTION", "HTTP2", "LIBRARIES", "Library"]


def libraries(backend: str) -> Sequence[Library]:
    """Those that run on an event loop."""
    return [library for library in LIBRARIES if library != "aiohttp" or backend == "asyncio"]


@asynccontextmanager
async def http_client(library: Library, authority: Path) -> AsyncIterator[Any]:
    """A client of a library that trusts an authority; None for the SDK's own."""
    if library == "httpx":
        yield None
        return
    context = ssl.create_default_context(cafile=authority)
    if library == "aiohttp":
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context, use_dns_cache=False)) as session:
            yield session
            return
    package: Any = httpx2 if library.startswith("httpx2") else httpx
    async with package.AsyncClient(verify=context, http2=library in HTTP2) as client:
        yield client


class Connections:
    """The connections of an HTTP client, whatever its library."""

    def __init__(self, http: Any) -> None:
        self._http = http

    def open(self) -> list[Any]:
        """Those that there are."""
        if isinstance(self._http, aiohttp.ClientSession):
            kept: Any = self._http.connector._conns  # type: ignore[union-attr]
            return [*self.in_use(), *(connection for some in kept.values() for connection in some)]
        return list(self._http._transport._pool.connections)

    def in_use(self) -> list[Any]:
        """Those that a request uses, and requests that wait for one."""
        if isinstance(self._http, aiohttp.ClientSession):
            return list(self._http.connector._acquired)  # type: ignore[union-attr]
        pool = self._http._transport._pool
        busy = [connection for connection in pool.connections if not (connection.is_idle() or connection.is_closed())]
        return [*pool._requests, *busy]

    def heard_of_their_end(self) -> bool:
        """Whether the news has arrived that the server has closed them."""
        if isinstance(self._http, aiohttp.ClientSession):
            return not any(protocol.is_connected() for protocol, _ in self.open())
        return all(_stream(connection).get_extra_info("is_readable") for connection in self.open())


def _stream(connection: Any) -> Any:
    """The network stream of a connection of httpcore, which may be wrapped several times."""
    while not hasattr(connection, "_network_stream"):
        connection = connection._connection
    return connection._network_stream
