"""Measures how fast a long list is read in windows of time at once, and what that costs in requests and memory.

A server in a process of its own responds after a latency (`history_server.py`). Its transfers are spread over three
years: evenly, or most of them in a tenth of the time, at its newest end, in its middle or at its oldest end.
`concurrently(n)` is compared with the faster of `collect()` and `async for`, which fetches a page ahead; both read page
by page. Seconds are by the clock. All ways are measured in turns, and the fastest turn of each counts, as what else the
machine does is not meant.

The exit status is 1 where a goal is missed: the speed-up of 8 windows at once, the requests added, the pages held, and
by how much the peak of memory is above that of a short list.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import resource
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

from attrs import asdict, frozen
from history_server import DAYS, NEWEST, SPREADS

from sequence_sdk import Pager, PlatformClient, Progress, SequenceClient

HERE = Path(__file__).parent
KEY = "sk_benchmark"
APIS = ("/api/v1", "/platform/v1")
CASES = [*((APIS[0], spread) for spread in SPREADS), (APIS[1], "evenly")]

MEASURED_N = 8
LEAST_SPEED_UP = {"evenly": 6.0}
LEAST_SPEED_UP_UNEVENLY = 4.5
MOST_EXTRA = 0.25
MOST_HELD = 5
"""Pages for each window."""
FEW = 1000
MOST_GROWN = 5e6
"""Bytes by which the peak of memory may be above that of reading `FEW` transfers."""


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--transfers", type=int, default=10_000, help="how many there are (default: %(default)s)")
    found.add_argument("--latency", type=float, default=0.05, help="seconds before a response (default: %(default)s)")
    found.add_argument("--n", type=int, nargs="*", default=[2, 4, 8, 16], help="windows at once (default: %(default)s)")
    found.add_argument("--times", type=int, default=3, help="how often each way is measured (default: %(default)s)")
    many = "how many transfers are read to measure memory; 0 for not at all (default: %(default)s)"
    found.add_argument("--many", type=int, default=1_000_000, help=many)
    found.add_argument("--json", action="store_true", help="print what was measured as JSON, whatever it is")
    found.add_argument("--read", metavar="URL", help=argparse.SUPPRESS)
    return found


def main() -> int:
    options = parser().parse_args()
    if options.transfers < 1 or options.latency < 0 or options.times < 1:
        parser().error("needs 1 transfer, a latency of 0 or more, and to measure once at least")
    if options.read:
        print(json.dumps(asyncio.run(read_all(options.read))))
        return 0
    measured: list[Measured] = []
    problems: list[str] = []
    for api, spread in CASES:
        with served(options.transfers, options.latency, spread) as url:
            found = asyncio.run(compare(api, spread, url, options.n, options.times))
        measured += found
        if not options.json:
            print(f"\n{api}, {options.transfers:,} transfers, {spread}; {options.latency * 1000:g} ms a response")
            print(f"{'':18}{'seconds':>9}{'speed-up':>10}{'requests':>10}{'extra':>8}{'pages held':>12}")
        for one in found:
            missed = misses(one)
            problems += missed
            if not options.json:
                figures = f"{one.seconds:9.2f}{one.speed_up:9.1f}x{one.requests:10}{one.extra:8.0%}"
                print(f"{one.way:18}{figures}{one.held or '':>12}  {', '.join(missed)}".rstrip())
    peaks = {count: memory(count) for count in (FEW, options.many)} if options.many else {}
    if options.json:
        print(json.dumps({"measured": [asdict(one) for one in measured], "peaks": peaks}))
        return 0
    if peaks:
        grown = peaks[options.many] - peaks[FEW]
        print(f"\nPeak of memory of concurrently({MEASURED_N}): {peaks[FEW] / 1e6:.1f} MB for {FEW:,} transfers")
        print(f"{grown / 1e6:+.1f} MB for {options.many:,}")
        if grown > MOST_GROWN:
            problems.append("too much memory")
    print(f"\n{len(problems)} goal(s) missed: {'; '.join(problems)}." if problems else "\nAll goals are reached.")
    return int(bool(problems))


@contextlib.contextmanager
def served(count: int, latency: float, spread: str) -> Iterator[str]:
    """The address of a server with so many transfers, in a process of its own."""
    server = [sys.executable, str(HERE / "history_server.py"), str(count)]
    command = [*server, "--latency", str(latency), "--spread", spread]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        yield process.stdout.readline().strip()
        process.communicate()


def listed(api: str, url: str) -> tuple[AbstractAsyncContextManager[Any], Callable[[], Pager[Any]]]:
    """A client, and what gives its list of all transfers of the three years."""
    since = NEWEST - timedelta(days=DAYS)
    if api == "/api/v1":
        v1 = SequenceClient(KEY, base_url=url + api, rate_limit=None)
        return v1, lambda: v1.transfers.list(account_id="acc_1", from_=since, to=NEWEST)
    platform = PlatformClient(KEY, base_url=url + api, rate_limit=None)
    account = "00000000-0000-4000-8000-000000000000"
    return platform, lambda: platform.transfers.list(account_ids=[account], from_=since, to=NEWEST)


@frozen(kw_only=True)
class Measured:
    """One way to read a list."""

    api: str
    spread: str
    n: int
    """0 where it is read page by page."""
    way: str
    seconds: float
    speed_up: float
    """How many times as fast as the faster way that reads page by page."""
    requests: int
    extra: float
    """How many requests were added, as a share of those of reading page by page."""
    held: int
    """How many pages were held at most."""
    same: bool
    """Whether these are the same transfers in the same order."""


def misses(one: Measured) -> list[str]:
    """Which goals were missed."""
    least = LEAST_SPEED_UP.get(one.spread, LEAST_SPEED_UP_UNEVENLY)
    found = {
        "other transfers, or in another order": not one.same,
        "too many requests": one.extra > MOST_EXTRA,
        "too many pages held": one.held > MOST_HELD * one.n,
        f"slower than {least:g} times": one.n == MEASURED_N and one.speed_up < least,
    }
    return [text for text, missed in found.items() if missed]


class Way:
    """A way to read a list, and the best that was measured of it."""

    def __init__(self, name: str, n: int, pager: Pager[Any]) -> None:
        self.name, self.n = name, n
        self._pager = pager
        self.seconds: list[float] = []
        self.requests = self.held = 0
        self.ids: list[str] = []

    async def measure(self) -> None:
        read: dict[str, Callable[[], Awaitable[list[Any]]]] = {"collect()": self._collect, "async for": self._iterate}
        begun = time.perf_counter()
        items = await read.get(self.name, self._concurrently)()
        self.seconds.append(time.perf_counter() - begun)
        self.ids = [one.id for one in items]

    async def _collect(self) -> list[Any]:
        return await self._pager.collect(progress=self._note)

    async def _iterate(self) -> list[Any]:
        return [one async for one in self._pager]

    async def _concurrently(self) -> list[Any]:
        def note(progress: Progress) -> None:
            self._note(progress)
            self.held = max(self.held, items._source._reading.windows.held)

        items = self._pager.concurrently(self.n, progress=note)
        return [one async for one in items]

    def _note(self, progress: Progress) -> None:
        self.requests = progress.requests


async def compare(api: str, spread: str, url: str, numbers: list[int], times: int) -> list[Measured]:
    """Read the list in all ways, in turns."""
    client, pager = listed(api, url)
    async with client:
        ways = [Way("collect()", 0, pager()), Way("async for", 0, pager())]
        ways += [Way(f"concurrently({n})", n, pager()) for n in numbers]
        await asyncio.gather(*(pager().collect(1) for _ in range(max(numbers, default=1))))  # connected, all imported
        for _ in range(times):
            for way in ways:
                await way.measure()
    by_page, ahead = ways[:2]
    ahead.requests = by_page.requests  # nothing counts them
    best = min(by_page, ahead, key=lambda way: min(way.seconds))
    return [
        Measured(
            api=api,
            spread=spread,
            n=way.n,
            way=way.name,
            seconds=min(way.seconds),
            speed_up=min(best.seconds) / min(way.seconds),
            requests=way.requests,
            extra=way.requests / by_page.requests - 1,
            held=way.held,
            same=way.ids == by_page.ids,
        )
        for way in ways
    ]


def memory(count: int) -> int:
    """The peak of memory of a process that reads a list of so many transfers with `concurrently(8)`: the least of 3."""
    with served(count, 0.0, "evenly") as url:
        command = [sys.executable, str(Path(__file__)), "--read", url]
        runs = [json.loads(subprocess.check_output(command)) for _ in range(3 if count <= FEW else 1)]
    if any(run["read"] != count for run in runs):
        raise SystemExit(f"{runs} were read of {count} transfers")
    return min(run["peak"] for run in runs)


async def read_all(url: str) -> dict[str, int]:
    client, pager = listed(APIS[0], url)
    read = 0
    async with client:
        async for _ in pager().concurrently(MEASURED_N):
            read += 1
    found = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"read": read, "peak": found if sys.platform == "darwin" else found * 1024}


if __name__ == "__main__":
    sys.exit(main())
