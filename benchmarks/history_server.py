"""Serves a long list of transfers over both APIs after a latency, in a process of its own, and keeps to ranges of time.

    python benchmarks/history_server.py 10000 --latency 0.05 --spread evenly

It prints its address, and ends when its standard input does. The transfers are those of `peer_responses`, each with an
ID and a moment of its own; a page takes it a fraction of a millisecond, so that what is measured is not the server.
"""

from __future__ import annotations

import argparse
import asyncio
import bisect
import sys
from array import array
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import peer_responses

NEWEST = datetime(2024, 4, 1, tzinfo=UTC)
DAYS = 3 * 365

SPREADS = {
    "evenly": [(0.0, 1.0, 1.0)],
    "80 % in the newest 10 %": [(0.0, 0.1, 0.8), (0.1, 1.0, 0.2)],
    "80 % in the middle 10 %": [(0.0, 0.45, 0.1), (0.45, 0.55, 0.8), (0.55, 1.0, 0.1)],
    "80 % in the oldest 10 %": [(0.0, 0.9, 0.2), (0.9, 1.0, 0.8)],
}
"""For each part of the time, from its newest end: where it begins and ends, and its share of the transfers."""

MILLISECOND = timedelta(milliseconds=1)


def ages(count: int, spread: Sequence[tuple[float, float, float]]) -> array[int]:
    """How many milliseconds before `NEWEST` so many transfers were made, from the newest to the oldest."""
    whole, found = timedelta(days=DAYS) // MILLISECOND, array("q")
    for begin, end, share in spread:
        number = round(count * share)
        found.extend(round(whole * (begin + (end - begin) * (place + 0.5) / number)) for place in range(number))
    return found


def camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(map(str.capitalize, others))


def as_platform(transfer: dict[str, Any]) -> dict[str, Any]:
    """A transfer of `/api/v1` as `/platform/v1` shows one."""
    sides = {
        side: transfer[side] and {**transfer[side], "type": transfer[side]["type"].upper(), "isDeleted": False}
        for side in ("source", "destination")
    }
    upper = {name: transfer[name].upper() for name in ("direction", "origin", "status")}
    if upper["origin"] == "PAYCHECK":
        upper["origin"] = "DIRECT_DEPOSIT"
    more = {"executionMode": "LIVE", "description": None, "addenda": None}
    return {camel(name): value for name, value in (transfer | sides | upper).items()} | more


class History:
    """The list, and its pages over either API."""

    def __init__(self, count: int, spread: str) -> None:
        self._ages = ages(count, SPREADS[spread])
        transfers = [{**one, "id": "%b"} for one in peer_responses.transfers()]
        self._v1 = [peer_responses.to_json({**one, "created_at": "%b"}) for one in transfers]
        self._platform = [peer_responses.to_json({**as_platform(one), "createdAt": "%b"}) for one in transfers]

    def page(self, target: str) -> bytes:
        """The body of the response to a request for one."""
        url = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        begin = 0 if "to" not in query else bisect.bisect_left(self._ages, age(query["to"]))
        end = bisect.bisect_right(self._ages, age(query["from"]))
        if url.path.startswith("/api/v1/"):
            begin, size = max(begin, int(query.get("after", begin))), int(query["first"])
            info = {"has_next_page": begin + size < end, "end_cursor": str(begin + size)}
            items = self._items(self._v1, b"txr_%012d", begin, min(begin + size, end))
            return b'{"request_id":"req_1","data":[%b],"page_info":%b}' % (items, peer_responses.to_json(info))
        number, size = int(query.get("page", 1)), int(query["pageSize"])
        begin += (number - 1) * size
        info = {"page": number, "pageSize": size, "hasNextPage": begin + size < end}
        items = self._items(self._platform, b"00000000-0000-4000-8000-%012d", begin, min(begin + size, end))
        return b'{"requestId":"req-1","data":{"items":[%b],"pagination":%b}}' % (items, peer_responses.to_json(info))

    def _items(self, shapes: list[bytes], identifier: bytes, begin: int, end: int) -> bytes:
        return b",".join(
            shapes[place % len(shapes)] % (identifier % place, moment(self._ages[place])) for place in range(begin, end)
        )


def age(text: str) -> int:
    return (NEWEST - datetime.fromisoformat(text)) // MILLISECOND


def moment(age: int) -> bytes:
    return (NEWEST - age * MILLISECOND).isoformat(timespec="milliseconds").replace("+00:00", "Z").encode()


class Connection(asyncio.Protocol):
    """One connection; requests come one at a time."""

    def __init__(self, history: History, latency: float) -> None:
        self._history = history
        self._latency = latency

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - that is what it is for TCP
        self._transport = transport
        self._received = b""

    def data_received(self, data: bytes) -> None:
        self._received += data
        if self._received.endswith(b"\r\n\r\n"):
            asyncio.get_running_loop().call_later(self._latency, self._respond, self._received.split(b" ", 2)[1])
            self._received = b""

    def _respond(self, target: bytes) -> None:
        if not self._transport.is_closing():
            body = self._history.page(target.decode())
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(body)
            self._transport.write(head + body)


async def serve(history: History, latency: float) -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(history, latency), "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("transfers", type=int)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before every response")
    parser.add_argument("--spread", choices=SPREADS, default="evenly")
    options = parser.parse_args()
    asyncio.run(serve(History(options.transfers, options.spread), options.latency))
