"""Responds to every request at once with prepared bytes, in a process of its own: what it costs is nobody's.

    python benchmarks/peer_server.py      prints its address, and ends when its standard input does

Below `/pages/<count>/` the list of transfers has so many pages: all of the same transfers, each with another cursor.
Below `/after/<milliseconds>/` is the same as without it, and every response comes that late.
"""

from __future__ import annotations

import asyncio
import re
import sys

import peer_responses

_AFTER = re.compile(rb"/after/(\d+)(/.*)")
_PAGES = re.compile(rb"/pages/(\d+)/api/v1/transfers\?(?:.*&)?(?:after=cursor_01HABC0*(\d+))?")


def _response(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


RESPONSES = {
    b"/api/v1/accounts/" + peer_responses.ACCOUNT_ID.encode(): _response(peer_responses.ACCOUNT),
    b"/v1/accounts/" + peer_responses.LITHIC_ACCOUNT_ID.encode(): _response(peer_responses.LITHIC_ACCOUNT),
    b"/accounts/" + peer_responses.INCREASE_ACCOUNT_ID.encode(): _response(peer_responses.INCREASE_ACCOUNT),
    b"/accounts": _response(peer_responses.OLD_ACCOUNTS),
}


def response(target: bytes) -> bytes:
    found = RESPONSES.get(target)
    if found is None:
        listed = _PAGES.match(target)
        if listed is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        number = int(listed[2] or 0) + 1
        found = _response(peer_responses.page(number, last=number >= int(listed[1])))
    return found


class Server(asyncio.Protocol):
    """One connection; requests come one at a time."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - that is what it is for TCP
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end or (head.startswith(b"POST") and not body):  # the only body that is sent fits into one packet
            return
        self._received = b""
        target = head.split(b" ", 2)[1]
        if late := _AFTER.match(target):
            asyncio.get_running_loop().call_later(int(late[1]) / 1000, self._transport.write, response(late[2]))
        else:
            self._transport.write(response(target))


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Server, "127.0.0.1", 0, backlog=1000)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
