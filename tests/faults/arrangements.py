"""Decides how a fault is brought about for one call, and how it ends: at the sandbox, on the wire, before either."""

from __future__ import annotations

import math
import socket
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta
from typing import Any, ClassVar, TypeAlias

import anyio

from sequence_sandbox import Sandbox
from sequence_sandbox.faults import FaultKind
from sequence_sdk import Clock
from sequence_sdk.client import Client

from .http2 import Forwarder
from .libraries import HTTP2, Connections
from .servers import Due, Misbehaviour, Seen, Way, port_of, unavailable_until_now
from .site import Site, host_of


class Arrangement:
    """A fault for one call. The fault is there from `begin` until it has happened `times` times, or until `end`."""

    idempotency_key: ClassVar[str | None] = None
    """What writes are given for a key."""
    fresh: ClassVar[bool] = False
    """Whether it needs a new connection, so that the one of the request before must not be kept."""
    reuses: ClassVar[bool] = False
    """Whether it is met with on the connection of the request before, where there is one."""

    def __init__(self, site: Site, operation: str, times: float) -> None:
        self.site = site
        self.operation = operation
        self.times = times
        self.clock = WrongClock()

    @contextmanager
    def prepared(self) -> Generator[None]:
        """What it needs before the client is made."""
        if self.fresh:
            self.site.gate.announced.add(self.operation)
        yield
        self.site.gate.forget(self.operation)

    @property
    def sandbox(self) -> Sandbox:
        return self.site.sandbox

    @property
    def base_url(self) -> str:
        return self.site.url(self.site.port)

    @property
    def unseen(self) -> int:
        """Attempts that ended before there was a request to see."""
        return 0

    def seen(self) -> list[Seen]:
        """The requests of the operation that reached a server."""
        return [seen for seen in self.site.gate.seen if seen.operation == self.operation]

    async def begin(self, client: Client) -> None:
        """Let it be there. The next request is the first that meets with it."""

    async def ended(self) -> None:
        """An attempt that it was there for has ended."""

    async def end(self) -> None:
        """Let it be gone."""


Arrange: TypeAlias = Callable[[Site, str, float], Arrangement]


class AtSandbox(Arrangement):
    """A fault of the sandbox's own."""

    reuses = True

    def __init__(self, site: Site, operation: str, times: float, kind: FaultKind, options: dict[str, Any]) -> None:
        super().__init__(site, operation, times)
        self.kind = kind
        self.options = options

    async def begin(self, client: Client) -> None:
        times = 10**9 if self.times == math.inf else int(self.times)
        self.sandbox.fail(self.kind, self.operation, times=times, **self.options)

    async def end(self) -> None:
        plan = self.sandbox.faults
        plan.faults[:] = [fault for fault in plan.faults if fault.operation != self.operation]
        if self.kind == "slow":  # it is not over before what was begun is done
            while any(
                one.duration is None for one in self.sandbox.requests.where(operation=self.operation, fault="slow")
            ):
                await anyio.sleep(0.05)


def at_sandbox(kind: FaultKind, **options: Any) -> Arrange:
    return lambda site, operation, times: AtSandbox(site, operation, times, kind, options)


class OnTheWire(Arrangement):
    """A misbehaviour of the gate."""

    reuses = True

    def __init__(self, site: Site, operation: str, times: float, what: Misbehaviour) -> None:
        super().__init__(site, operation, times)
        self.what = what

    async def begin(self, client: Client) -> None:
        self.site.gate.due[self.operation] = Due(self.what, self.times)

    async def end(self) -> None:
        self.site.gate.forget(self.operation)


def on_the_wire(what: Misbehaviour) -> Arrange:
    return lambda site, operation, times: OnTheWire(site, operation, times, what)


class IdleClosed(Arrangement):
    """The server closes a connection that is kept, between two requests."""

    @contextmanager
    def prepared(self) -> Generator[None]:
        self.site.gate.unannounced.add(self.operation)
        with super().prepared():
            yield

    @property
    def unseen(self) -> int:
        return int(self.site.library in HTTP2)  # the request that is written to the connection that was closed

    async def begin(self, client: Client) -> None:
        connections = Connections(client._session.connection.transport.http)
        with anyio.fail_after(5):
            while not connections.heard_of_their_end():
                await anyio.sleep(0.005)
        self.site.gate.forget(self.operation)


class GoneSilent(Arrangement):
    """Something between client and server drops all that comes over the connections that there are."""

    reuses = True

    @contextmanager
    def prepared(self) -> Generator[None]:
        self.forwarder = Forwarder(("127.0.0.1", self.site.port))
        server = self.site.thread.listen(self.forwarder.serve)
        self.port = port_of(server)
        try:
            with super().prepared():
                yield
        finally:
            self.site.thread.loop.call_soon_threadsafe(server.close)

    @property
    def base_url(self) -> str:
        return self.site.url(self.port)

    @property
    def unseen(self) -> int:
        return 1  # the request that was dropped

    async def begin(self, client: Client) -> None:
        self.forwarder.swallow()


