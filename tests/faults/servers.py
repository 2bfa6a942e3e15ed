"""Decides how a server misbehaves below HTTP: a gate before the sandbox that keeps what it is asked; doors to it."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
import re
import socket
import ssl
import struct
import threading
import time
import zlib
from collections.abc import Callable, Coroutine, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from email.utils import formatdate
from functools import cache
from typing import Any, Literal, TypeAlias, TypeVar
from urllib.parse import parse_qs, urlsplit

from attrs import define, evolve, field, frozen

from .http2 import CONNECTION

T = TypeVar("T")

LIMIT = 100_000
"""Bytes of a body that the clients of the matrix read."""

HEADERS = 100
"""Headers that the clients of the matrix read."""

BOMB = 64 * 2**20
"""Bytes that the gzip bomb unpacks to."""

BROKEN = (ConnectionError, asyncio.IncompleteReadError, ssl.SSLError)
"""What reading and writing come to when the other end has left."""


@frozen(kw_only=True)
class Seen:
    """A request that reached a server."""

    operation: str
    target: str
    headers: dict[str, str] = field(repr=False)
    """In lower case."""
    body: bytes
    raw: bytes = field(default=b"", repr=False)
    connection: int = 0
    """Over which it came, where that is known."""

    @property
    def cursor(self) -> str:
        """What page it asks for, where it asks for one."""
        return parse_qs(urlsplit(self.target).query).get("after", [""])[0]


def operation_at(method: str, target: str) -> str:
    """The operation that a request is for, of either API."""
    path = urlsplit(target).path
    if path.endswith("/trigger"):
        return "triggerRule"
    if path.endswith("/transfers"):
        return "createTransfer" if method == "POST" else "listTransfers"
    if path.endswith("/accounts"):
        return "createAccount" if method == "POST" else "listAccounts"
    return "getAccount"


async def read_request(reader: asyncio.StreamReader) -> Seen | None:
    """The next request of a connection; None where the client has left."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        first, *lines = head.decode().strip().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
    except BROKEN:
        return None
    method, target, _ = first.split(" ")
    return Seen(operation=operation_at(method, target), target=target, headers=headers, body=body, raw=head + body)


class Visit:
    """A connection of a client to the gate."""

    def __init__(self, gate: Gate, writer: asyncio.StreamWriter) -> None:
        self.gate = gate
        self.writer = writer

    async def response(self, asked: Seen) -> None:
        """Respond to a request, or do to it what is due."""
        misbehaviour = self.gate.take(asked.operation)
        try:
            await (self.pass_on(asked) if misbehaviour is None else misbehaviour(self, asked))
        except ConnectionError:
            self.reset()
        except asyncio.IncompleteReadError:
            self.writer.close()

    async def pass_on(self, asked: Seen) -> None:
        """Let the sandbox response, with whatever it does to its response and its connection."""
        gate = self.gate
        async with gate.ask(asked) as reader:
            head = await reader.readuntil(b"\r\n\r\n")
            if asked.operation not in gate.announced:
                head = re.sub(rb"(?i)connection: close\r\n", b"", head)
            await self.send(head)
            found = re.search(rb"(?i)content-length: (\d+)", head)
            left, response = int(found[1]) if found else 0, head
            while left:
                chunk = await reader.read(left)
                if not chunk:
                    raise asyncio.IncompleteReadError(b"", left)
                left, response = left - len(chunk), response + chunk
                await self.send(chunk)
        gate.responses[asked.operation] = response
        if asked.operation in gate.announced | gate.unannounced:
            self.writer.close()

    async def fetch(self, asked: Seen) -> tuple[bytes, bytes]:
        """Have done what was asked, and give the response's head, open at its end, and its body."""
        async with self.gate.ask(asked) as reader:
            head, _, body = (await reader.read(-1)).partition(b"\r\n\r\n")
        return re.sub(rb"(?i)(content-length: \d+|connection: close)\r\n", b"", head + b"\r\n"), body

    async def send(self, data: bytes) -> None:
        if self.writer.is_closing():  # a client that ends TLS slowly is not told to the stream before it has ended
            raise ConnectionResetError("the client has left")
        self.writer.write(data)
        await self.writer.drain()

    async def send_response(self, head: bytes, body: bytes) -> None:
        await self.send(head + b"content-length: %d\r\n\r\n" % len(body) + body)

    def reset(self) -> None:
        """End the connection with RST instead of FIN."""
        with suppress(OSError, AttributeError):  # the client was faster: then a TLS connection has no socket
            linger = struct.pack("ii", 1, 0)
            self.writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.writer.transport.abort()


