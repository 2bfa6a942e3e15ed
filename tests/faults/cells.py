"""Shows what a fault comes to: makes the calls of a row at the same time, and looks at all they leave behind."""

from __future__ import annotations

import asyncio
import os
import stat
import sys
import tracemalloc
from collections import Counter
from collections.abc import Collection, Generator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, TypeAlias
from unittest.mock import patch

import anyio
import certifi
from attrs import field, frozen

from sequence_sdk import (
    APIError,
    ConfigurationError,
    OutcomeUnknownError,
    PlatformClient,
    RateLimit,
    ResponseLimits,
    SequenceClient,
    retries,
)
from sequence_sdk.client import Client

from .arrangements import Arrangement
from .calls import POD, Cell
from .libraries import Connections, Library, http_client
from .matrix import Fault, Often
from .outcomes import COLUMNS, KEYED, WRITES, Column, Outcome
from .servers import BOMB, HEADERS, LIMIT, Seen
from .site import API, PAGE, Site, Spot

CLIENTS: Mapping[API, type[SequenceClient | PlatformClient]] = {"v1": SequenceClient, "platform": PlatformClient}


@frozen(kw_only=True)
class Result:
    """What became of a cell, and what is wrong about it whatever the outcome may be."""

    outcome: Outcome
    problems: list[str] = field(factory=list[str])


class Turns:
    """Counts the attempts of a client, where its limiter hears that they have ended, and acts between two of them."""

    def __init__(self, client: Client, arrangement: Arrangement, leads: int) -> None:
        self.limiter: Any = client._session.connection.limiter
        self.count = 0
        self._client = client
        self._arrangement = arrangement
        self._leads = leads
        self._release = self.limiter.release
        self.limiter.release = self.release

    async def release(self) -> None:
        await self._release()
        self.count += 1
        if self.count == self._leads:
            await self._arrangement.begin(self._client)
        elif self.count > self._leads:
            await self._arrangement.ended()


Cells: TypeAlias = Mapping[tuple[Library, Column], Result]
"""What became of every call of a row."""


async def run_row(sites: Mapping[Spot, Site], fault: Fault, often: Often, over: Collection[Spot]) -> Cells:
    """Make every call that the fault can happen to, with several clients, and give what became of each."""
    results: dict[tuple[Library, Column], Result] = {}

    async def run(spot: Spot, column: Column) -> None:
        results[spot[1], column] = await run_cell(sites[spot], fault, often, column)

    before, problems = (open_sockets(), running()), []
    with circumstances(sites, fault), anyio.fail_after(120), limited_memory(fault, problems):
        async with anyio.create_task_group() as group:
            for api, library in over:
                for column, outcome in fault.expected(often, library).items():
                    if outcome is not None and COLUMNS[column][0] == api:
                        group.start_soon(run, (api, library), column)
    # Servers close their ends when they hear of it; and trio closes in tasks of its own what httpx's generators leave.
    with anyio.move_on_after(5):
        while open_sockets() > before[0] or running() - before[1]:
            await anyio.sleep(0.01)
    problems += [f"{open_sockets() - before[0]} sockets left open"] if open_sockets() > before[0] else []
    problems += [f"task left behind: {name}" for name in (running() - before[1]).elements()]
    for result in results.values():
        result.problems.extend(problems)
    return results


@contextmanager
def circumstances(sites: Mapping[Spot, Site], fault: Fault) -> Generator[None]:
    """Short waits, the names of the matrix, no certificates to trust but its own, and no proxies."""
    site = next(iter(sites.values()))
    site.names.failed.clear()
    for one in sites.values():
        one.gate.seen.clear()
    names = {name for name in os.environ if name.lower().endswith("_proxy") or name.startswith("SSL_CERT_")}
    environment = {name: value for name, value in os.environ.items() if name not in names}
    with (
        patch.dict(os.environ, environment, clear=True),
        patch.object(retries, "BACKOFF_BASE", 0.01),
        patch.object(retries, "BACKOFF_MAX", fault.backoff_max),
        patch.object(retries, "RETRY_AFTER_MAX", fault.retry_after_max),
        patch.object(certifi, "where", lambda: str(site.authority)),
        patch("socket.getaddrinfo", site.names.resolve),
    ):
        yield


@contextmanager
def limited_memory(fault: Fault, problems: list[str]) -> Generator[None]:
    """See to it that what is sent is not in memory as a whole."""
    if not fault.memory:
        yield
        return
    tracemalloc.start()
    try:
        yield
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    if peak > BOMB // 4:
        problems.append(f"{peak} bytes of memory were in use")


