"""Shows that a client keeps its word under load: many tasks, faults at random, a rate limit, and all money is there.

A sandbox is served by a process of its own, and one client is shared by many tasks. Some of the requests fail: the
connection is reset before, after or in the middle of the response or refused, there are errors of the server and of
gateways, responses that are late, cut short or mangled, and 429s. The sandbox enforces a rate limit besides, which the
client keeps. Every third write is attempted once, so that enough of them end without a response; these are resumed when
the faults are over.

The exit status is 1 unless every call succeeded or failed with an error that the faults explain, every write was done
exactly once where it was accepted and not at all where it was refused, all accounts hold what they should, the client's
memory stayed flat after the first fifth of the calls, and nothing of the client was left when it was closed.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import ctypes
import itertools
import logging
import os
import pickle
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import httpx
from attrs import define, field
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sequence_sandbox import Sandbox
from sequence_sandbox.sandbox import BASE_PATH
from sequence_sandbox.server import Server, listen
from sequence_sdk import OutcomeUnknownError, RateLimit, SequenceClient, SequenceError

PAYROLL, POD, CARD = "acc_01HABC4567", "acc_01HDEF0123", "acc_01HGHI7890"
RULE = "rule_01GSBX0000001"
"""Moves the amount that it is triggered with from the pod to the card."""
NEW = ("txr_01HSBX", "rex_01HSBX")
"""What the IDs of transfers and executions begin with that were asked for, and not there from the start."""

CONTROL = "/_load"
"""Where the process with the sandbox is asked what it counted (GET), and told to stop making faults (DELETE)."""
CLOCK_SPEED = 60
"""A minute of the sandbox is a second: so is that of its rate limit. A day, for which it remembers writes, is long."""
TIMEOUT = 2.5
"""Seconds that the client gives an attempt."""

MIX = {"accounts.get": 40, "transfers.get": 30, "transfers.list": 8, "transfers.create": 16, "rules.trigger": 6}
"""How many of a hundred calls are of which operation."""

FAULTS: list[tuple[float, str, dict[str, Any]]] = [
    (12, "reset_before", {}),
    (12, "reset_after", {}),
    (12, "reset_body", {}),
    *((6, "status", {"status": status}) for status in (500, 502, 503, 504)),
    (8, "html", {"status": 502}),
    (4, "truncated", {}),
    (4, "malformed", {}),
    (4, "content_type", {}),
    (8, "latency", {"seconds": 0.3}),
    (2, "latency", {"seconds": TIMEOUT + 0.5}),
    (5, "slow", {"seconds": 0.3}),
    (2, "slow", {"seconds": TIMEOUT + 0.5}),
    (2, "drip", {"seconds": 0.3}),
    (0.5, "rate_limit", {"retry_after": 1}),  # few, because each of them stops everybody for a second
    (0.1, "refuse", {"seconds": 0.2}),
]
"""What fails how, and how often beside the others."""

EXPLAINED = {
    "APIConnectionError": "connections that broke at all attempts of a read, or were refused at those of a write",
    "APIResponseValidationError": "a response to a read that was cut short or mangled: it is not asked for twice",
    "APITimeoutError": "no response in time to all attempts of a read",
    "InternalServerError": "5xx to all attempts of a read",
    "OutcomeUnknownError": "no response, 5xx, or one that was mangled, to all attempts of a write, or to the only one",
    "RateLimitError": "429 to all attempts, or to the only one",
}
"""The errors that calls may end with under these faults, and why. Attempts end early when too many are repeats."""

MOST_MEGABYTES = 8.0
"""What the client's memory may grow by after the first fifth of the calls: 10,000 remembered keys take 4 of it."""


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--tasks", type=int, default=1000, help="how many share the client (default: %(default)s)")
    found.add_argument("--calls", type=int, default=100_000, help="how many they make (default: %(default)s)")
    found.add_argument("--faults", type=float, default=0.05, help="share of requests that fail (default: %(default)s)")
    found.add_argument("--rate", type=int, default=400, help="requests allowed a second (default: %(default)s)")
    found.add_argument(
        "--over", choices=["httpx", "aiohttp"], default="httpx", help="HTTP library (default: %(default)s)"
    )
    found.add_argument("--seed", type=int, default=0, help="vary what is called and what fails (default: %(default)s)")
    found.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    return found


