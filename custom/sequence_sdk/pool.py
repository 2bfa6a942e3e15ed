"""Gives a connection pool back what a request left in it that did not end well: all that is known of httpcore's inside.

httpcore, and httpcore2 after it, leave things behind when a task is cancelled at certain moments: a request in the
pool, a connection that no request uses (https://github.com/encode/httpcore/issues/1093), a socket in the middle of its
TLS handshake. Over HTTP/2 they go on using a connection after a request on it was cancelled, or its body was not read
to the end: its stream stays open for the server, what still arrives for it uses up what may arrive at all, and a
connection that lets nothing pass would never be given up. Where a pool is of neither kind, nothing happens here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import anyio

EXTENSION = "sequence_sdk"
"""The extension of a request by which it is found in a pool."""

CLOSING = 2.0
"""Seconds that closing a connection may take."""


class PoolSlot:
    """The slot that one request takes in the pools of an `httpx.AsyncClient` or `httpx2.AsyncClient`."""

    __slots__ = ("_connected", "_connection", "_handshaking", "_http")

    def __init__(self, http: Any) -> None:
        self._http = http
        self._connection: Any = None
        """What the request is sent over, if it is new or of HTTP/2."""
        self._connected: Any = None
        self._handshaking: Any = None
        """The socket that no connection owns yet."""

    def watch(self, event: str, info: dict[str, Any]) -> None:
        """Hear how far httpcore gets with the request."""
        match event.partition(".")[2]:
            case "connect_tcp.started" | "send_connection_init.started":
                self._remember()
            case "send_request_headers.started" if event.startswith("http2."):
                self._remember()
            case "connect_tcp.complete":
                self._connected = info["return_value"]
            case "start_tls.started" | "setup_socks5_connection.started":
                self._handshaking = self._connected
            case "start_tls.complete" | "setup_socks5_connection.complete":
                self._handshaking = None
            case _:
                return

    def _remember(self) -> None:
        """Remember the connection, which the pool forgets as soon as the request fails."""
        for pool in _pools(self._http):
            for request in filter(self._is, pool._requests):
                self._connection = request.connection

    async def give_back(self) -> None:
        """Leave nothing of the request in the pools, and let others have its slot."""
        pools = list(_pools(self._http))
        for pool in pools:
            pool._requests[:] = [one for one in pool._requests if not self._is(one)]
        used = Counter(id(one.connection) for pool in pools for one in pool._requests if one.connection is not None)
        own = self._connection
        _retire(own, used[id(own)])
        lost = [] if own is None or used[id(own)] or (own.is_idle() and _http2(own) is None) else [own]
        for pool in pools:
            for request in pool._requests:
                _keep(pool, request.connection)
            lost += [one for one in pool._connections if not (used[id(one)] or one.is_idle() or one.is_closed())]
            pool._connections = [one for one in pool._connections if one not in lost]
            lost += pool._assign_requests_to_connections()
        await _close(lost if self._handshaking is None else [*lost, self._handshaking])

    def _is(self, request: Any) -> bool:
        return request.request.extensions.get(EXTENSION) is self


def _retire(connection: Any, users: int) -> None:
    """Let a connection of HTTP/2 take no more requests, and be closed after the last one."""
    inner = _http2(connection)
    if inner is not None:
        inner._connection_error = True
        if users == len(inner._events):  # or it would be closed before one that waits for a stream
            inner._used_all_stream_ids = True


def _keep(pool: Any, connection: Any) -> None:
    """See to it that a pool has a connection: it drops one when the request that sets it up for others is cancelled."""
    inner = getattr(connection, "_connection", None)
    if connection is not None and connection not in pool._connections and (inner is None or not inner.is_closed()):
        connection._connect_failed = False
        pool._connections.append(connection)


async def _close(connections: list[Any]) -> None:
    interrupted: BaseException | None = None
    for one in connections:
        try:
            with anyio.move_on_after(CLOSING, shield=True):
                await one.aclose()
        except BaseException as error:  # however that ended, it is gone
            if not isinstance(error, Exception):  # asyncio's own way of cancelling, which no shield stops
                interrupted = error
    if interrupted is not None:
        raise interrupted


def _http2(connection: Any) -> Any:
    """The connection of HTTP/2 in a connection of a pool, if there is one."""
    while connection is not None and not hasattr(connection, "_h2_state"):
        connection = getattr(connection, "_connection", None)
    return connection


def _pools(http: Any) -> Iterator[Any]:
    """The pools of a client, those for proxies included."""
    transports = [getattr(http, "_transport", None), *getattr(http, "_mounts", {}).values()]
    for transport in transports:
        pool = getattr(transport, "_pool", None)
        if type(pool).__module__.partition(".")[0] in {"httpcore", "httpcore2"}:
            yield pool