async def run_cell(site: Site, fault: Fault, often: Often, column: Column) -> Result:
    arrangement = fault.arrange(site, COLUMNS[column][1], fault.times(often))
    cell, problems = Cell(arrangement, column), list[str]()
    with arrangement.prepared():
        async with http_client(site.library, site.authority) as http:
            client = CLIENTS[site.api](
                site.sandbox.create_key(),
                base_url=arrangement.base_url,
                timeout=fault.timeout,
                rate_limit=RateLimit(1000, per=1),  # so that nothing but the fault makes a call wait
                response_limits=ResponseLimits(body=LIMIT, headers=HEADERS),
                clock=arrangement.clock,
                http_client=http,
            )
            leads = 1 if fault.reused or fault.resumed or column == "page" else 0
            turns = Turns(client, arrangement, leads)
            connections = Connections(client._session.connection.transport.http)
            try:
                before = cell.made()
                opened = None
                if fault.resumed:
                    opened = await leave_open(cell, client)
                elif leads:
                    await cell.lead(client)
                    before = cell.made()
                else:
                    await arrangement.begin(client)
                outcome = await follow(cell, client, turns, leads, before, problems, opened)
                problems += left_behind(client, turns, connections)
            finally:
                await client.aclose()
                await arrangement.end()
            if http is None and connections.open():
                problems.append(f"connections left open: {connections.open()}")
    expected = fault.expected(often, site.library)[column]
    if expected is not None and expected.at_least and outcome.error is None and outcome.attempts >= expected.attempts:
        outcome = expected
    return Result(outcome=outcome, problems=problems)


async def leave_open(cell: Cell, client: Client) -> OutcomeUnknownError:
    """Make a write that is done, and whose response is lost."""
    sandbox = cell.arrangement.sandbox
    sandbox.fail("reset_after", cell.arrangement.operation)
    try:
        await cell.call(client.with_options(max_retries=0))
    except OutcomeUnknownError as error:
        return error
    raise AssertionError("a write whose response was lost is not unknown")


