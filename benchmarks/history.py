"""Measures how fast a long list is read in windows of time at once, and what that costs in requests and memory.

The sandbox is served by a process of its own and responds after a latency. Its transfers are spread over three years:
evenly, or most of them in a tenth of the time, at its newest end, in its middle or at its oldest end. `concurrently(n)`
is compared with the faster of `collect()` and `async for`, which fetches a page ahead; both read page by page.

The exit status is 1 where a goal is missed: the speed-up of 8 windows at once, the requests added, the pages held.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import math
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from attrs import evolve, frozen

from sequence_sandbox import Sandbox, records
from sequence_sandbox.timeline import Timeline
from sequence_sdk import Pager, Progress, SequenceClient
from sequence_sdk.models import Transfer

ACCOUNT = "acc_01HDEF0123"
NEWEST = datetime(2024, 4, 1, tzinfo=UTC)
DAYS = 3 * 365

SPREADS = {
    "evenly": [(0.0, 1.0, 1.0)],
    "80 % in the newest 10 %": [(0.0, 0.1, 0.8), (0.1, 1.0, 0.2)],
    "80 % in the middle 10 %": [(0.0, 0.45, 0.1), (0.45, 0.55, 0.8), (0.55, 1.0, 0.1)],
    "80 % in the oldest 10 %": [(0.0, 0.9, 0.2), (0.9, 1.0, 0.8)],
}
"""For each part of the time, from its newest end: where it begins and ends, and its share of the transfers."""

TIMES = 3
"""How often the list is read in each way; the fastest counts, as what else the machine does is not meant."""

MEASURED_N = 8
LEAST_SPEED_UP = {True: 6.0, False: 4.0}
"""Where transfers are spread evenly, and where they are not."""
MOST_EXTRA = 0.25
MOST_HELD = 5
"""Pages for each window."""


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--transfers", type=int, default=10_000, help="how many there are (default: %(default)s)")
    found.add_argument("--latency", type=float, default=0.05, help="seconds before a response (default: %(default)s)")
    found.add_argument("--n", type=int, nargs="*", default=[2, 4, 8, 16], help="windows at once (default: %(default)s)")
    found.add_argument("--serve", choices=SPREADS, help=argparse.SUPPRESS)
    return found


def main() -> int:
    options = parser().parse_args()
    if options.transfers < 1 or options.latency < 0:
        parser().error("needs 1 transfer, and a latency of 0 at least")
    if options.serve:
        serve(options.transfers, options.latency, options.serve)
        return 0
    print(f"{options.transfers:,} transfers, {options.latency * 1000:g} ms before every response, no rate limit")
    missed = 0
    for name in SPREADS:
        with served(options.transfers, options.latency, name) as (base_url, key):
            missed += asyncio.run(compare(name, base_url, key, options.n))
    print("All goals are reached." if not missed else f"{missed} goal(s) missed.")
    return int(bool(missed))


def moments(count: int, spread: list[tuple[float, float, float]]) -> list[datetime]:
    """When so many transfers were made, from the newest to the oldest."""
    found: list[datetime] = []
    for begin, end, share in spread:
        number = round(count * share)
        places = [begin + (end - begin) * (place + 0.5) / number for place in range(number)]
        found += [NEWEST - timedelta(days=DAYS * place) for place in places]
    return found


def serve(count: int, latency: float, name: str) -> None:
    """Serve a sandbox with transfers at these moments until the standard input ends."""
    times = moments(count, SPREADS[name])
    sandbox = Sandbox(transfers=len(times), latency=latency)
    spread: Timeline[records.Transfer] = Timeline()
    for transfer, moment in zip(sandbox.organization.transfers, reversed(times), strict=True):
        transfer.created, transfer.completed = moment, moment
        spread.add(transfer, transfer.account_ids)
    sandbox.organization.transfers = spread
    with sandbox.serve() as base_url:
        print(json.dumps([base_url, sandbox.create_key()]), flush=True)
        sys.stdin.read()


@contextlib.contextmanager
def served(count: int, latency: float, name: str) -> Iterator[tuple[str, str]]:
    """The base URL and the key of such a sandbox, in a process of its own."""
    arguments = ["--transfers", str(count), "--latency", str(latency), "--serve", name]
    command = [sys.executable, str(Path(__file__)), *arguments]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        base_url, key = json.loads(process.stdout.readline())
        yield base_url, key
        process.communicate()


@frozen(kw_only=True)
class Measured:
    """One way to read the list."""

    way: str
    seconds: float
    ids: list[str]
    requests: int
    held: int = 0


async def compare(name: str, base_url: str, key: str, numbers: list[int]) -> int:
    """Read the list in all ways, print what that took, and give the number of goals missed."""
    async with SequenceClient(key, base_url=base_url, rate_limit=None) as client:
        pager = client.transfers.list(account_id=ACCOUNT, from_=NEWEST - timedelta(days=DAYS), to=NEWEST)
        await client.transfers.list(account_id=ACCOUNT, first=1).collect(1)  # connected, and all imported
        by_page = [await read("collect()", pager.collect, pager), await read("async for", one_by_one, pager)]
        best = min(by_page, key=lambda one: one.seconds)
        rows = [*by_page, *[await read_at_once(pager, n) for n in numbers]]
    print(f"\nTransfers spread: {name}; compared with {best.way}")
    print(f"{'':18}{'seconds':>9}{'speed-up':>10}{'requests':>10}{'extra':>8}{'pages held':>12}")
    missed = 0
    for row, n in zip(rows, [0, 0, *numbers], strict=True):
        speed_up, extra = best.seconds / row.seconds, row.requests / best.requests - 1
        problems: list[str] = []
        if row.ids != best.ids:
            problems.append("other transfers, or in another order")
        if extra > MOST_EXTRA:
            problems.append("too many requests")
        if n and row.held > MOST_HELD * n:
            problems.append("too many pages held")
        if n == MEASURED_N and speed_up < LEAST_SPEED_UP[name == "evenly"]:
            problems.append(f"slower than {LEAST_SPEED_UP[name == 'evenly']:g} times")
        missed += len(problems)
        figures = f"{row.seconds:9.2f}{speed_up:9.1f}x{row.requests:10}{extra:8.0%}{row.held or '':>12}"
        print(f"{row.way:18}{figures}  {', '.join(problems)}".rstrip())
    return missed


async def one_by_one(*, progress: Callable[[Progress], object], pager: Pager[Transfer]) -> list[Transfer]:
    return [one async for one in pager.concurrently(1, progress=progress)]  # which is what `async for` does


async def read(way: str, function: Callable[..., Awaitable[list[Transfer]]], pager: Pager[Transfer]) -> Measured:
    requests = 0

    def progress(progress: Progress) -> None:
        nonlocal requests
        requests = progress.requests

    more = {} if way == "collect()" else {"pager": pager}
    best = math.inf
    for _ in range(TIMES):
        began = time.perf_counter()
        items = await function(progress=progress, **more)
        best = min(best, time.perf_counter() - began)
    return Measured(way=way, seconds=best, ids=[one.id for one in items], requests=requests)


async def read_at_once(pager: Pager[Transfer], n: int) -> Measured:
    held = 0
    iterators: list[AsyncIterator[Transfer]] = []

    async def all_of_it(*, progress: Callable[[Progress], object], pager: Pager[Transfer]) -> list[Transfer]:
        def also(far: Progress) -> None:
            nonlocal held
            held = max(held, iterators[-1]._source._reading.windows.held)  # type: ignore[attr-defined]
            progress(far)

        iterators.append(pager.concurrently(n, progress=also))
        return [one async for one in iterators[-1]]

    measured = await read(f"concurrently({n})", all_of_it, pager)
    return evolve(measured, held=held)


if __name__ == "__main__":
    sys.exit(main())
