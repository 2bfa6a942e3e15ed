"""Measures what a sandbox costs that holds a million transfers: to start, in memory, and for a page deep in its list.

The sandbox is made in a fresh process. Start is the time from making that process to having the sandbox; memory is the
process's peak, after all pages were read; the ratio compares the median times of a page of `GET /transfers` that begins
deep in the list and of one that begins at its top, asked for in turns, over HTTP without a socket.

The exit status is 1 where a goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

import httpx

from sequence_sandbox import Sandbox
from sequence_sandbox.records import Transfer

ACCOUNT = "acc_01HDEF0123"
"""The account that all transfers of a new sandbox concern."""
FROM_THE_END = 1000
"""How far above the list's end the deep pages begin."""

MOST_SECONDS = 20.0
MOST_MEGABYTES = 1000.0
MOST_RATIO = 1.3


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--transfers", type=int, default=1_000_000, help="how many there are (default: %(default)s)")
    found.add_argument("--pages", type=int, default=500, help="how many to read of each kind (default: %(default)s)")
    found.add_argument("--page-size", type=int, default=20, help="transfers on a page (default: %(default)s)")
    found.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    return found


def main() -> int:
    options = parser().parse_args()
    if options.transfers < 2 * FROM_THE_END or options.pages < 1 or not 1 <= options.page_size <= 100:
        parser().error(f"needs {2 * FROM_THE_END} transfers, 1 page and a page size of 1 to 100 at least")
    if options.inside:
        measure(options.transfers, options.pages, options.page_size)
        return 0
    began = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, str(Path(__file__)), *sys.argv[1:], "--inside"], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None  # noqa: S101 - it was asked for
        ready = process.stdout.readline()
        seconds = time.perf_counter() - began
        figures = process.stdout.read()
    if process.returncode or not ready:
        sys.stderr.write("The process with the sandbox failed.\n")
        return 1
    return report(options.transfers, seconds, **json.loads(figures))


def report(transfers: int, seconds: float, megabytes: float, top: float, deep: float) -> int:
    """Print what was measured beside the goals, and give the exit status."""
    rows = [
        ("start", seconds, MOST_SECONDS, "s"),
        ("peak memory", megabytes, MOST_MEGABYTES, "MB"),
        ("deep page / top page", deep / top, MOST_RATIO, ""),
    ]
    lines = [f"A sandbox of {transfers:,} transfers", f"{'':22}{'measured':>10}{'at most':>10}"]
    for name, measured, most, unit in rows:
        missed = "" if measured <= most else "   missed"
        lines.append(f"{name:22}{measured:10.2f}{most:10.2f} {unit}{missed}".rstrip())
    lines.append(f"Medians: {top * 1000:.3f} ms a page at the top, {deep * 1000:.3f} ms deep.")
    sys.stdout.write("\n".join(lines) + "\n")
    return int(any(measured > most for _, measured, most, _ in rows))


def measure(transfers: int, pages: int, page_size: int) -> None:
    """Make the sandbox, say so, read pages, and print the figures as JSON."""
    sandbox = Sandbox(transfers=transfers)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    top, deep = asyncio.run(read(sandbox, pages, page_size))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    megabytes = peak / (1_000_000 if sys.platform == "darwin" else 1_000_000 / 1024)  # bytes there, kibibytes elsewhere
    json.dump({"megabytes": megabytes, "top": top, "deep": deep}, sys.stdout)


async def read(sandbox: Sandbox, pages: int, page_size: int) -> tuple[float, float]:
    """The median seconds of a page at the top of the list, and of one deep in it."""
    newest_first = list(sandbox.organization.transfers)[::-1]
    headers = {"Authorization": f"ApiKey {sandbox.create_key()}"}
    transport = httpx.ASGITransport(sandbox.app)
    top: list[float] = []
    deep: list[float] = []
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost/api/v1", headers=headers) as http:
        for number in range(pages):
            step = number % (FROM_THE_END - page_size)  # so that not one page is read again and again
            for place, times in ((step, top), (len(newest_first) - FROM_THE_END + step, deep)):
                times.append(await seconds_of_page(http, newest_first, place, page_size))
    return statistics.median(top), statistics.median(deep)


async def seconds_of_page(http: httpx.AsyncClient, newest_first: list[Transfer], place: int, size: int) -> float:
    """How long the page takes that follows a place in the list."""
    cursor = f"cursor_{newest_first[place].id.removeprefix('txr_')}"
    began = time.perf_counter()
    response = await http.get("/transfers", params={"account_id": ACCOUNT, "first": size, "after": cursor})
    seconds = time.perf_counter() - began
    shown = [transfer["id"] for transfer in response.json()["data"]]
    expected = [transfer.id for transfer in newest_first[place + 1 : place + 1 + size]]
    if shown != expected:
        raise AssertionError(f"the page after {cursor} is not what follows it in the list")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
