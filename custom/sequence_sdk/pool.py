"""Gives a connection pool back what a cancelled request left in it.

httpcore 1.0 keeps a place in its pool for good when a task is cancelled at one of two moments: while a request waits
for the connection that was just made for it, and, by asyncio's own cancellation, while an answer is closed
(https://github.com/encode/httpcore/issues/1093). A program that cancels calls now and then would run out of places.
httpcore's successor does not do so; where a pool is not of this kind, nothing happens here.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anyio


async def reclaim(http: Any, request_id: str) -> None:
    """Remove the request of this identifier, which was cancelled, and the connections that no request uses."""
    for pool in _pools(http):
        for request in [one for one in pool._requests if _is(one, request_id)]:
            pool._requests.remove(request)
        used = {id(one.connection) for one in pool._requests}
        orphans = [one for one in pool._connections if id(one) not in used and not (one.is_idle() or one.is_closed())]
        for connection in orphans:
            pool._connections.remove(connection)
        with anyio.CancelScope(shield=True):
            for connection in orphans:
                await connection.aclose()


def _pools(http: Any) -> Iterator[Any]:
    """The pools of an `httpx.AsyncClient`, those for proxies included."""
    transports = [getattr(http, "_transport", None), *getattr(http, "_mounts", {}).values()]
    for transport in transports:
        pool = getattr(transport, "_pool", None)
        if type(pool).__module__.partition(".")[0] == "httpcore":
            yield pool


def _is(pool_request: Any, request_id: str) -> bool:
    """Whether a request in a pool is the one with this identifier."""
    sent = request_id.encode()
    return any(name.lower() == b"x-request-id" and value == sent for name, value in pool_request.request.headers)
