"""Gives a connection pool back what a cancelled request left in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import anyio

EXTENSION = "sequence_sdk"
"""The extension of a request by which it is found in a pool."""


class PlaceInPool:
    """The place that one request takes in a connection pool."""

    __slots__ = ()

    async def give_back(self, http: Any) -> None:
        for pool in _pools(http):
            for request in [one for one in pool._requests if one.request.extensions.get(EXTENSION) is self]:
                pool._requests.remove(request)
            used = {id(one.connection) for one in pool._requests}
            orphans = [
                one for one in pool._connections if id(one) not in used and not (one.is_idle() or one.is_closed())
            ]
            for connection in orphans:
                pool._connections.remove(connection)
            with anyio.CancelScope(shield=True):
                for connection in orphans:
                    await connection.aclose()


def _pools(http: Any) -> Iterator[Any]:
    """The pools of a client, those for proxies included."""
    transports = [getattr(http, "_transport", None), *getattr(http, "_mounts", {}).values()]
    for transport in transports:
        pool = getattr(transport, "_pool", None)
        if type(pool).__module__.partition(".")[0] in {"httpcore", "httpcore2"}:
            yield pool
