"""A sandbox that goes on by days, in which transfers change late; and the programs that load it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import httpx

from sequence_sandbox import Sandbox

from .conftest import EXAMPLES
from .nights import Outcome

ROOT = Path(__file__).parents[2]
BEGIN = datetime(2025, 1, 1, tzinfo=UTC)
DAY = timedelta(days=1)
POD, CARD, FUND = "acc_01HDEF0123", "acc_01HGHI7890", "acc_01GSBX0000001"

Facts = dict[str, tuple[Any, ...]]
"""What matters of transfers, by ID."""

FACTS = "id, amount_in_cents, status, error_code, created_at, completed_at, source__id, destination__id"


def facts(sandbox: Sandbox) -> Facts:
    """What the sandbox holds."""

    def end(party: Any) -> str | None:
        return party and sandbox.uuid(party["id"])

    return {
        sandbox.uuid(one.id): (
            one.amount_in_cents,
            one.status.upper(),
            one.error_code,
            one.created,
            one.completed,
            end(one.source),
            end(one.destination),
        )
        for one in sandbox.organization.transfers
        if not one.is_simulated
    }


def loaded(database: Path) -> Facts:
    """What a database holds: it is an error if a transfer is there twice."""
    with duckdb.connect(str(database), read_only=True) as connection:
        return unique(connection.execute(f"SELECT {FACTS} FROM sequence.transfers").fetchall())


def latest(folder: Path) -> Facts:
    """What Parquet files hold, the latest row of each transfer."""
    files = f"read_parquet('{folder}/sequence/transfers/*.parquet', union_by_name = true)"
    newest = "row_number() OVER (PARTITION BY id ORDER BY _dlt_load_id DESC, fetched_at DESC) = 1"
    with duckdb.connect() as connection:
        return unique(connection.execute(f"SELECT {FACTS} FROM {files} QUALIFY {newest}").fetchall())


def unique(rows: list[tuple[Any, ...]]) -> Facts:
    found: Facts = {
        id: tuple(one.astimezone(UTC) if isinstance(one, datetime) else one for one in others) for id, *others in rows
    }
    assert len(found) == len(rows)
    return found


class World:
    """A household whose transfers are held up for days, fail after all, or come back."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.sandbox = Sandbox(now=BEGIN, transfers=300, days=120, rate_limit=100)
        self.key = self.sandbox.create_key()
        self.accounts = [POD, CARD, FUND]
        self.held: list[tuple[datetime, Any]] = []
        headers = {"Authorization": f"Bearer {self.sandbox.create_key()}"}
        self.http = httpx.Client(headers=headers, timeout=300)  # one for all: each has to make settings of TLS

    @contextmanager
    def served(self) -> Iterator[None]:
        with self.sandbox.serve(), self.http:
            yield

    @property
    def now(self) -> datetime:
        return self.sandbox.clock.now()

    def pay(self) -> None:
        """Ask for a transfer, over HTTP."""
        source = self.random.choice([one for one in self.accounts if one != CARD])
        ends = source, self.random.choice([one for one in self.accounts if one != source])
        body = {"amountInCents": self.random.randrange(100, 900)}
        self._post("transfers", body | dict(zip(("sourceAccountId", "destinationAccountId"), ends, strict=True)))

    def open_pod(self) -> None:
        made = self._post("accounts", {"type": "POD", "name": f"Pod {len(self.accounts)}"})
        self.accounts.append(made["data"]["id"])

    def _post(self, path: str, body: dict[str, Any]) -> Any:
        sandbox = self.sandbox
        body = {name: sandbox.uuid(one) if str(one).startswith("acc_") else one for name, one in body.items()}
        return self.http.post(f"{sandbox.platform_url}/{path}", json=body).raise_for_status().json()

    def go_on(self) -> None:
        """A day later: some transfers are made, some are held up, some that were are not any more, some come back."""
        self.sandbox.advance(DAY.total_seconds())
        for _ in range(self.random.randrange(7)):
            self.pay()
        self.sandbox.advance(60)
        young = [one for one in self.sandbox.organization.transfers if self.now - one.created < 8 * DAY]
        for one in young:
            match self.random.randrange(12):
                case 0 if one.status == "complete" and self.now - one.created < DAY:
                    one.status, one.completed = "pending", None
                    self.held.append((self.now + self.random.choice([2, 5, 20, 45]) * DAY, one))
                case 1 if one.status == "complete" and self.now - one.created > DAY:
                    one.status, one.error_code = "error", "PAYMENT_FAILED"
        for due, one in self.held:
            if due < self.now and one.status == "pending":
                one.status = self.random.choice(["complete", "error", "cancelled"])
                one.completed = self.now if one.status == "complete" else None


class Nights:
    """The process that runs nights."""

    def __init__(self, process: subprocess.Popen[str], world: World) -> None:
        self._process = process
        self._world = world
        self._reader = ThreadPoolExecutor(1)

    def run(self, *arguments: str | Path, kill_at: int = 0, disturb: Callable[[], None] | None = None) -> Outcome:
        """Run a night; while it reads, disturb it after each page of transfers."""
        assert self._process.stdin
        assert self._process.stdout
        requests = self._world.sandbox.requests
        requests.clear()
        given = ["--begin", "2020-01-01", *map(str, arguments)]
        order = {"arguments": given, "now": self._world.now.isoformat(), "kill_at": kill_at}
        print(json.dumps(order), file=self._process.stdin, flush=True)
        line, seen = self._reader.submit(self._process.stdout.readline), 0
        while disturb and not line.done():
            wait([line], timeout=0.01)
            if (pages := len(requests.where(operation="listTransfers"))) > seen:
                seen = pages
                disturb()
        outcome: Outcome = json.loads(line.result())
        return outcome


@contextmanager
def nights(world: World, keys: dict[str, str] | None = None) -> Iterator[Nights]:
    """Run nights against a world that is served."""
    with world.served():
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("SEQUENCE_")}
        environment = inherited | {
            "SEQUENCE_API_KEY": world.key,
            "SEQUENCE_PLATFORM_BASE_URL": world.sandbox.platform_url,
            "PYTHONPATH": os.pathsep.join([str(EXAMPLES), str(ROOT / "custom"), str(ROOT)]),
            **(keys or {}),
        }
        with subprocess.Popen(
            [sys.executable, "-m", "tests.warehouse.nights"],
            env=environment,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            yield Nights(process, world)