Misbehaviour: TypeAlias = Callable[[Visit, Seen], Coroutine[Any, Any, None]]
"""What is done instead of responding."""


@define
class Due:
    """What is to be done to the next requests of an operation."""

    what: Misbehaviour
    times: float


class Gate:
    """Passes requests on to a sandbox and keeps them; the next ones of an operation meet with what is due for it."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self.upstream = upstream
        self._connections = itertools.count(1)
        self.seen: list[Seen] = []
        self.due: dict[str, Due] = {}
        self.responses: dict[str, bytes] = {}
        """The last response that was passed on, by operation."""
        self.announced: set[str] = set()
        """The operations whose responses are the last of their connection, and say so."""
        self.unannounced: set[str] = set()
        """Those whose responses are the last as well, and do not say so."""

    def forget(self, operation: str) -> None:
        """Let everything of an operation pass again."""
        self.due.pop(operation, None)
        self.announced.discard(operation)
        self.unannounced.discard(operation)

    def take(self, operation: str) -> Misbehaviour | None:
        due = self.due.get(operation)
        if due is None or due.times < 1:
            return None
        due.times -= 1
        return due.what

    @asynccontextmanager
    async def ask(self, asked: Seen) -> Any:
        """Send a request on over a connection of its own, and give what the response is read from."""
        reader, writer = await asyncio.open_connection(*self.upstream)
        try:
            writer.write(asked.raw.replace(b"\r\n", b"\r\nConnection: close\r\n", 1))
            yield reader
        finally:
            writer.close()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Respond to the requests of a connection, until the client leaves."""
        visit, connection = Visit(self, writer), next(self._connections)
        reading = asyncio.ensure_future(read_request(reader))
        responding: asyncio.Future[None] | None = None
        try:
            while asked := await reading:
                self.seen.append(evolve(asked, connection=int(asked.headers.get(CONNECTION, connection))))
                reading = asyncio.ensure_future(read_request(reader))
                responding = asyncio.ensure_future(visit.response(asked))
                await asyncio.wait({reading, responding}, return_when=asyncio.FIRST_COMPLETED)
                if reading.done() and reading.result() is None:
                    break
                await responding
        finally:
            for future in filter(None, (reading, responding)):
                future.cancel()
                with suppress(asyncio.CancelledError):
                    await future
            writer.close()


async def silence(visit: Visit, asked: Seen) -> None:
    """Keep the connection, and never respond."""
    await asyncio.Event().wait()


async def reset(visit: Visit, asked: Seen) -> None:
    visit.reset()


async def close(visit: Visit, asked: Seen) -> None:
    visit.writer.close()


async def response_of_another(visit: Visit, asked: Seen) -> None:
    """Do what was asked, and respond with what the request before got."""
    await visit.fetch(asked)
    await visit.send(visit.gate.responses[asked.operation])


async def about_something_else(visit: Visit, asked: Seen) -> None:
    """Do what was asked, and respond with another account, or with a transfer of another amount."""
    head, body = await visit.fetch(asked)
    response = json.loads(body)
    others: dict[str, Any] = {"id": "acc_another", "name": "Another", "amount_in_cents": 1, "amountInCents": 1}
    response["data"] |= {name: other for name, other in others.items() if name in response["data"]}
    await visit.send_response(head, json.dumps(response).encode())


async def endless_headers(visit: Visit, asked: Seen) -> None:
    await visit.fetch(asked)
    await visit.send(b"HTTP/1.1 200 OK\r\n")
    while True:
        await visit.send(b"X-More: and more\r\n" * 500)


async def too_many_headers(visit: Visit, asked: Seen) -> None:
    head, body = await visit.fetch(asked)
    more = b"".join(b"X-More-%d: more\r\n" % number for number in range(HEADERS))
    await visit.send_response(head + more, body)


