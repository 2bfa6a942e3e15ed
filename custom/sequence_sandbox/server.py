"""Serves a sandbox over HTTP with uvicorn, and refuses connections for as long as it is told to."""

from __future__ import annotations

import asyncio
import contextlib
import functools
import logging
import socket
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any

import uvicorn

from .control import CONTROL_PATH
from .control.events import EVENTS_PATH, STOPPING
from .sandbox import Sandbox

PATIENCE = 1
"""Seconds that a server which stops waits for responses that it has begun."""
_log = logging.getLogger("sequence_sandbox")


class Server(uvicorn.Server):
    """A server that says when it can be reached, and that can be made unreachable for a while."""

    def __init__(self, sandbox: Sandbox, address: tuple[str, int], on_start: Callable[[], object]) -> None:
        super().__init__(
            uvicorn.Config(sandbox.app, log_level="critical", lifespan="off", timeout_graceful_shutdown=PATIENCE)
        )
        self._sandbox = sandbox
        self._address = address
        self._on_start = on_start
        self._refusing_until: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        self.lifespan.state[STOPPING] = lambda: self.should_exit
        await super().startup(sockets)
        self._on_start()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Wait for those who are served, but for those who look at events and do not read them."""
        for connection in list(self.server_state.connections):
            protocol: Any = connection
            scope: Any = getattr(protocol, "scope", None)
            is_stream = scope is not None and scope["path"] == CONTROL_PATH + EVENTS_PATH
            if is_stream and protocol.transport.get_write_buffer_size():
                protocol.transport.abort()
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        """What uvicorn calls ten times a second.

        Does what is due on a clock that runs, so that webhooks hear of it without anybody asking, and stops or begins
        to listen, as the faults that are due say.
        """
        if self._sandbox.clock.is_running:
            try:
                self._sandbox.organization.settle()
            except Exception:  # whatever one rule does wrong, others are served
                _log.exception("something that was due could not be done")
        refusal = self._sandbox.faults.take_refusal() if self._refusing_until is None else None
        if refusal is not None:
            self._refusing_until = time.monotonic() + refusal.seconds
            for server in self.servers:
                server.close()
            for connection in list(self.server_state.connections):
                connection.shutdown()
        elif self._refusing_until is not None and time.monotonic() >= self._refusing_until:
            make: Any = self.config.http_protocol_class
            state = {"server_state": self.server_state, "app_state": self.lifespan.state}
            protocol = functools.partial(make, config=self.config, **state)
            with contextlib.suppress(OSError):  # somebody else has the port meanwhile: it is tried again
                self.servers = [await asyncio.get_running_loop().create_server(protocol, *self._address)]
                self._refusing_until = None
        return await super().on_tick(counter)


def listen(host: str, port: int) -> socket.socket:
    """A socket to listen on, whose connections send what they have without delay.

    asyncio sees to that only for sockets that it made itself; without it, every other response waits for 40 ms.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.create_server((host, port), family=family)
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener


@contextmanager
def serve(sandbox: Sandbox, host: str = "127.0.0.1", port: int = 0) -> Generator[str]:
    """Serve a sandbox from a thread, and give v1's base URL. It stops when the block is left."""
    with listen(host, port) as listener:
        address: tuple[str, int] = listener.getsockname()[:2]
        started, before = threading.Event(), sandbox.origin
        server = Server(sandbox, address, started.set)
        thread = threading.Thread(target=server.run, args=([listener],), name="sequence_sandbox")
        thread.start()
        try:
            started.wait()
            sandbox.origin = f"http://{address[0]}:{address[1]}"
            yield sandbox.base_url
        finally:
            sandbox.origin = before
            server.should_exit = True
            thread.join()
