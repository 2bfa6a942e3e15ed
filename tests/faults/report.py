"""Breaks every call in every way, says what came of it, and writes docs/reliability.md from that."""

from __future__ import annotations

import itertools
import logging
import sys
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TypeAlias

import anyio

from .cells import Cells, run_row
from .libraries import LIBRARIES, Library
from .matrix import ROWS, Fault, Often
from .outcomes import COLUMNS, Column, Outcome
from .site import SPOTS, Spot, open_sites

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"

Outcomes: TypeAlias = Mapping[Column, Outcome | None]

Line: TypeAlias = tuple[Fault, Often, Mapping[Library, Outcomes]]
"""A row with what its calls came to over every library."""

INTRODUCTION = """\
# What becomes of a call when something fails

Each table says what seven calls come to under a fault, four of `SequenceClient` and three of `PlatformClient`. Sockets,
servers and the SDK are real, and options are at their defaults but for the waits, the timeout and the size of a
response, which are small. `make reliability` makes every one of these calls and writes this page from what happened. It
fails where that is not what is expected, and so do the tests, which make them on asyncio and on trio.

- **over** names the HTTP libraries that a call was made over. **all** are five: httpx and httpx2, each with HTTP/1.1
  and with HTTP/2, and aiohttp, which runs on asyncio only.
- **once**: the fault happens to one attempt, and goes away. **for good**: it happens to every attempt. What is not
  attempted again is tried once only.
- **read** is `accounts.get`; **page** is the second page of `transfers.list`, read with `async for`; **transfer** is
  `transfers.create`; **trigger** is `rules.trigger`. **platform** is in front of those of `PlatformClient`; **account**
  is its `accounts.create`, for which the API has no idempotency key.
- **ok** means that the response is the right one: of a list every item, once and in order; of a write, that exactly one
  transfer, rule execution or account was made. Otherwise the error's class is named, and how many a write had **made**
  by then, which is never more than one.
- **attempts** are counted by the servers (those that never reached one, where the client's rate limit hears of them),
  and the SDK says the same, in `APIResponse.attempts` and in the error's `attempts`. Every attempt of a call carries
  the same `X-Request-ID` (`PlatformClient` sends none), and of a write the same `Idempotency-Key`, where there is one,
  and the same bytes.
- **resumed** is how many there are after `await error.resume(client)`, once the fault has gone. Without a key that is a
  `ConfigurationError`; `await error.candidates(client)` then lists what was made, and nothing else.

A call is attempted again after a failure that may pass: no connection, a connection that breaks, no response in time,
408, 429, 500, 502, 503 and 504, and 409 where the server says that a write is still in progress. There are three
repeats unless `max_retries` says otherwise, and more of them after such a 409. Repeating a write is as safe as
repeating a read, since the server does nothing twice for one idempotency key. A write without one is sent again only
where nothing of it can have arrived.

A write ends in an `OutcomeUnknownError` if any of its attempts may have been done. An attempt may not if nothing of it
was sent, or if the response is 401, 404, 405, 407, 413, 414, 421, 429 or 431, or another 4xx in the API's own words but
408 and "still in progress". Only a response that can be read, and is about what was asked for, settles what an attempt
left open.

When one of these calls has ended, no connection is in use, nothing of it runs, and it takes no place under the rate
limit. When the client is closed, no socket is open.
"""


def render(lines: Iterable[Line]) -> str:
    """The page."""
    text = INTRODUCTION
    for group, some in itertools.groupby(lines, key=lambda line: line[0].group):
        text += f"\n## {group}\n\n| Fault | | over | {' | '.join(COLUMNS)} |\n"
        text += f"{'|---' * (3 + len(COLUMNS))}|\n"
        for fault, often, outcomes in some:
            alike: dict[tuple[str, ...], list[Library]] = {}
            for library, found in outcomes.items():
                cells = tuple(str(found.get(column) or "does not apply") for column in COLUMNS)
                alike.setdefault(cells, []).append(library)
            for cells, over in alike.items():
                libraries = "all" if len(over) == len(LIBRARIES) else "; ".join(over)
                text += f"| {fault.name} | {often} | {libraries} | {' | '.join(cells)} |\n"
    return text


def declared() -> list[Line]:
    """The rows with what they must come to."""
    return [(fault, often, {library: fault.expected(often, library) for library in LIBRARIES}) for fault, often in ROWS]


def surprises(fault: Fault, often: Often, results: Cells, over: Iterable[Spot]) -> list[str]:
    """What is not as it must be."""
    found: list[str] = []
    for api, library in over:
        for column, outcome in fault.expected(often, library).items():
            where = f"{column} over {library}"
            result = results.get((library, column))
            if outcome is None or COLUMNS[column][0] != api:
                continue
            if result is None:
                found.append(f"{where}: nothing came of it")
                continue
            if result.outcome != outcome:
                found.append(f"{where}: {result.outcome}, and not {outcome}")
            found += [f"{where}: {problem}" for problem in result.problems]
    return found


async def measure(only: str) -> tuple[list[Line], int]:
    """Run the matrix, and give what came of it and how much of that is a surprise."""
    lines: list[Line] = []
    count = 0
    with tempfile.TemporaryDirectory() as folder, open_sites(Path(folder)) as sites:
        for fault, often in ROWS:
            if only not in fault.name:
                continue
            started = time.monotonic()
            results = await run_row(sites, fault, often, SPOTS)
            found = surprises(fault, often, results, SPOTS)
            count += len(found)
            outcomes: dict[Library, dict[Column, Outcome | None]] = {library: {} for library in LIBRARIES}
            for (library, column), result in results.items():
                outcomes[library][column] = result.outcome
            lines.append((fault, often, outcomes))
            elapsed = time.monotonic() - started
            print(f"{'SURPRISE' if found else 'ok':8} {elapsed:5.2f} s  {fault.name}, {often}", flush=True)
            for one in found:
                print(f"           {one}")
    return lines, count


def main() -> int:
    logging.getLogger("sequence_sdk").setLevel(logging.ERROR)
    only = sys.argv[1] if len(sys.argv) > 1 else ""
    lines, count = anyio.run(measure, only)
    if count:
        print(f"{count} surprises; docs/reliability.md is left as it was", file=sys.stderr)
        return 1
    if not only:
        PAGE.write_text(render(lines), encoding="utf-8")
        print(f"{len(lines)} rows; wrote docs/{PAGE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
