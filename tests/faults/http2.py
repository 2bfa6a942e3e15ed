"""Decides how a gate that speaks HTTP/1.1 is met with over HTTP/2: what it responds, and how its connections end."""

from __future__ import annotations

import asyncio
import itertools
import socket
import ssl
import struct
from collections.abc import AsyncGenerator, Iterator
from contextlib import asynccontextmanager, suppress

import h11
from attrs import define, field
from h2.config import H2Configuration
from h2.connection import H2Connection
from h2.events import (
    ConnectionTerminated,
    DataReceived,
    Event,
    RemoteSettingsChanged,
    RequestReceived,
    StreamEnded,
    StreamReset,
    WindowUpdated,
)
from h2.exceptions import ProtocolError
from hyperframe.frame import GoAwayFrame

CONNECTION = "x-faults-connection"
"""The header that tells a server behind the front which connection of a client a request came over."""

HEAD = 2**16
"""Bytes that the head of a response may have before the front gives up."""

CHUNK = 2**16
"""Bytes that are read at a time."""

FOLLOWING = 1.0
"""Seconds after a response within which the server's end of its connection is that of the client's."""

CLOSING = 0.5
"""Seconds that a client has to end TLS from its side, which it does only when it next looks at its connection."""

OF_CONNECTIONS = {b"connection", b"keep-alive", b"proxy-connection", b"transfer-encoding", b"upgrade"}
"""Headers that HTTP/2 does not have."""


def offer_http2(context: ssl.SSLContext) -> ssl.SSLContext:
    """Let a server's context offer HTTP/2 and nothing else. It is changed: no other server may use it."""
    context.set_alpn_protocols(["h2"])
    return context


@asynccontextmanager
async def ending_alike(writer: asyncio.StreamWriter) -> AsyncGenerator[None]:
    """End a client's connection as that ended which it stood for: with FIN after EOFError, with RST after OSError."""
    try:
        yield
    except* OSError:
        client = writer.get_extra_info("socket")
        with suppress(OSError, AttributeError):  # the client was faster, and TLS then has no socket any more
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    except* EOFError:
        writer.close()
        with suppress(OSError):
            async with asyncio.timeout(CLOSING):
                await writer.wait_closed()
    finally:
        writer.transport.abort()  # also what waits for a client that reads no more, when the server is stopped


@asynccontextmanager
async def connected(address: tuple[str, int]) -> AsyncGenerator[socket.socket]:
    """A connection to a server.

    It is a bare socket: a StreamReader that hears of a reset forgets what it had read before.
    """
    with socket.socket() as server:
        server.setblocking(False)
        server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        await asyncio.get_running_loop().sock_connect(server, address)
        yield server