def main() -> int:
    options = parser().parse_args()
    if min(options.tasks, options.calls, options.rate) < 1 or not 0 <= options.faults < 1:
        parser().error("needs 1 task, 1 call and 1 request a second at least, and a share of faults from 0 to below 1")
    if options.serve:
        serve(options.faults, options.rate, options.seed)
        return 0
    logging.disable(logging.WARNING)  # one line for every repeat would be too many
    with served() as (base_url, key):
        control = base_url.removesuffix(BASE_PATH) + CONTROL
        before = httpx.get(control).json()
        load = Load(tasks=options.tasks, calls=options.calls, rate=options.rate, seed=options.seed, over=options.over)
        asyncio.run(load.run(base_url, key))
        loaded = httpx.delete(control).json()
        time.sleep(1)  # then the sandbox lets a client begin anew that knows nothing of this one's requests
        asyncio.run(load.resume(base_url, key))
        httpx.post(control.replace(CONTROL, "/_sandbox/advance"), json={"seconds": 60})  # what is on its way arrives
        after = httpx.get(control).json()
    return report(load, before, loaded, after)


@contextlib.contextmanager
def served() -> Iterator[tuple[str, str]]:
    """The base URL and the key of a sandbox in a process of its own."""
    command = [sys.executable, str(Path(__file__)), *sys.argv[1:], "--serve"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:  # which ends when its input does, so that it never outlives this one
        assert process.stdout is not None  # noqa: S101 - it was asked for
        base_url, key = process.stdout.readline().split()
        yield base_url, key


# The process with the sandbox.


def serve(faults: float, rate: int, seed: int) -> None:
    """Serve a sandbox until the standard input ends, and print its base URL and a key to it."""
    sandbox = Sandbox(rate_limit=rate, running_clock=True, clock_speed=CLOCK_SPEED)
    for account_id in (PAYROLL, POD):  # enough for all transfers
        sandbox.organization.account_details[account_id]["balance"].update(
            balance_in_cents=10**11, available_balance_in_cents=10**11
        )
    sandbox.app = RandomFaults(sandbox, faults, seed)  # type: ignore[assignment]
    with listen("127.0.0.1", 0) as listener:
        address = listener.getsockname()[:2]
        greeting = f"http://{address[0]}:{address[1]}{BASE_PATH} {sandbox.create_key()}"
        server = Server(sandbox, address, lambda: print(greeting, flush=True))

        def stop_with_input() -> None:
            os.read(sys.stdin.fileno(), 1)
            server.should_exit = True

        threading.Thread(target=stop_with_input, daemon=True).start()
        server.run([listener])


class RandomFaults:
    """The layer around the sandbox that picks the requests that fail, and counts."""

    def __init__(self, sandbox: Sandbox, share: float, seed: int) -> None:
        self._sandbox = sandbox
        self._app: ASGIApp = sandbox.app
        self._share = share
        self._random = random.Random(seed)  # noqa: S311 - it has to be repeatable
        self._requests = 0
        self._limited = 0
        self._faults: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self._sandbox.requests.clear()  # nobody will look at them, and they would be many
        if scope["path"] == CONTROL:
            if scope["method"] == "DELETE":
                self._share = 0
            await JSONResponse(self._counted())(scope, receive, send)
        elif scope["path"].startswith(BASE_PATH):
            self._requests += 1
            if self._random.random() < self._share:
                ((_, kind, options),) = self._random.choices(FAULTS, [weight for weight, *_ in FAULTS])
                # For the next request: this one, or another whose body arrives before.
                self._sandbox.fail(kind, **options)  # type: ignore[arg-type]
                self._faults[kind] += 1
            await self._app(scope, receive, self._counting(send))
        else:
            await self._app(scope, receive, send)

    def _counting(self, send: Send) -> Send:
        async def counting(message: Message) -> None:
            self._limited += message.get("status") == 429
            await send(message)

        return counting

    def _counted(self) -> dict[str, Any]:
        organization = self._sandbox.organization
        transfers = [one for one in organization.transfers if one.id.startswith(NEW)]
        executions = [one for one in organization.rule_executions if one.id.startswith(NEW)]
        return {
            "requests": self._requests,
            "faults": self._faults,
            "limited": self._limited - self._faults["rate_limit"],
            "total": organization.total(),
            "balances": {
                name: details["balance"]["balance_in_cents"]
                for name, details in organization.account_details.items()
                if details["balance"] is not None
            },
            "transfers.create": [one.amount_in_cents for one in transfers if one.origin == "user"],
            "rules.trigger": [one.trigger_details["amount_in_cents"] for one in executions],
            "moved by rules": [one.amount_in_cents for one in transfers if one.origin == "rule"],
            "unfinished": sum(one.status != "complete" for one in transfers)
            + sum(one.status != "executed" for one in executions),
        }


# The process with the client.


@define(kw_only=True)
class Load:
    """The calls that are made, and what comes of them."""

    tasks: int
    calls: int
    rate: int
    seed: int
    over: str
    begun: int = 0
    seconds: float = 0.0
    ends: Counter[str] = field(factory=Counter[str])
    """How many calls ended how: with the name of an error's class, or well."""
    expected: dict[str, list[int]] = field(factory=lambda: {"transfers.create": [], "rules.trigger": []})
    """The amounts of the writes that were done, by all that the client says. Every call has an amount of its own."""
    unknown: list[bytes] = field(factory=list[bytes])
    """The errors that say that an outcome is unknown, pickled as another process would need them."""
    megabytes: list[tuple[int, float]] = field(factory=list[tuple[int, float]])
    """The memory that this process had after so many calls."""
    problems: list[str] = field(factory=list[str])

    async def run(self, base_url: str, key: str) -> None:
        """Make the calls, and look at what is left of them."""
        sockets_before = open_sockets()
        async with contextlib.AsyncExitStack() as stack:
            http = await stack.enter_async_context(aiohttp.ClientSession()) if self.over == "aiohttp" else None
            await self._run(base_url, key, http)
        await asyncio.sleep(0.1)  # asyncio closes sockets in the next turns of its loop
        if open_sockets() != sockets_before:
            self.problems.append(f"{open_sockets() - sockets_before} sockets are left after the client was closed")

    async def _run(self, base_url: str, key: str, http: aiohttp.ClientSession | None) -> None:
        limit = RateLimit(self.rate, per=60 / CLOCK_SPEED)
        client = SequenceClient(key, base_url=base_url, timeout=TIMEOUT, rate_limit=limit, http_client=http)
        known = [transfer.id for transfer in await client.transfers.list(account_id=POD).collect(100)]
        numbers = self._numbers()
        began = time.perf_counter()
        watching = asyncio.create_task(self._watch())
        async with asyncio.TaskGroup() as tasks:
            for _ in range(self.tasks):
                tasks.create_task(self._work(client, known, numbers))
        self.seconds = time.perf_counter() - began
        watching.cancel()
        await asyncio.wait([watching])
        self._see_what_is_left(client, "at the end of the calls")
        await client.aclose()
        self._see_what_is_left(client, "after the client was closed")

    async def resume(self, base_url: str, key: str) -> None:
        """Find out what was unknown, one after the other, as a program that was started again would."""
        async with SequenceClient(key, base_url=base_url, rate_limit=RateLimit(self.rate, per=1)) as client:
            for pickled in self.unknown:
                error: OutcomeUnknownError = pickle.loads(pickled)  # noqa: S301 - made here
                await error.resume(client)
                write = "transfers.create" if error.operation == "createTransfer" else "rules.trigger"
                name = "amount_in_cents" if write == "transfers.create" else "manual_execute_amount"
                self.expected[write].append(error.arguments[name])  # type: ignore[arg-type]

    def _numbers(self) -> Iterator[tuple[int, str]]:
        """The numbers of the calls, each with its operation."""
        chance = random.Random(self.seed)  # noqa: S311 - it has to be repeatable
        for number in range(self.calls):
            self.begun = number + 1
            yield number, *chance.choices(list(MIX), list(MIX.values()))

    async def _work(self, client: SequenceClient, known: list[str], numbers: Iterator[tuple[int, str]]) -> None:
        """What a task does: one call after the other, as long as there are any."""
        once = client.with_options(max_retries=0)
        for number, operation in numbers:
            try:
                right = await make(operation, number, known, client, once if number % 3 == 0 else client)
            except SequenceError as error:
                self.ends[type(error).__name__] += 1
                if isinstance(error, OutcomeUnknownError):
                    self.unknown.append(pickle.dumps(error))
                continue
            self.ends["well" if right else "with the response to something else"] += 1
            if operation in self.expected:
                self.expected[operation].append(amount_of(number))

    async def _watch(self) -> None:
        """Say now and then how far it is, and note the memory."""
        began = time.perf_counter()
        for second in itertools.count(1):
            await asyncio.sleep(1)
            self.megabytes.append((self.begun, megabytes()))
            if second % 5 == 0:
                seconds, failed = time.perf_counter() - began, self.ends.total() - self.ends["well"]
                print(
                    f"{seconds:5.0f} s  {self.begun:7,} calls  {self.begun / seconds:5.0f}/s  {failed:5,} failed  "
                    f"{megabytes():6.1f} MB",
                    flush=True,
                )

    def _see_what_is_left(self, client: SequenceClient, moment: str) -> None:
        """Note what of the client is still there that should not be."""
        connection: Any = client._session.connection
        left = {
            "tasks": len(asyncio.all_tasks()) - 1,
            "cancel scopes": len(connection.deadlines._of),
            "requests that count as in flight": connection.limiter._bucket.in_flight,
        }
        self.problems += [f"{count} {what} are left {moment}" for what, count in left.items() if count]


async def make(operation: str, number: int, known: list[str], client: SequenceClient, writer: SequenceClient) -> bool:
    """Make a call, and give whether the response is about what was asked for."""
    account_id, transfer_id = (PAYROLL, POD, CARD)[number % 3], known[number % len(known)]
    match operation:
        case "accounts.get":
            return (await client.accounts.get(account_id)).id == account_id
        case "transfers.get":
            return (await client.transfers.get(transfer_id)).id == transfer_id
        case "transfers.list":
            pages = client.transfers.list(account_id=POD, first=20).pages()
            shown = [*(await anext(pages)).data, *(await anext(pages)).data]  # the third one is on its way then
            return len({transfer.id for transfer in shown}) == 40
        case "transfers.create":
            amount = amount_of(number)
            transfer = await writer.transfers.create(
                source_account_id=PAYROLL, destination_account_id=POD, amount_in_cents=amount
            )
            return transfer.amount_in_cents == amount
        case _:
            triggered = await writer.rules.trigger(RULE, manual_execute_amount=amount_of(number))
            return triggered.execution_id is not None


def amount_of(call: int) -> int:
    """The cents that a call moves, by its number: none moves as many as another."""
    return 100 + call


def megabytes() -> float:
    """What this process has in memory, without what glibc's allocator keeps of memory that was freed."""
    with contextlib.suppress(AttributeError, OSError, TypeError):  # another C library keeps it in ways of its own
        ctypes.CDLL(None).malloc_trim(0)
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1_000_000


def open_sockets() -> int:
    """How many sockets this process has open."""
    count = 0
    for file in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):  # the one that lists the folder is gone
            count += str(file.readlink()).startswith("socket:")
    return count


