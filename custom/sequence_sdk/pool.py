"""Gives a connection pool back what a request left in it that did not end well: all that is known of httpcore's inside.

httpcore, and httpcore2 after it, leave things behind when a task is cancelled at certain moments: a request in the
pool, a connection that no request uses (https://github.com/encode/httpcore/issues/1093), a socket in the middle of its
TLS handshake. Over HTTP/2 they go on using a connection after a request on it was cancelled, or its body was not read
to the end: its stream stays open for the server, what still arrives for it uses up what may arrive at all, and a
connection that lets nothing pass would never be given up. Where a pool is of neither kind, nothing happens here.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

import anyio

EXTENSION = "sequence_sdk"
"""The extension of a request by which it is found in a pool."""

CLOSING = 2.0
"""Seconds that closing a connection may take."""


class PlaceInPool:
    """The place that one request takes in the pool of an `httpx.AsyncClient` or `httpx2.AsyncClient`."""

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
        match event:
            case "connection.connect_tcp.complete":
                self._connected = info["return_value"]
            case "connection.start_tls.started":
                self._handshaking = self._connected
            case "connection.start_tls.complete":
                self._handshaking = None
            case (
                "connection.connect_tcp.started"
                | "http2.send_connection_init.started"
                | "http2.send_request_headers.started"
            ):
                self._remember()
            case _:
                return

    def _remember(self) -> None:
        """Remember the connection, which the pool forgets as soon as the request fails."""
        for pool in _pools(self._http):
            for request in filter(self._is, pool._requests):
                self._connection = request.connection

    async def give_back(self) -> None:
        """Leave nothing of the request in the pools, and let others have its place."""
        closing = [] if self._handshaking is None else [self._handshaking]
        for pool in _pools(self._http):
            for request in list(filter(self._is, pool._requests)):
                pool._requests.remove(request)
            used = [one.connection for one in pool._requests if one.connection is not None]
            for connection in used:
                _keep(pool, connection)
            retired = self._retire()
            for connection in [*pool._connections, *([] if retired in (None, *pool._connections) else [retired])]:
                lost = connection is retired or not (connection.is_idle() or connection.is_closed())
                if lost and connection not in used:
                    closing.append(connection)
            pool._connections = [one for one in pool._connections if one not in closing]
            closing += pool._assign_requests_to_connections()
        for one in closing:
            # However that ends, the connection is gone.
            with anyio.move_on_after(CLOSING, shield=True), contextlib.suppress(Exception):
                await one.aclose()

    def _is(self, request: Any) -> bool:
        return request.request.extensions.get(EXTENSION) is self

    def _retire(self) -> Any:
        """Let the connection of HTTP/2 take no more requests, and be closed after the last one; give it."""
        inner = self._connection
        while inner is not None and not hasattr(inner, "_h2_state"):
            inner = getattr(inner, "_connection", None)
        if inner is not None:
            inner._used_all_stream_ids = True
        return self._connection


def _keep(pool: Any, connection: Any) -> None:
    """See to it that a pool has a connection: it drops one when the request that sets it up for others is cancelled."""
    inner = getattr(connection, "_connection", None)
    if connection not in pool._connections and (inner is None or not inner.is_closed()):
        connection._connect_failed = False
        pool._connections.append(connection)


def _pools(http: Any) -> Iterator[Any]:
    """The pools of a client, those for proxies included."""
    transports = [getattr(http, "_transport", None), *getattr(http, "_mounts", {}).values()]
    for transport in transports:
        pool = getattr(transport, "_pool", None)
        if type(pool).__module__.partition(".")[0] in {"httpcore", "httpcore2"}:
            yield pool
