"""Gives a connection pool back what a request left in it that did not end well: all that is known of httpcore's inside.

httpcore 1.0 keeps a place in its pool for good when a task is cancelled at one of two moments: while a request waits
for the connection that was just made for it, and, by asyncio's own cancellation, while a response is closed
(https://github.com/encode/httpcore/issues/1093); its successor httpcore2 does the latter, too. Over HTTP/2 both go on
using a connection after a request on it was cancelled, or its body was not read to the end: its stream stays open for
the server, and what still arrives for it uses up what may arrive at all; nor would a connection that lets nothing pass
ever be given up. Where a pool is of neither kind, nothing happens here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anyio

EXTENSION = "sequence_sdk"
"""The extension of a request by which it is found in a pool."""


class PlaceInPool:
    """The place that one request takes in the pool of an `httpx.AsyncClient` or `httpx2.AsyncClient`."""

    __slots__ = ("_connection", "_http")

    def __init__(self, http: Any) -> None:
        self._http = http
        self._connection: Any = None

    def remember(self) -> None:
        """Remember the connection of HTTP/2 that the request is sent over: a pool forgets it as soon as it fails."""
        for pool in _pools(self._http):
            for request in pool._requests:
                if request.request.extensions.get(EXTENSION) is self:
                    self._connection = request.connection

    async def give_back(self) -> None:
        """Remove the request, the connections that no request uses, and its own one of HTTP/2 as soon as it is free."""
        retired = self._retire()
        for pool in _pools(self._http):
            for request in [one for one in pool._requests if one.request.extensions.get(EXTENSION) is self]:
                pool._requests.remove(request)
            used = {id(one.connection) for one in pool._requests}
            leftovers = [
                one
                for one in pool._connections
                if id(one) not in used and (one is retired or not (one.is_idle() or one.is_closed()))
            ]
            for connection in leftovers:
                pool._connections.remove(connection)
            with anyio.CancelScope(shield=True):
                for connection in leftovers:
                    await connection.aclose()

    def _retire(self) -> Any:
        """Let the connection of HTTP/2 take no more requests, and be closed after the last one; give it."""
        inner = self._connection
        while inner is not None and not hasattr(inner, "_h2_state"):
            inner = getattr(inner, "_connection", None)
        if inner is not None:
            inner._used_all_stream_ids = True
        return self._connection


def _pools(http: Any) -> Iterator[Any]:
    """The pools of a client, those for proxies included."""
    transports = [getattr(http, "_transport", None), *getattr(http, "_mounts", {}).values()]
    for transport in transports:
        pool = getattr(transport, "_pool", None)
        if type(pool).__module__.partition(".")[0] in {"httpcore", "httpcore2"}:
            yield pool
