"""A real Redis for tests, which they may stop, kill and start again."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import pytest


class RedisServer:
    """A redis-server behind a socket in a folder of its own. What it knows is gone when it ends."""

    def __init__(self, password: str = "") -> None:
        self._executable = shutil.which("redis-server")
        if self._executable is None:
            pytest.fail(
                "redis-server is needed by these tests: `make redis` installs it, or install it with your system's "
                "package manager",
                pytrace=False,
            )
        self._folder = tempfile.TemporaryDirectory(prefix="redis-")
        self._socket = Path(self._folder.name, "redis.sock")
        self._password = password
        self._process: subprocess.Popen[bytes] | None = None
        self.url = f"unix://{f':{password}@' if password else ''}{self._socket}"

    def __enter__(self) -> RedisServer:
        self.start()
        return self

    def __exit__(
        self, exc_type: type[BaseException] | None, exc: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.kill()
        self._folder.cleanup()

    def start(self) -> None:
        assert self._executable is not None
        command = [self._executable, "--port", "0", "--unixsocket", str(self._socket), "--dir", self._folder.name]
        command += ["--save", "", "--appendonly", "no"]
        if self._password:
            command += ["--requirepass", self._password]
        with Path(self._folder.name, "log").open("wb") as log:
            self._process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        for _ in range(3000):
            if self._responds():
                return
            if self._process.poll() is not None:
                break
            time.sleep(0.01)
        self.kill()
        pytest.fail(f"redis-server did not start:\n{Path(self._folder.name, 'log').read_text()}")

    def kill(self) -> None:
        """End it at once, as a machine that loses its power."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _responds(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(1)
            try:
                client.connect(str(self._socket))
                client.sendall(b"PING\r\n")
                return client.recv(100).startswith((b"+PONG", b"-NOAUTH"))
            except OSError:
                return False


@pytest.fixture(scope="session", name="redis_url")
def serve_redis() -> Iterator[str]:
    """The URL of a Redis that all tests may use, with names of their own."""
    with RedisServer() as server:
        yield server.url