async def follow(
    cell: Cell,
    client: SequenceClient | PlatformClient,
    turns: Turns,
    leads: int,
    before: list[str],
    problems: list[str],
    opened: OutcomeUnknownError | None,
) -> Outcome:
    """Make the call, or resume one, and if it is unknown what became of it, find out."""
    arrangement, column, site = cell.arrangement, cell.column, cell.arrangement.site
    error: APIError | None = None
    arrived_first: tuple[str, int] | None = None
    try:
        if opened is None:
            arrived_first = await cell.call(client)
        else:
            await opened.resume(client)
    except APIError as failure:
        error = failure
    seen = attempts_of_the_call(arrangement.seen(), column, leads)
    attempts = len(seen) + arrangement.unseen
    made = cell.made()[len(before) :]
    pages = -(-len(site.listed) // PAGE)
    lead_turns = (1 if error else pages - 1) if column == "page" else leads
    said = {
        "the limiter": turns.count - lead_turns,
        "the error": error.attempts if error else None,
        "the response": arrived_first[1] if arrived_first else None,
    }
    problems += [
        f"{number} attempts by {who}, {attempts} by the server"
        for who, number in said.items()
        if number not in {None, attempts}
    ]
    named = client.contract.request_id is not None
    problems += same_request(seen, error, named=named, keyed=column in KEYED)
    wrong = {
        "the connection was not used again": leads
        and arrangement.reuses
        and seen
        and not (opened or arrangement.unseen)
        and seen[0].connection != arrangement.seen()[0].connection,
        f"{len(cell.items)} items of the list, not those that were expected": column == "page"
        and cell.items != (site.listed[:PAGE] if error else site.listed),
        "another account than the one that was asked for": column not in WRITES
        and arrived_first
        and arrived_first[0] != cell.id(POD),
    }
    problems += [problem for problem, there in wrong.items() if there]
    if column not in WRITES:
        return Outcome(error=type(error).__name__ if error else None, attempts=attempts)
    if error is None:
        if arrived_first is None or made != [arrived_first[0]]:
            problems.append(f"{arrived_first} was the response, and made was {made}")
        return Outcome(attempts=attempts)
    outcome = Outcome(error=type(error).__name__, attempts=attempts, made=len(made))
    if not isinstance(error, OutcomeUnknownError):
        return outcome
    if column not in KEYED:
        await arrangement.end()
        problems += await found_out(cell, client, error, before)
        return outcome
    if opened is not None and error.idempotency_key != opened.idempotency_key:
        problems.append(f"it was resumed with the key {error.idempotency_key}, not {opened.idempotency_key}")
    await arrangement.end()
    first_used = min(error.first_sent.wall, arrangement.clock.now())  # the clock may have been set back
    arrived = await error.resume(client, key_first_used=first_used)
    made = cell.made()[len(before) :]
    if [getattr(arrived, "execution_id", None) or arrived.id] != made:  # type: ignore[union-attr]
        problems.append(f"resumed: {arrived} was the response, and made was {made}")
    problems += same_request([*seen, arrangement.seen()[-1]], None, named=False, keyed=True)
    return Outcome(error=outcome.error, attempts=attempts, made=outcome.made, resumed=len(made))


async def found_out(cell: Cell, client: Any, error: OutcomeUnknownError, before: list[str]) -> list[str]:
    """What is wrong about how one finds out what became of a write without a key."""
    problems: list[str] = []
    try:
        await error.resume(client)
        problems.append("it was resumed, though nothing keeps the server from doing it twice")
    except ConfigurationError:
        """As it must be."""
    if "`await error.candidates(client)`" not in str(error):
        problems.append(f"the error does not say how to find out: {error}")
    found = [one.id for one in await error.candidates(client)]
    if found != cell.made()[len(before) :]:
        problems.append(f"candidates are {found}, and made was {cell.made()[len(before) :]}")
    return problems


def attempts_of_the_call(seen: list[Seen], column: Column, leads: int) -> list[Seen]:
    """The requests that were attempts of the call: of a list, for the second page."""
    if column != "page":
        return seen[leads:]
    first = {one.cursor for one in seen[:1]}
    later = [one for one in seen if one.cursor not in first]
    return [one for one in later if one.cursor == later[0].cursor]


def same_request(seen: list[Seen], error: APIError | None, *, named: bool, keyed: bool) -> list[str]:
    """What the attempts of a call do not have in common though they should.

    Args:
        seen: The attempts.
        error: What they came to.
        named: Whether all of them must name the same request ID.
        keyed: Whether they must have an idempotency key.
    """
    problems: list[str] = []
    request_ids = {one.headers.get("x-request-id", "") for one in seen}
    if named and (len(request_ids) > 1 or "" in request_ids):
        problems.append(f"X-Request-ID was {sorted(request_ids)}")
    status = getattr(error, "status_code", None) or getattr(error and error.__cause__, "status_code", None)
    if (
        named
        and error is not None
        and (not error.request_id or (status is None and seen and {error.request_id} != request_ids))
    ):
        problems.append(f"the error's request_id is {error.request_id!r}, sent was {sorted(request_ids)}")
    if len({(one.target, one.body) for one in seen}) > 1:
        problems.append("the attempts asked for different things")
    keys = {one.headers.get("idempotency-key") for one in seen}
    if len(keys) > 1 or (keyed and seen and (None in keys or "" in keys)) or (not keyed and keys - {None}):
        problems.append(f"Idempotency-Key was {keys}")
    if keyed and error is not None and seen and {error.idempotency_key} != keys:
        problems.append(f"the error's idempotency_key is {error.idempotency_key!r}, sent was {keys}")
    return problems


def left_behind(client: Client, turns: Turns, connections: Connections) -> list[str]:
    """What a call that has ended should have given back."""
    connection, bucket = client._session.connection, turns.limiter._bucket
    found = {
        "connections in use": connections.in_use(),
        "scopes": list(connection.deadlines._of),
        "runs": [run for run in connection._runs if not run.ended.is_set()],
        "places in the bucket": bucket.in_flight,
    }
    return [f"left behind: {what}: {value}" for what, value in found.items() if value]


def open_sockets() -> int:
    """How many sockets this process has open."""
    count = 0
    for descriptor in Path("/dev/fd").iterdir():
        with suppress(OSError):  # the one that the folder was listed with
            count += stat.S_ISSOCK(os.fstat(int(descriptor.name)).st_mode)
    return count


def running() -> Counter[str]:
    """The tasks of the event loop, by name."""
    trio = sys.modules.get("trio")
    if trio is None or not trio.lowlevel.in_trio_task():
        return Counter(task.get_name() for task in asyncio.all_tasks())
    names: Counter[str] = Counter()
    tasks = [trio.lowlevel.current_root_task()]
    while tasks:
        task = tasks.pop()
        names[task.name] += 1
        tasks += [child for nursery in task.child_nurseries for child in nursery.child_tasks]
    return names