def report(load: Load, before: dict[str, Any], loaded: dict[str, Any], after: dict[str, Any]) -> int:
    """Print what happened, and give the exit status."""
    problems = [*load.problems, *money_problems(load, before, after)]
    unexplained = {name: count for name, count in load.ends.items() if name != "well" and name not in EXPLAINED}
    problems += [f"{count} calls ended {name}" for name, count in unexplained.items()]
    if load.ends.total() != load.calls:
        problems.append(f"{load.calls} calls were to be made, and {load.ends.total()} ended")
    if loaded["limited"]:
        problems.append(f"the sandbox refused {loaded['limited']} requests with 429, because they were too many")
    warm = [(calls, size) for calls, size in load.megabytes if calls >= load.calls / 5]
    growth = max(size for _, size in warm) - warm[0][1] if warm else 0.0
    if growth > MOST_MEGABYTES:
        problems.append(f"memory grew by {growth:.1f} MB after the first fifth of the calls")
    made = len(after["transfers.create"]), len(after["rules.trigger"])
    print(f"{load.calls:,} calls of {load.tasks:,} tasks in {load.seconds:.1f} s, {load.calls / load.seconds:.0f}/s;")
    print(f"{loaded['requests']:,} requests, {loaded['requests'] / load.seconds:.0f}/s of {load.rate}/s allowed")
    print(f"{sum(loaded['faults'].values()):,} faults: " + listing(loaded["faults"]))
    print(f"Calls ended: {listing(load.ends)}")
    for name in sorted({*load.ends} & {*EXPLAINED}):
        print(f"  {name}: {EXPLAINED[name]}")
    print(f"{len(load.unknown):,} writes were resumed; {made[0]:,} transfers and {made[1]:,} rule executions were made")
    print(f"All money: {before['total']:,} cents before, {after['total']:,} after")
    print(f"Memory grew by {growth:.1f} MB from the first fifth of the calls ({warm[0][1] if warm else 0:.1f} MB) on")
    for problem in problems:
        print(f"BROKEN: {problem}")
    return int(bool(problems))


