"""Decides how a fault is brought about for one call, and how it ends: at the sandbox, on the wire, before either."""

from __future__ import annotations

import math
import socket
import threading
from collections.abc import Callable, Generator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta, tzinfo
from typing import Any, ClassVar, TypeAlias
from unittest.mock import patch
from urllib.parse import urlencode

import anyio

import sequence_sdk.answers
import sequence_sdk.client
import sequence_sdk.session
from sequence_sandbox import Sandbox
from sequence_sandbox.faults import FaultKind
from sequence_sandbox.server import Server, listen
from sequence_sdk import SequenceClient

from .servers import Due, Misbehaviour, Seen, Way, operation_at, unavailable_until_now
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
        return self.site.base_url

    @property
    def unseen(self) -> int:
        """Attempts that ended before there was a request to see."""
        return 0

    def seen(self) -> list[Seen]:
        """The requests of the operation that reached a server."""
        return [seen for seen in self.site.gate.seen if seen.operation == self.operation]

    async def begin(self, client: SequenceClient) -> None:
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

    async def begin(self, client: SequenceClient) -> None:
        self.over = anyio.current_time() + self.options.get("seconds", 0) + 0.3
        times = 10**9 if self.times == math.inf else int(self.times)
        self.sandbox.fail(self.kind, self.operation, times=times, **self.options)

    async def end(self) -> None:
        plan = self.sandbox.faults
        plan.faults[:] = [fault for fault in plan.faults if fault.operation != self.operation]
        if self.kind == "slow":  # it is not over before what was begun is done
            await anyio.sleep_until(self.over)


def at_sandbox(kind: FaultKind, **options: Any) -> Arrange:
    return lambda site, operation, times: AtSandbox(site, operation, times, kind, options)


class OnTheWire(Arrangement):
    """A misbehaviour of the gate."""

    reuses = True

    def __init__(self, site: Site, operation: str, times: float, what: Misbehaviour) -> None:
        super().__init__(site, operation, times)
        self.what = what

    async def begin(self, client: SequenceClient) -> None:
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

    async def begin(self, client: SequenceClient) -> None:
        pool: Any = client._session.connection.http._transport._pool  # type: ignore[attr-defined]
        with anyio.fail_after(5):  # where the pool has heard of it already, there is no connection any more
            while not all(connection.has_expired() for connection in pool.connections):
                await anyio.sleep(0.005)
        self.site.gate.forget(self.operation)


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
        return f"https://127.0.0.1:{self.port}/api/v1"

    @property
    def unseen(self) -> int:
        return self.door.failed

    async def begin(self, client: SequenceClient) -> None:
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
    def base_url(self) -> str:
        return f"https://{host_of(self.operation)}:{self.site.ports['on']}/api/v1"

    @property
    def unseen(self) -> int:
        return self.site.names.failed[self.operation]

    async def begin(self, client: SequenceClient) -> None:
        self.site.names.left[self.operation] = self.times
        self.site.gate.forget(self.operation)

    async def end(self) -> None:
        self.site.names.left[self.operation] = 0


class Refused(Arrangement):
    """A sandbox of the call's own refuses connections, and ends those that it has."""

    def __init__(self, site: Site, operation: str, times: float) -> None:
        super().__init__(site, operation, times)
        self.refused = 0
        self.refuses = False
        self.own = Sandbox()
        self.own.keys = site.sandbox.keys

    @contextmanager
    def prepared(self) -> Generator[None]:
        with listen("127.0.0.1", 0) as listener:
            self.address = listener.getsockname()
            started = threading.Event()
            self.server = Server(self.own, self.address, started.set)
            thread = threading.Thread(target=self.server.run, args=([listener],))
            thread.start()
            try:
                started.wait()
                with super().prepared():
                    yield
            finally:
                self.server.should_exit = True
                thread.join()

    @property
    def sandbox(self) -> Sandbox:
        return self.own

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.address[1]}/api/v1"

    @property
    def unseen(self) -> int:
        return self.refused

    def seen(self) -> list[Seen]:
        return [
            Seen(
                operation=operation_at(asked.method, asked.path),
                target=f"{asked.path}?{urlencode(asked.query)}",
                headers=asked.headers,
                body=asked.body,
            )
            for asked in self.own.requests
        ]

    async def begin(self, client: SequenceClient) -> None:
        self.own.fail("refuse", seconds=3600)
        self.refuses = True
        await self._until(listening=False)
        await anyio.sleep(0.05)  # so that the connections that it had are closed as well

    async def ended(self) -> None:
        self.refused += self.refuses
        if self.refused == self.times:
            await self.end()

    async def end(self) -> None:
        if self.refuses:
            self.refuses = False
            self.server._refusing_until = 0.0
            await self._until(listening=True)

    async def _until(self, *, listening: bool) -> None:
        with anyio.fail_after(5):
            while self._listens() is not listening:
                await anyio.sleep(0.01)

    def _listens(self) -> bool:
        with socket.socket() as attempt:
            return attempt.connect_ex(self.address) == 0


class Mismatch(Arrangement):
    """The key of a write was used before, for another one."""

    idempotency_key = "used-before"


class WrongClock(OnTheWire):
    """A server says by its own clock when to come again, and the clock here shows other hours, before and after."""

    def __init__(self, site: Site, operation: str, times: float, before: int, after: int) -> None:
        super().__init__(site, operation, times, unavailable_until_now)
        self.before, self.after = timedelta(hours=before), timedelta(hours=after)

    async def begin(self, client: SequenceClient) -> None:
        Clock.wrong_by = self.before
        await super().begin(client)

    async def ended(self) -> None:
        Clock.wrong_by = self.after


def wrong_clock(before: int, after: int) -> Arrange:
    return lambda site, operation, times: WrongClock(site, operation, times, before, after)


class Clock(datetime):
    """The time as this machine has it, right or wrong."""

    wrong_by: ClassVar[timedelta] = timedelta()

    @classmethod
    def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
        return datetime.now(tz) + cls.wrong_by


@contextmanager
def local_clock() -> Generator[None]:
    """Let the SDK look at a clock that can be wrong."""
    Clock.wrong_by = timedelta()
    with ExitStack() as patches:
        for module in (sequence_sdk.answers, sequence_sdk.client, sequence_sdk.session):
            patches.enter_context(patch.object(module, "datetime", Clock))
        yield
