"""The command as its users have it: over a sandbox that is served, in this process, as a program, and at a terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

import pytest
from attrs import define

from sequence_cli.app import run
from sequence_sandbox import Sandbox

COLUMNS = 80
API = Literal["v1", "platform"]


@define
class Ended:
    """How the command ended, and what it said."""

    code: int
    out: str
    err: str = ""


@define
class Shell:
    """Somebody's shell, with a key and an API of a sandbox in its environment."""

    sandbox: Sandbox
    api: API
    environment: dict[str, str]
    capsys: pytest.CaptureFixture[str]

    def id(self, identifier: str) -> str:
        """An ID of the sandbox, as the API spells it."""
        return identifier if self.api == "v1" else self.sandbox.uuid(identifier)

    def say(self, *arguments: str) -> Ended:
        """Run the command in this process."""
        self.capsys.readouterr()
        before = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
        try:
            code = run(arguments)
        finally:  # a write keeps them to the end of the process
            for one, handler in before.items():
                signal.signal(one, handler)
        return Ended(code, *self.capsys.readouterr())

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """Start the command as a program."""
        return subprocess.Popen(
            [sys.executable, "-m", "sequence_cli", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str) -> Ended:
        """Run the command as a program."""
        with self.start(*arguments) as process:
            out, err = process.communicate(timeout=60)
        return Ended(process.returncode, out, err)

    def kill(
        self, *arguments: str, when: Callable[[], object], with_: signal.Signals = signal.SIGKILL, times: int = 1
    ) -> Ended:
        """Run the command as a program, and send it a signal, or several, as soon as something is the case."""
        with self.start(*arguments) as process:
            try:
                for _ in range(24_000):
                    if when():
                        break
                    assert process.poll() is None, f"it ended before it got the signal: {process.communicate()}"
                    time.sleep(0.005)
                for _ in range(times):
                    process.send_signal(with_)
                    time.sleep(0.001)  # or several would count as one
                out, err = process.communicate(timeout=60)
            finally:
                process.kill()
        return Ended(process.returncode, out, err)

    def type(self, *arguments: str, answers: str = "", interrupt_at: str | None = None) -> Ended:
        """Run the command at a terminal of 80 columns, and type something where it asks."""
        ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, COLUMNS, 0, 0))
        process = subprocess.Popen(
            [sys.executable, "-m", "sequence_cli", *arguments],
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            start_new_session=True,
        )
        os.close(theirs)
        shown = b""
        try:
            while True:
                try:
                    shown += os.read(ours, 4096)
                except OSError:  # it has ended
                    break
                if answers and b"? [y/N] " in shown:
                    os.write(ours, answers.encode())
                    answers = ""
                if interrupt_at is not None and interrupt_at.encode() in shown:
                    process.send_signal(signal.SIGINT)
                    interrupt_at = None
            return Ended(process.wait(timeout=60), shown.decode().replace("\r\n", "\n"))
        finally:
            process.kill()
            process.wait()
            os.close(ours)


@pytest.fixture(scope="session")
def flying() -> Iterator[Sandbox]:
    """A sandbox whose time flies, so that what is made is soon done."""
    sandbox = Sandbox(running_clock=True, clock_speed=100)
    with sandbox.serve():
        yield sandbox


@pytest.fixture
def environment(flying: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Variables that lead to the sandbox; others that this command knows are not set."""
    for name in list(os.environ):
        if name.startswith("SEQUENCE_") or name in {"NO_COLOR", "FORCE_COLOR", "PYTHONIOENCODING"}:
            monkeypatch.delenv(name)
    known = {
        "SEQUENCE_API_KEY": flying.create_key(),
        "SEQUENCE_BASE_URL": flying.base_url,
        "SEQUENCE_PLATFORM_BASE_URL": flying.platform_url,
        "XDG_STATE_HOME": str(tmp_path / "state"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.null.Keyring",
        "COLUMNS": str(COLUMNS),
        "TERM": "xterm",
    }
    for name, value in known.items():
        monkeypatch.setenv(name, value)
    return known


@pytest.fixture(params=["v1", "platform"])
def shell(
    request: pytest.FixtureRequest,
    flying: Sandbox,
    environment: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Shell:
    """A shell for each API."""
    monkeypatch.setenv("SEQUENCE_API", request.param)
    return Shell(flying, request.param, environment, capsys)


@pytest.fixture
def platform_shell(
    flying: Sandbox, environment: dict[str, str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Shell:
    """A shell for the platform API."""
    monkeypatch.setenv("SEQUENCE_API", "platform")
    return Shell(flying, "platform", environment, capsys)
