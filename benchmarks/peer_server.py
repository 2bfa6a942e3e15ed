"""Answers every request at once with bytes that were made before, in a process of its own: what it costs is nobody's.

    python benchmarks/peer_server.py      prints its address, and ends when its standard input does

Below `/pages/<count>/` the list of transfers has so many pages: all of the same transfers, each with another cursor.
"""

from __future__ import annotations

import asyncio
import re
import sys

import peer_answers

_PAGES = re.compile(rb"/pages/(\d+)/api/v1/transfers\?(?:.*&)?(?:after=cursor_01HABC0*(\d+))?")


def _response(body: bytes) -> bytes:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    return head % len(body) + body


ANSWERS = {
    b"/api/v1/accounts/" + peer_answers.ACCOUNT_ID.encode(): _response(peer_answers.ACCOUNT),
    b"/v1/accounts/" + peer_answers.LITHIC_ACCOUNT_ID.encode(): _response(peer_answers.LITHIC_ACCOUNT),
    b"/accounts/" + peer_answers.INCREASE_ACCOUNT_ID.encode(): _response(peer_answers.INCREASE_ACCOUNT),
    b"/accounts": _response(peer_answers.OLD_ACCOUNTS),
}


def answer(target: bytes) -> bytes:
    found = ANSWERS.get(target)
    if found is None:
        listed = _PAGES.match(target)
        if listed is None:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        number = int(listed[2] or 0) + 1
        found = _response(peer_answers.page(number, last=number >= int(listed[1])))
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
        self._transport.write(answer(head.split(b" ", 2)[1]))


async def serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Server, "127.0.0.1", 0, backlog=1000)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(serve())