def money_problems(load: Load, before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """What is wrong with the money."""
    found = []
    for write, amounts in load.expected.items():
        wanted, made = Counter(amounts), Counter(after[write])
        for words, amounts_of in (("missing", wanted - made), ("too many", made - wanted)):
            if amounts_of:
                some = sorted(amounts_of)[:5]
                found.append(f"{write}: {amounts_of.total()} {words}, such as those of {some} cents")
    if Counter(after["moved by rules"]) != Counter(after["rules.trigger"]):
        found.append("rules did not move what they were triggered with")
    if after["unfinished"]:
        found.append(f"{after['unfinished']} transfers and rule executions did not end well")
    if after["total"] != before["total"]:
        found.append(f"all money was {before['total']} cents, and is {after['total']}")
    created, paid = sum(load.expected["transfers.create"]), sum(load.expected["rules.trigger"])
    for account_id, change in ((PAYROLL, -created), (POD, created - paid), (CARD, -paid)):  # the card owes less
        changed = after["balances"][account_id] - before["balances"][account_id]
        if changed != change:
            found.append(f"the balance of {account_id} changed by {changed} cents, and not by {change}")
    return found


def listing(counts: dict[str, int]) -> str:
    """Counts in words, the greatest first."""
    return ", ".join(f"{count:,} {name}" for name, count in sorted(counts.items(), key=lambda one: -one[1]))


if __name__ == "__main__":
    sys.exit(main())