@define
class HTTP2Front:
    """Responds to every stream of HTTP/2 as a server does to a request of HTTP/1.1, on a connection for each.

    How the server ends a connection without a response, or within one, is how the client's connection ends, with all
    that is in flight on it. The client's connection ends as well when the server ends its own after a response: with
    GOAWAY if the response said so, and once what else is in flight has its response, and otherwise at once.
    """

    upstream: tuple[str, int]
    follows: bool = True
    """Whether the end of the server's connection after a whole response is that of the client's."""
    numbers: Iterator[int] = field(factory=lambda: itertools.count(1), init=False, repr=False)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Respond to the requests of a connection, until one end leaves."""
        async with ending_alike(writer), asyncio.TaskGroup() as tasks:
            await Connection(self, reader, writer, tasks).serve()


@define
class Stream:
    """A request of a client, until it has its response."""

    headers: list[tuple[bytes, bytes]]
    body: bytearray = field(factory=bytearray)
    responding: asyncio.Task[None] | None = None
    """From when the request is there as a whole: the gate reads no request that does not say how long it is."""

    def asked(self, connection: int, h1: h11.Connection) -> bytes:
        """The request in HTTP/1.1."""
        pseudo = {name: value for name, value in self.headers if name.startswith(b":")}
        headers = [(name, value) for name, value in self.headers if name not in {*pseudo, b"host", CONNECTION.encode()}]
        if self.body and not any(name == b"content-length" for name, _ in headers):
            headers.append((b"content-length", b"%d" % len(self.body)))
        request = h11.Request(
            method=pseudo[b":method"],
            target=pseudo[b":path"],
            headers=[
                (b"host", pseudo.get(b":authority", b"")),
                *headers,
                (CONNECTION.encode(), b"%d" % connection),
            ],
        )
        events = (request, h11.Data(bytes(self.body)), h11.EndOfMessage())
        return b"".join(h1.send(event) or b"" for event in events)


async def next_event(server: socket.socket, h1: h11.Connection) -> h11.Event:
    """What comes next of a response; EOFError where the server has left, OSError where there is no use in going on."""
    while True:
        try:
            event = h1.next_event()
        except h11.RemoteProtocolError as error:
            _, left = h1.trailing_data
            raise (EOFError if left else ConnectionResetError)(str(error)) from error
        if isinstance(event, h11.Event):
            return event
        h1.receive_data(await asyncio.get_running_loop().sock_recv(server, CHUNK))


class Connection:
    """A connection of a client to the front."""

    def __init__(
        self,
        front: HTTP2Front,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        tasks: asyncio.TaskGroup,
    ) -> None:
        self.front = front
        self.reader = reader
        self.writer = writer
        self.tasks = tasks
        """Of the streams. What one of them raises ends them all, and the connection."""
        self.number = next(front.numbers)
        self.h2 = H2Connection(H2Configuration(client_side=False))
        self.streams: dict[int, Stream] = {}
        self.room = asyncio.Event()
        """Set when the client may have room for more than it had."""
        self.leaving = False
        """Whether the client was told that there will be no further responses."""

    async def serve(self) -> None:
        self.h2.initiate_connection()
        self.write()
        while data := await self.reader.read(CHUNK):
            try:
                events = self.h2.receive_data(data)
            except ProtocolError as error:
                self.write()
                raise EOFError(str(error)) from error
            for event in events:
                self.take(event)
            self.write()  # without waiting for room, or a client that waits for room itself would never be read again
        raise EOFError("the client has left")

    def take(self, event: Event) -> None:
        """Do what something that came from the client calls for."""
        match event:
            case RequestReceived() if not self.leaving:
                self.streams[event.stream_id] = Stream(event.headers)
            case DataReceived():
                self.h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
                if stream := self.streams.get(event.stream_id):
                    stream.body += event.data
            case StreamEnded():
                if stream := self.streams.get(event.stream_id):
                    stream.responding = self.tasks.create_task(self.response(event.stream_id, stream))
            case StreamReset():
                if stream := self.streams.get(event.stream_id):
                    if stream.responding:
                        stream.responding.cancel()
                    self.forget(event.stream_id)
            case WindowUpdated() | RemoteSettingsChanged():
                self.room.set()
            case ConnectionTerminated():
                raise EOFError("the client is leaving")

    async def response(self, stream_id: int, stream: Stream) -> None:
        """Have the server respond to a request, and pass the response on as it comes."""
        h1, last = h11.Connection(h11.CLIENT, max_incomplete_event_size=HEAD), False
        async with connected(self.front.upstream) as server:
            await asyncio.get_running_loop().sock_sendall(server, stream.asked(self.number, h1))
            while not isinstance(event := await next_event(server, h1), h11.EndOfMessage):
                if isinstance(event, h11.Response):
                    last = self.front.follows and (b"connection", b"close") in event.headers
                    headers = [header for header in event.headers if header[0] not in OF_CONNECTIONS]
                    self.h2.send_headers(stream_id, [(b":status", b"%d" % event.status_code), *headers])
                    self.write()
                elif isinstance(event, h11.Data):
                    await self.send(stream_id, bytes(event.data))
            self.end(stream_id, last=last)
            if self.front.follows and not last:
                await self.follow(server)

    async def send(self, stream_id: int, data: bytes) -> None:
        """Send a part of a body as the client has room for it."""
        while data:
            while (room := self.h2.local_flow_control_window(stream_id)) <= 0:
                self.room.clear()
                await self.room.wait()
            size = min(room, self.h2.max_outbound_frame_size)
            self.h2.send_data(stream_id, data[:size])
            data = data[size:]
            self.write()
            await self.writer.drain()
            await asyncio.sleep(0)  # neither that nor a server that always has more gives others a turn

    def end(self, stream_id: int, *, last: bool) -> None:
        """End a response, and say with it whether it is among the last of the connection."""
        self.h2.end_stream(stream_id)
        goodbye = b""
        if last and not self.leaving:
            # Not by h2, which would then not let other streams go on.
            goodbye = GoAwayFrame(last_stream_id=self.h2.highest_inbound_stream_id).serialize()
            self.leaving = True
        self.write(goodbye)  # in one piece: a client that has read the response knows
        self.forget(stream_id)

    def forget(self, stream_id: int) -> None:
        del self.streams[stream_id]
        if self.leaving and not self.streams:
            raise EOFError("everything has its response")

    async def follow(self, server: socket.socket) -> None:
        """End the connection if the server ends its own now, of which it said nothing."""
        with suppress(TimeoutError):
            async with asyncio.timeout(FOLLOWING):
                if not await asyncio.get_running_loop().sock_recv(server, 1):
                    raise EOFError("the server has left")

    def write(self, more: bytes = b"") -> None:
        if data := self.h2.data_to_send() + more:
            self.writer.write(data)


@define
class Forwarder:
    """Passes on what comes over TCP, both ways, with the end of either; or nothing of it any more, silently."""

    upstream: tuple[str, int]
    swallowed: int = field(default=0, init=False)
    """How often it was told to swallow: a connection that is older than the last time passes nothing on."""

    def swallow(self) -> None:
        """Let the connections of now stay, and nothing get through them again. To be called from any thread."""
        self.swallowed += 1

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Pass on what comes over a connection, until one end leaves; or until the client does, where it is silent."""
        loop, born = asyncio.get_running_loop(), self.swallowed

        async def ask() -> None:
            while data := await reader.read(CHUNK):
                if self.swallowed == born:
                    with suppress(ConnectionError):  # how the server has left is read from it, after what it sent
                        await loop.sock_sendall(server, data)
            raise EOFError("the client has left")

        async def response() -> None:
            try:
                while data := await loop.sock_recv(server, CHUNK):
                    if self.swallowed == born:
                        writer.write(data)
                        await writer.drain()
                raise EOFError("the server has left")
            except (EOFError, OSError):
                if self.swallowed == born:
                    raise

        async with ending_alike(writer), connected(self.upstream) as server, asyncio.TaskGroup() as tasks:
            tasks.create_task(ask())
            tasks.create_task(response())