class AtTheDoor(Arrangement):
    """A connection that ends before there is a request on it."""

    fresh = True

    def __init__(self, site: Site, operation: str, times: float, way: Way) -> None:
        super().__init__(site, operation, times)
        self.way: Way = way

    @contextmanager
    def prepared(self) -> Generator[None]:
        with super().prepared(), self.site.door() as (self.door, self.port):
            yield

    @property
    def base_url(self) -> str:
        return f"https://127.0.0.1:{self.port}{self.site.base_path}"

    @property
    def unseen(self) -> int:
        return self.door.failed

    async def begin(self, client: Client) -> None:
        self.door.way, self.door.times = self.way, self.times
        self.site.gate.forget(self.operation)

    async def end(self) -> None:
        self.door.times = 0


def at_the_door(way: Way) -> Arrange:
    return lambda site, operation, times: AtTheDoor(site, operation, times, way)


class NoSuchName(Arrangement):
    """A name that is not resolved."""

    fresh = True

    @property
    def host(self) -> str:
        return host_of((self.site.api, self.site.library), self.operation)

    @property
    def base_url(self) -> str:
        return f"https://{self.host}:{self.site.ports['on']}{self.site.base_path}"

    @property
    def unseen(self) -> int:
        return self.site.names.failed[self.host]

    async def begin(self, client: Client) -> None:
        self.site.names.left[self.host] = self.times
        self.site.gate.forget(self.operation)

    async def end(self) -> None:
        self.site.names.left[self.host] = 0


class Refused(Arrangement):
    """A port of the call's own refuses connections."""

    fresh = True

    def __init__(self, site: Site, operation: str, times: float) -> None:
        super().__init__(site, operation, times)
        self.refused = 0
        self.refuses = False

    @contextmanager
    def prepared(self) -> Generator[None]:
        self.server = self.site.listen()
        self.port = port_of(self.server)
        try:
            with super().prepared():
                yield
        finally:
            self.site.thread.loop.call_soon_threadsafe(self.server.close)

    @property
    def base_url(self) -> str:
        return self.site.url(self.port)

    @property
    def unseen(self) -> int:
        return self.refused

    async def begin(self, client: Client) -> None:
        self.site.gate.forget(self.operation)
        self.refuses = True
        self.site.thread.loop.call_soon_threadsafe(self.server.close)
        with anyio.fail_after(5):
            while self._listens():
                await anyio.sleep(0.01)
        self.held = socket.socket()  # or a connection of somebody else's might take the port
        self.held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.held.bind(("127.0.0.1", self.port))

    async def ended(self) -> None:
        self.refused += self.refuses
        if self.refused == self.times:
            await self.end()

    async def end(self) -> None:
        if self.refuses:
            self.refuses = False
            self.server = self.site.listen(self.held)

    def _listens(self) -> bool:
        with socket.socket() as attempt:
            return attempt.connect_ex(("127.0.0.1", self.port)) == 0


@contextmanager
def full_port() -> Generator[int]:
    """A port whose queue of connections is full: the system accepts no other."""
    waiting: list[socket.socket] = []
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port: int = listener.getsockname()[1]
        try:
            for _ in range(4):  # more than the queue takes
                waiting.append(socket.socket())
                waiting[-1].setblocking(False)
                with suppress(BlockingIOError):
                    waiting[-1].connect(("127.0.0.1", port))
            yield port
        finally:
            for one in waiting:
                one.close()


class NeverConnected(Arrangement):
    """A port whose queue of connections is full, so that the system responses none that is new."""

    def __init__(self, site: Site, operation: str, times: float) -> None:
        super().__init__(site, operation, times)
        self.tried = 0

    @contextmanager
    def prepared(self) -> Generator[None]:
        with full_port() as self.port, super().prepared():
            yield

    @property
    def base_url(self) -> str:
        return self.site.url(self.port)

    @property
    def unseen(self) -> int:
        return self.tried

    async def ended(self) -> None:
        self.tried += 1


class Mismatch(Arrangement):
    """The key of a write was used before, for another one."""

    idempotency_key = "used-before"


class TimeOfAnother(OnTheWire):
    """A server says by its own clock when to come again, and the clock here shows other hours, before and after."""

    def __init__(self, site: Site, operation: str, times: float, before: int, after: int) -> None:
        super().__init__(site, operation, times, unavailable_until_now)
        self.before, self.after = timedelta(hours=before), timedelta(hours=after)

    async def begin(self, client: Client) -> None:
        self.clock.wrong_by = self.before
        await super().begin(client)

    async def ended(self) -> None:
        self.clock.wrong_by = self.after


def wrong_clock(before: int, after: int) -> Arrange:
    return lambda site, operation, times: TimeOfAnother(site, operation, times, before, after)


class WrongClock(Clock):
    """The time as this machine has it, right or wrong."""

    wrong_by = timedelta()

    def now(self) -> datetime:
        return super().now() + self.wrong_by