@cache
def packed_bomb() -> bytes:
    packer, zeros = zlib.compressobj(wbits=zlib.MAX_WBITS | 16), bytes(2**20)
    return b"".join(packer.compress(zeros) for _ in range(BOMB // 2**20)) + packer.flush()


async def gzip_bomb(visit: Visit, asked: Seen) -> None:
    head, _ = await visit.fetch(asked)
    await visit.send_response(head + b"content-encoding: gzip\r\n", packed_bomb())


async def broken_gzip(visit: Visit, asked: Seen) -> None:
    head, body = await visit.fetch(asked)
    packed = bytearray(gzip.compress(body))
    packed[12:20] = bytes(8)
    await visit.send_response(head + b"content-encoding: gzip\r\n", bytes(packed))


async def cut_gzip(visit: Visit, asked: Seen) -> None:
    head, body = await visit.fetch(asked)
    packed = gzip.compress(body)
    await visit.send_response(head + b"content-encoding: gzip\r\n", packed[: len(packed) // 2])


async def large_body(visit: Visit, asked: Seen) -> None:
    head, body = await visit.fetch(asked)
    await visit.send_response(head, body.ljust(LIMIT + 1))


async def endless_body(visit: Visit, asked: Seen) -> None:
    head, body = await visit.fetch(asked)
    await visit.send(head + b"transfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n" % (len(body), body))
    while True:
        await visit.send(b"1000\r\n" + b" " * 0x1000 + b"\r\n")


async def slow_endless_body(visit: Visit, asked: Seen) -> None:
    head, body = await visit.fetch(asked)
    await visit.send(head + b"transfer-encoding: chunked\r\n\r\n%x\r\n%b\r\n" % (len(body), body))
    while True:
        await asyncio.sleep(0.02)
        await visit.send(b"1\r\n \r\n")


async def unavailable_until_now(visit: Visit, asked: Seen) -> None:
    """Response 503 with the server's own time for `Retry-After`."""
    head = b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: application/json\r\nretry-after: %b\r\n"
    body = b'{"error": {"code": "internal_error", "message": "Not now."}}'
    await visit.send_response(head % formatdate(time.time(), usegmt=True).encode(), body)


Way: TypeAlias = Literal["on", "cut", "untrusted"]
"""Where a connection leads: on, to an end within its handshake, to a server with a certificate that nobody trusts."""


class Door:
    """A port of its own for a client: some of the connections through it lead nowhere."""

    def __init__(self, ports: dict[Way, int]) -> None:
        self.ports = ports
        self.way: Way = "cut"
        self.times: float = 0
        """How many of the next connections do not lead on."""
        self.failed = 0

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        way: Way = "on"
        if self.times >= 1:
            way = self.way
            self.times -= 1
            self.failed += 1
        try:
            if way == "cut":
                await reader.read(65536)  # the ClientHello
                return
            inner_reader, inner_writer = await asyncio.open_connection("127.0.0.1", self.ports[way])
            try:
                copies = [asyncio.create_task(copy(*ends)) for ends in ((reader, inner_writer), (inner_reader, writer))]
                await asyncio.wait(copies, return_when=asyncio.FIRST_COMPLETED)
                for task in copies:
                    task.cancel()
                await asyncio.wait(copies)
            finally:
                inner_writer.close()
        finally:
            writer.close()


async def copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(*BROKEN):
        while data := await reader.read(65536):
            writer.write(data)
            await writer.drain()


Serve: TypeAlias = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Coroutine[Any, Any, None]]


class Thread:
    """An event loop in a thread, for servers."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._servers: list[asyncio.Server] = []
        self._thread = threading.Thread(target=self.loop.run_forever, name="faults")
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result()

    def listen(
        self, serve: Serve, context: ssl.SSLContext | None = None, held: socket.socket | None = None
    ) -> asyncio.Server:
        """Serve on a port of loopback: on a free one, or the one that a socket is bound to."""

        async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            # A task that is left behind when the loop stops would be reported as an error of the server.
            with suppress(asyncio.CancelledError, *BROKEN):
                await serve(reader, writer)

        place: dict[str, Any] = {"host": "127.0.0.1", "port": 0} if held is None else {"sock": held}
        server = self.run(asyncio.start_server(guarded, **place, ssl=context))
        self._servers.append(server)
        return server

    def stop(self) -> None:
        self.run(self._close())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()

    async def _close(self) -> None:
        for _ in range(3):  # turns that let in who has connected: asyncio would not close that socket with the server's
            await asyncio.sleep(0)
        for server in self._servers:
            server.close()
        tasks = asyncio.all_tasks() - {asyncio.current_task()}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0.05)  # transports close a turn later


def port_of(server: asyncio.Server) -> int:
    port: int = server.sockets[0].getsockname()[1]
    return port


@contextmanager
def threaded() -> Generator[Thread]:
    thread = Thread()
    try:
        yield thread
    finally:
        thread.stop()
