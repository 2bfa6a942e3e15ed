"""What the tests run, each in a process of its own: a sandbox, PostgreSQL, Temporal, and the programs that pay."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
from attrs import define

from sequence_sandbox import Sandbox as Documented

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples" / "durable"
PATIENCE = 240.0
"""Seconds to wait for what must happen, on however busy a machine."""
ENDS = (Documented.uuid("acc_01HDEF0123"), Documented.uuid("acc_01HGHI7890"))
"""The accounts between which is paid."""
PAYMENT = (*ENDS, "2517")
"""What programs are told to pay."""


def wait_until(condition: Callable[[], object], what: str) -> None:
    """Wait for a condition, and fail where it does not come true."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < end, f"{what}: that did not happen"
        time.sleep(0.05)


def port() -> int:
    """A port that is free."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def kill(process: subprocess.Popen[Any]) -> None:
    """End a process at once, as a machine that loses its power."""
    process.kill()
    process.wait(PATIENCE)


@define
class Sandbox:
    """A sandbox in a process of its own, by its control."""

    control: httpx.Client
    environment: Mapping[str, str]

    def fail(self, kind: str, **options: object) -> None:
        fault = {"kind": kind, "operation": "createTransfer", **options}
        self.control.post("faults", json=fault).raise_for_status()

    def mend(self) -> None:
        self.control.delete("faults").raise_for_status()

    def has_met_its_faults(self) -> bool:
        return not self.control.get("faults").raise_for_status().json()

    def asked(self) -> list[dict[str, Any]]:
        """What came in for payments, oldest first."""
        requests = self.control.get("requests").raise_for_status().json()
        return [one for one in requests if one["operation"] == "createTransfer"]

    def paid(self) -> int:
        """How many payments were made."""
        transfers = self.control.get("state").raise_for_status().json()["transfers"]
        return len([one for one in transfers if str(one["amount_in_cents"]) == PAYMENT[-1]])

    def key_for_nothing(self) -> str:
        """An API key that may do nothing."""
        made = self.control.post("keys", json={"permissions": {"platform": []}}).raise_for_status()
        return str(made.json()["key"])


@contextmanager
def sandbox_process() -> Generator[Sandbox]:
    command = [sys.executable, "-m", "sequence_sandbox", "--port", str(port()), "--key", "sandbox_durable"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        url = process.stdout.readline().split()[3]
        environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("SEQUENCE_")},
            "SEQUENCE_API_KEY": "sandbox_durable",
            "SEQUENCE_PLATFORM_BASE_URL": url.replace("/api/v1", "/platform/v1"),
        }
        with httpx.Client(base_url=url.replace("/api/v1", "/_sandbox/"), timeout=PATIENCE) as control:
            try:
                yield Sandbox(control, environment)
            finally:
                kill(process)


@contextmanager
def postgresql() -> Generator[str]:
    """The address of a PostgreSQL whose data are gone when it ends. It refuses to run as root."""
    found = shutil.which("initdb") or max(map(str, Path("/usr/lib/postgresql").glob("*/bin/initdb")), default=None)
    assert found, "PostgreSQL is needed: `make postgresql` installs it"
    folder_of_programs = Path(found).resolve().parent
    initialize, serve, ask = (str(folder_of_programs / name) for name in ("initdb", "postgres", "pg_isready"))
    user = "postgres" if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="pg-", ignore_cleanup_errors=True) as folder:
        if user:
            shutil.chown(folder, user)
        data = str(Path(folder, "data"))
        run: dict[str, Any] = {"user": user, "cwd": folder, "stdin": subprocess.DEVNULL}
        initdb = [initialize, "-D", data, "-U", "postgres", "-A", "trust", "--no-sync"]
        subprocess.run(initdb, check=True, capture_output=True, timeout=PATIENCE, **run)
        with Path(folder, "log").open("wb") as log:
            command = [serve, "-D", data, "-k", folder, "-c", "listen_addresses="]
            with subprocess.Popen(command, stdout=log, stderr=log, **run) as process:
                ready = [ask, "-q", "-h", folder]
                try:
                    wait_until(lambda: subprocess.run(ready, check=False).returncode == 0, "PostgreSQL starts")
                    yield f"postgresql://postgres@/payments?host={folder}"
                finally:
                    process.send_signal(signal.SIGINT)  # which disconnects its clients, and ends
                    process.wait(PATIENCE)


@define
class Temporal:
    """A Temporal server whose data are in a file, so that it may be killed and started again."""

    file: Path
    address: str
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        server = ["server", "start-dev", "--headless", "--log-level", "error", "--db-filename", str(self.file)]
        self.process = subprocess.Popen(
            self._command(*server, "--port", self.address.rpartition(":")[2]), stdout=subprocess.DEVNULL
        )
        wait_until(self.is_ready, "Temporal starts")

    def is_ready(self) -> bool:
        asking = self._command("workflow", "list", "--address", self.address)
        return subprocess.run(asking, capture_output=True, check=False).returncode == 0

    def tell(self, *arguments: str) -> None:
        """Give a command, as an operator does."""
        command = self._command(*arguments, "--address", self.address)
        subprocess.run(command, check=True, capture_output=True, timeout=PATIENCE)

    def kill(self) -> None:
        if self.process:
            kill(self.process)

    def _command(self, *arguments: str) -> list[str]:
        return [str(Path(sys.executable).with_name("temporal")), *arguments]


@contextmanager
def temporal_server(folder: Path) -> Generator[Temporal]:
    server = Temporal(folder / "temporal.db", f"127.0.0.1:{port()}")
    try:
        server.start()
        yield server
    finally:
        server.kill()


@define
class Program:
    """One of the examples, and what is common to all of its starts in a test."""

    name: str
    options: tuple[str, ...]
    environment: Mapping[str, str]

    @contextmanager
    def start(self, *arguments: str, die: str = "", **environment: str) -> Generator[subprocess.Popen[str]]:
        """Start it; it is killed in the end if it still runs."""
        dying = {"DIE": die, "PYTHONPATH": str(Path(__file__).with_name("dying"))} if die else {}
        command = [sys.executable, str(EXAMPLES / self.name), *self.options, *arguments]
        with subprocess.Popen(
            command, env={**self.environment, **dying, **environment}, stdout=subprocess.PIPE, text=True
        ) as process:
            try:
                yield process
            finally:
                kill(process)

    def pay(self, workflow: str, *options: str, **environment: str) -> tuple[int, str]:
        """Run it to the end of a payment: its exit code, and what it says."""
        with self.start("pay", workflow, *PAYMENT, *options, **environment) as process:
            said, _ = process.communicate(timeout=PATIENCE)
            return process.returncode, said
