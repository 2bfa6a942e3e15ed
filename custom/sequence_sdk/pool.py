"""Gives a connection pool back what a request left in it that did not end well: all that is known of httpcore's inside.

httpcore, and httpcore2 after it, leave things behind when a task is cancelled at certain moments: a request in the
pool, a connection that no request uses (https://github.com/encode/httpcore/issues/1093), a socket in the middle of its
TLS handshake. Over HTTP/2 they go on using a connection after a request on it was cancelled, or its body was not read
to the end: its stream stays open for the server, what still arrives for it uses up what may arrive at all, and a
connection that lets nothing pass would never be given up. Where a pool is of neither kind, nothing happens here.
"""

from __future__ import annotations

from collections import Counter
from contextlib import AsyncExitStack, suppress
from typing import Any

import anyio

EXTENSION = "sequence_sdk"
"""The extension of a request by which it is found in a pool."""

CLOSING = 2.0
"""Seconds that closing a connection may take."""


class PoolSlot:
    """The slot that one request takes in the pools of an `httpx.AsyncClient` or `httpx2.AsyncClient`."""

    __slots__ = ("_connected", "_connection", "_handshaking", "_http")

    def __init__(self, http: Any, request: Any) -> None:
        self._http = http
        self._connection: Any = None
        """What the request is sent over, if it is new or of HTTP/2."""
        self._connected: Any = None
        self._handshaking: Any = None
        """The socket that no connection owns yet."""
        request.extensions[EXTENSION] = self

    def watch(self, event: str, info: dict[str, Any]) -> None:
        """Hear how far httpcore gets with the request.

        Of HTTP/1.1 it need not hear: the connection is remembered already by then, or closed by httpcore.
        """
        match event.partition(".")[2]:
            case "connect_tcp.complete":
                self._connected = info["return_value"]
            case "start_tls.started" | "setup_socks5_connection.started":
                self._handshaking = self._connected
            case "start_tls.complete" | "setup_socks5_connection.complete":
                self._handshaking = None
            case "connect_tcp.started" | "send_connection_init.started" | "send_request_headers.started":
                self._remember_connection()
            case _:
                return

    def _remember_connection(self) -> None:
        """Remember the connection, which the pool forgets as soon as the request fails."""
        for pool in _pools_of(self._http):
            for request in filter(self._is_of, pool._requests):
                self._connection = request.connection
        http2 = _http2(self._connection)
        if http2 is not None:
            _take_permits(http2)

    def _is_of(self, request: Any) -> bool:
        return request.request.extensions.get(EXTENSION) is self

    async def give_back(self) -> None:
        """Leave nothing of the request in the pools, and let others have its slot."""
        pools = _pools_of(self._http)
        for pool in pools:
            pool._requests[:] = [one for one in pool._requests if not self._is_of(one)]
        users = Counter(id(one.connection) for pool in pools for one in pool._requests)
        own, http2 = self._connection, _http2(self._connection)
        if http2 is not None:
            _retire(http2, users[id(own)])
        lost = [] if own is None or users[id(own)] or (http2 is None and own.is_idle()) else [own]
        for pool in pools:
            for request in pool._requests:
                _keep(pool, request.connection)
            lost += [one for one in pool._connections if not (users[id(one)] or one.is_idle() or one.is_closed())]
            pool._connections = [one for one in pool._connections if one not in lost]
            lost += pool._assign_requests_to_connections()
        async with AsyncExitStack() as stack:
            for one in [*lost, self._handshaking]:
                stack.push_async_callback(_close, one)


def _keep(pool: Any, connection: Any) -> None:
    """See to it that a pool has a connection: it drops one when the request that sets it up for others is cancelled."""
    if connection is not None and connection not in pool._connections:
        connection._connect_failed = False
        if not connection.is_closed():
            pool._connections.append(connection)


def _retire(http2: Any, users: int) -> None:
    """Let a connection of HTTP/2 take no more requests, and close after the last one that uses it."""
    http2._connection_error = True
    if hasattr(http2, "can_multiplex"):  # httpcore2 lets no connection expire that is in use
        http2._keepalive_expiry = -1.0
        http2._expire_at = None if http2._expire_at is None else 0.0
    elif users == len(http2._events):  # or httpcore would close it before one that waits for a stream
        http2._used_all_stream_ids = True


def _take_permits(http2: Any) -> None:
    """Take the permits for streams that a server has not allowed yet: a request can be cancelled at taking them.

    The server's settings give all of them back, and one too many is an error, for whichever request reads them.
    """
    semaphore = getattr(http2, "_max_streams_semaphore", None)
    permits = getattr(semaphore, "_trio_semaphore", None) or getattr(semaphore, "_anyio_semaphore", None)
    while permits is not None and permits.value > http2._max_streams - len(http2._events):
        permits.acquire_nowait()


async def _close(connection: Any) -> None:
    if connection is not None:
        with suppress(Exception), anyio.move_on_after(CLOSING, shield=True):  # however that ends, it is gone
            await connection.aclose()


def _http2(connection: Any) -> Any:
    """The connection of HTTP/2 in a connection of a pool, if there is one."""
    while connection is not None and not hasattr(connection, "_h2_state"):
        connection = getattr(connection, "_connection", None)
    return connection


def transports_of(http: Any) -> list[Any]:
    """The transports of a client, those for proxies included."""
    transport, mounts = getattr(http, "_transport", None), getattr(http, "_mounts", None)
    found = [transport, *mounts.values()] if mounts else [transport]
    return [one for one in found if one is not None]


def _pools_of(http: Any) -> list[Any]:
    """The pools of a client, as far as they are httpcore's."""
    pools = [getattr(transport, "_pool", None) for transport in transports_of(http)]
    return [pool for pool in pools if type(pool).__module__.partition(".")[0] in {"httpcore", "httpcore2"}]
