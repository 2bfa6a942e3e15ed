"""What each fault does to each call: the table of docs/testing.md, whose every cell is made to happen here.

`python -m tests.sequence_sandbox.test_fault_table` prints it, as it is to be.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Literal, TypeAlias

import anyio
import anyio.lowlevel
import pytest
from attrs import field, frozen

from sequence_sandbox import Sandbox, server
from sequence_sandbox.faults import KINDS
from sequence_sdk import APIError, Clock, PlatformClient, SequenceClient

DOCS = Path(__file__).parents[2] / "docs" / "testing.md"

Place: TypeAlias = Literal["over a socket", "in process"]
Call: TypeAlias = Callable[[Any], Awaitable[Any]]

POD, CARD, RULE = "acc_01HDEF0123", "acc_01HGHI7890", "rule_01GSBX0000001"
UUID = Sandbox.uuid

STEP = {
    "conditions": None,
    "actions": [
        {
            "type": "FIXED",
            "source": {"id": UUID(POD), "type": "POD"},
            "destination": {"id": UUID(CARD), "type": "EXTERNAL_ACCOUNT"},
            "groupIndex": 0,
            "upToEnabled": False,
            "isDirectDeposit": False,
            "amountInCents": 500,
        }
    ],
}
TRIGGER = {"type": "MANUAL", "accountId": UUID(POD)}


@frozen
class Operation:
    """One call of a column, and how often a sandbox has what it makes."""

    api: Literal["v1", "platform"]
    id: str
    call: Call
    count: Callable[[Sandbox], int] = lambda sandbox: 0


def pay(names: Callable[[str], str]) -> Call:
    ends = {"source_account_id": names(POD), "destination_account_id": names(CARD)}
    return lambda client: client.transfers.create.with_response(**ends, amount_in_cents=5000)


def transfers(sandbox: Sandbox) -> int:
    return len(sandbox.organization.transfers)


def executions(sandbox: Sandbox) -> int:
    return len(sandbox.organization.rule_executions)


COLUMNS: Mapping[str, tuple[Operation, ...]] = {
    "a read": (
        Operation("v1", "getAccount", lambda client: client.accounts.get.with_response(POD)),
        Operation("platform", "getAccount", lambda client: client.accounts.get.with_response(UUID(POD))),
    ),
    "a write with an idempotency key": (
        Operation("v1", "createTransfer", pay(str), transfers),
        Operation("v1", "triggerRule", lambda client: client.rules.trigger.with_response(RULE), executions),
        Operation("platform", "createTransfer", pay(UUID), transfers),
        Operation("platform", "triggerRule", lambda client: client.rules.trigger.with_response(UUID(RULE)), executions),
    ),
    "a write without one": (
        Operation(
            "platform",
            "createAccount",
            lambda client: client.accounts.create.with_response(type="POD", name="Boat"),
            lambda sandbox: len(sandbox.organization.accounts),
        ),
        Operation(
            "platform",
            "createRule",
            lambda client: client.rules.create.with_response(trigger=TRIGGER, steps=[STEP]),
            lambda sandbox: len(sandbox.organization.rules),
        ),
        Operation(
            "platform",
            "updateRule",
            lambda client: client.rules.update.with_response(UUID(RULE), name="Boat"),
            lambda sandbox: "Boat" in sandbox.organization.rules[RULE].values(),
        ),
    ),
}

TIMEOUT = 1.5
"""Seconds that an attempt may take where a fault is to take longer, which then takes four times as many."""


@frozen
class Row:
    """A fault, and what it does."""

    kind: str
    often: Literal["once", "always", "once or always"]
    outcomes: tuple[str, str, str]
    """One for each column, in the words of the table."""
    options: dict[str, Any] = field(factory=dict[str, Any])
    where: tuple[Place, ...] = ("over a socket", "in process")
    note: str = ""

    @property
    def name(self) -> str:
        return f"`{self.kind}`{self.note and f', {self.note}'}"

    @property
    def late(self) -> bool:
        """Whether it takes longer than the timeout."""
        return bool(self.options.get("seconds", 0) > TIMEOUT) and self.kind != "refuse"

    def times(self) -> list[int]:
        return [{"once": 1, "always": 99}[one] for one in self.often.split(" or ")]


LATE = {"seconds": 4 * TIMEOUT}
LONGER = "longer than the timeout"


def unknown(attempts: int, *, done: bool, later: bool = False) -> str:
    words = "done later" if later else "done" if done else "not done"
    return f"`OutcomeUnknownError`, {tried(attempts)}; {words}"


def fails(error: str, attempts: int, *, write: bool = True) -> str:
    return f"`{error}`, {tried(attempts)}{'; not done' if write else ''}"


def tried(attempts: int) -> str:
    return f"{attempts} attempt{'' if attempts == 1 else 's'}"


def ok(attempts: int) -> str:
    return f"ok, {tried(attempts)}"


def retried(kind: str, error: str, *, done: bool, **more: Any) -> list[Row]:
    """A fault that may pass, of which a write cannot be sure: once, and for good."""
    read, lost = fails(error, 4, write=False), unknown(1, done=done)
    return [
        Row(kind, "once", (ok(2), ok(2), lost), **more),
        Row(kind, "always", (read, unknown(4, done=done), lost), **more),
    ]


def final(kind: str) -> Row:
    """A response that cannot be read: it is not asked for again."""
    lost = unknown(1, done=True)
    return Row(kind, "once or always", (fails("APIResponseValidationError", 1, write=False), lost, lost))


REFUSED = fails("APIConnectionError", 4)

ROWS = [
    Row("latency", "once or always", (ok(1), ok(1), ok(1)), {"seconds": 0.01}),
    *retried("latency", "APITimeoutError", done=False, options=LATE, note=LONGER),
    Row("slow", "once or always", (ok(1), ok(1), ok(1)), {"seconds": 0.01}),
    Row(
        "slow",
        "once",
        (ok(2), ok(3), unknown(1, done=True, later=True)),
        LATE,
        ("over a socket",),
        f"{LONGER}, at a server",
    ),
    Row("slow", "once", (ok(2), ok(2), unknown(1, done=False)), LATE, ("in process",), f"{LONGER}, in process"),
    Row("drip", "once or always", (ok(1), ok(1), ok(1)), {"seconds": 0.01}),
    *retried("drip", "APITimeoutError", done=True, options=LATE, note=LONGER),
    Row("refuse", "once", (ok(2), ok(2), ok(2)), {"seconds": 3600}),
    Row("refuse", "always", (fails("APIConnectionError", 4, write=False), REFUSED, REFUSED), {"seconds": 3600}),
    *retried("reset_before", "APIConnectionError", done=False),
    *retried("reset_after", "APIConnectionError", done=True),
    *retried("reset_body", "APIConnectionError", done=True),
    *retried("status", "InternalServerError", done=False),
    Row(
        "status",
        "once or always",
        (fails("BadRequestError", 1, write=False), fails("BadRequestError", 1), fails("BadRequestError", 1)),
        {"status": 400},
        note="`status=400`",
    ),
    *retried("html", "InternalServerError", done=False),
    Row("rate_limit", "once", (ok(2), ok(2), fails("RateLimitError", 1))),
    Row(
        "rate_limit",
        "always",
        (fails("RateLimitError", 4, write=False), fails("RateLimitError", 4), fails("RateLimitError", 1)),
    ),
    final("truncated"),
    final("malformed"),
    final("content_type"),
]


class Waiting(Clock):
    """A clock on which waiting takes no time, but for what has to happen meanwhile."""

    def __init__(self, meanwhile: Callable[[], Awaitable[None]]) -> None:
        self._meanwhile, self._skipped = meanwhile, 0.0

    def monotonic(self) -> float:
        return super().monotonic() + self._skipped

    async def sleep(self, seconds: float) -> None:
        self._skipped += seconds
        await self._meanwhile()


@contextmanager
def time_of_servers() -> Iterator[Any]:
    """The time by which servers refuse connections, which stands still."""
    shown = SimpleNamespace(monotonic=lambda: shown.now, now=0.0)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(server, "time", shown)
        yield shown


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    with anyio.fail_after(60):
        while not await condition():
            await anyio.sleep(0.01)


@asynccontextmanager
async def client_of(operation: Operation, sandbox: Sandbox, where: Place, **options: Any) -> AsyncIterator[Any]:
    options["rate_limit"] = None
    if where == "in process":
        made: Any = sandbox.client if operation.api == "v1" else sandbox.platform_client
        async with made(**options) as client:
            yield client
        return
    cls = SequenceClient if operation.api == "v1" else PlatformClient
    with sandbox.serve() as base_url:
        url = base_url if operation.api == "v1" else sandbox.platform_url
        async with cls(sandbox.create_key(), base_url=url, **options) as client:
            yield client


class Start:
    """Where calls wait until all are set up, so that they do not make each other late."""

    def __init__(self, calls: int) -> None:
        self._missing, self._all = calls, anyio.Event()

    async def wait(self) -> None:
        self._missing -= 1
        if not self._missing:
            self._all.set()
        await self._all.wait()


async def outcome(row: Row, times: int, operation: Operation, where: Place, shown: Any, start: Start) -> str:
    """Make a call that meets with a fault, and say what came of it in the words of the table."""
    sandbox = Sandbox(transfers=0, card_transactions=0, rule_executions=0, external_transactions=0)
    at_server, waits = row.kind == "refuse" and where == "over a socket", 0

    async def accepts() -> bool:
        try:
            stream = await anyio.connect_tcp("127.0.0.1", int(sandbox.origin.rpartition(":")[2]))
        except OSError:
            return False
        await stream.aclose()
        return True

    async def refuses() -> bool:
        return not await accepts()

    async def ended() -> bool:
        return all(one.duration is not None for one in sandbox.requests)

    async def meanwhile() -> None:
        nonlocal waits
        waits += 1
        if at_server and times == 1:
            shown.now += 3600
            await until(accepts)
        elif row.kind == "slow" and waits == 2:  # after one repeat came too early
            await until(ended)
        else:
            await anyio.lowlevel.checkpoint()

    timeout = {"timeout": TIMEOUT} if row.late else {}
    async with client_of(operation, sandbox, where, clock=Waiting(meanwhile), **timeout) as client:
        before = operation.count(sandbox)
        await start.wait()
        sandbox.fail(row.kind, None if row.kind == "refuse" else operation.id, times=times, **row.options)  # type: ignore[arg-type]
        if at_server:
            await until(refuses)
        try:
            words, error = ok((await operation.call(client)).attempts), None
        except APIError as caught:
            words, error = f"`{type(caught).__name__}`, {tried(caught.attempts)}", caught
        after = operation.count(sandbox)
        await until(ended)
        later = operation.count(sandbox)
        sandbox.faults.clear()
        if operation.id != "getAccount" and error is None:
            assert later == before + 1
        elif operation.id != "getAccount":
            words += "; done later" if later > after else "; done" if later > before else "; not done"
    return words


@pytest.mark.anyio
@pytest.mark.long
@pytest.mark.parametrize("anyio_backend", ["asyncio"])
@pytest.mark.parametrize("where", ["over a socket", "in process"])
@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.name} {row.often}".replace("`", ""))
async def test_a_fault_does_to_every_call_what_the_table_says(row: Row, where: Place, anyio_backend: str) -> None:
    if where not in row.where:
        pytest.skip("the fault is another one there")
    expected = dict(zip(COLUMNS, row.outcomes, strict=True))
    found: dict[tuple[str, str, str, int], str] = {}

    async def run(column: str, operation: Operation, times: int, shown: Any, start: Start) -> None:
        words = await outcome(row, times, operation, where, shown, start)
        if row.late and re.fullmatch("ok, [234] attempts", words):  # on a slow machine others are late, too
            words = expected[column] if words >= expected[column] else words
        found[column, operation.api, operation.id, times] = words

    with time_of_servers() as shown:
        for times in row.times():
            start = Start(sum(map(len, COLUMNS.values())))
            async with anyio.create_task_group() as tasks:
                for column, operations in COLUMNS.items():
                    for operation in operations:
                        tasks.start_soon(run, column, operation, times, shown, start)
    assert found == {cell: expected[cell[0]] for cell in found}


def table() -> str:
    lines = [f"| Fault | | {' | '.join(COLUMNS)} |", "|---|---|---|---|---|"]
    lines += [f"| {row.name} | {row.often} | {' | '.join(row.outcomes)} |" for row in ROWS]
    return "\n".join(lines) + "\n"


def test_the_table_has_every_kind_of_fault() -> None:
    assert list(dict.fromkeys(row.kind for row in ROWS)) == sorted(KINDS, key=[row.kind for row in ROWS].index)


def test_the_table_of_the_page_is_the_one_that_is_made_to_happen() -> None:
    found = re.search(r"<!-- faults: .*? -->\n(.*?)<!-- end of faults -->", DOCS.read_text(), re.DOTALL)
    assert found is not None
    assert found[1] == table()


if __name__ == "__main__":
    print(table(), end="")
