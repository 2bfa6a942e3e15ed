"""Measures what keys and their calls cost, one case in a process of its own, and prints it as JSON.

    python benchmarks/key_costs.py cpu --url …      `scaling.py` calls it, with the URL of peer_server.py

Every key has a client of its own, and all clients send over one HTTP client. "At the limit" means that calls are always
asked for, as fast as a limit of 100 a minute lets pass. Calls go to a real server over loopback, and to a real Redis.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import statistics
import threading
import time
import tracemalloc
from collections.abc import AsyncIterator, Callable
from typing import Any

import aiohttp
import httpx
import redis
from attrs import define
from peer_responses import ACCOUNT_ID
from peers import clients as clients_of_their_own, peak, settle
from rate_limit import sandbox

from sequence_sdk import RateLimit, RedisRateLimit, SequenceClient

SLOTS = 3
"""Of a limit that is 100 a minute with less of a burst: that would have to be over before anything can be measured."""
PER = SLOTS * 60 / 100
"""Seconds."""
TASKS = 3
"""That always ask, with each key."""
CONNECTIONS = 1000
"""That aiohttp may have. httpx has what it has by itself: its pool gets slow with more."""

Clients = list[SequenceClient]


@contextlib.asynccontextmanager
async def shared(over: str) -> AsyncIterator[httpx.AsyncClient | aiohttp.ClientSession]:
    """An HTTP client for all keys."""
    if over == "httpx":
        async with httpx.AsyncClient() as client:
            yield client
    else:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONNECTIONS)) as session:
            yield session


def make(http: Any, url: str, number: int, limit: RateLimit) -> SequenceClient:
    return SequenceClient(f"sk_{number}", base_url=f"{url}/api/v1", rate_limit=limit, http_client=http)


@define
class Pace:
    """Calls that are made all the time, with many keys."""

    clients: Clients
    warm_up: float
    """Seconds until calls come evenly."""
    made: int = 0

    @contextlib.asynccontextmanager
    async def kept(self) -> AsyncIterator[None]:
        """Let every key be at its limit; they begin one after the other, as the calls of a service do."""
        tasks = [
            asyncio.create_task(self._ask(client, PER * number / len(self.clients)))
            for number, client in enumerate(self.clients)
            for _ in range(TASKS)
        ]
        try:
            await asyncio.sleep(self.warm_up)
            settle()
            yield
        finally:
            for task in tasks:
                task.cancel()
            ended = await asyncio.gather(*tasks, return_exceptions=True)
        for error in ended:
            if not isinstance(error, asyncio.CancelledError):
                raise SystemExit(f"a call failed: {error!r}")

    async def _ask(self, client: SequenceClient, wait: float) -> None:
        await asyncio.sleep(wait)
        while True:
            await client.accounts.get(ACCOUNT_ID)
            self.made += 1


async def cpu(over: str, url: str, *, keys: int, at_once: int, seconds: float, warm_up: float) -> dict[str, float]:
    """Seconds of CPU of a call where every key is at its limit, with about so many calls in flight."""
    late, limit = f"{url}/after/{at_once / (keys * SLOTS / PER) * 1000:.0f}", RateLimit(SLOTS, per=PER)
    async with shared(over) as http:
        pace = Pace([make(http, late, number, limit) for number in range(keys)], warm_up)
        async with pace.kept():
            before, begun, began = pace.made, time.process_time(), time.perf_counter()
            await asyncio.sleep(seconds)
            made = max(1, pace.made - before)
            return {"cpu": (time.process_time() - begun) / made, "rate": made / (time.perf_counter() - began)}


async def memory(over: str, url: str, keys: int) -> dict[str, float]:
    """Bytes of memory of a client: as it is made, once it has made a call, and for a call that waits for its turn."""
    limit = RateLimit(1, per=24 * 3600)
    async with shared(over) as http:
        await grow(Clients(), lambda number: make(http, url, -1 - number, limit), 20)
        settle()
        made = Clients()
        bare = peak()
        made += [make(http, url, number, limit) for number in range(keys)]
        at_rest = peak()
        for client in made:
            await client.accounts.get(ACCOUNT_ID)
        gc.collect()
        used = peak()
        waiting = [asyncio.create_task(client.accounts.get(ACCOUNT_ID)) for client in made]
        for _ in range(10):  # no response is awaited: all of them come to the limiter
            await asyncio.sleep(0)
        in_line = peak()
        if any(task.done() for task in waiting):
            raise SystemExit("a call did not wait for its turn")
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
    return {
        "process": bare,
        "at_rest": (at_rest - bare) / keys,
        "used": (used - bare) / keys,
        "waiting": (in_line - used) / keys,
    }


async def grow(made: Clients, one_more: Callable[[int], SequenceClient], count: int) -> None:
    """Make clients that each have made a call."""
    for number in range(count):
        made.append(one_more(number))
        await made[-1].accounts.get(ACCOUNT_ID)


async def in_flight(over: str, url: str, count: int) -> float:
    """Bytes of memory of a call in flight and of its connection."""
    async with shared(over) as http:
        await grow(Clients(), lambda number: make(http, url, -1 - number, RateLimit()), 20)
        made = [make(http, f"{url}/after/2000", number, RateLimit()) for number in range(count)]
        settle()
        before = peak()
        await asyncio.gather(*(client.accounts.get(ACCOUNT_ID) for client in made))
        return (peak() - before) / count


async def burst(over: str, url: str, keys: int) -> float:
    """Seconds of CPU of a call where all keys call at once."""
    async with shared(over) as http:
        await grow(Clients(), lambda number: make(http, url, -1 - number, RateLimit()), 20)
        made = [make(http, f"{url}/after/100", number, RateLimit()) for number in range(keys)]
        settle()
        took: list[float] = []
        for _ in range(3):
            begun = time.process_time()
            await asyncio.gather(*(client.accounts.get(ACCOUNT_ID) for client in made))
            took.append((time.process_time() - begun) / keys)
        return statistics.median(took)


async def remembered(count: int) -> float:
    """Bytes of memory of an idempotency key that a client remembers, which made transfers in a sandbox."""
    with sandbox(limit=1_000_000, clock_speed=1) as (base_url, key):
        async with SequenceClient(key, base_url=base_url, rate_limit=None) as client:

            async def pay() -> None:
                await client.transfers.create(
                    source_account_id="acc_01HDEF0123", destination_account_id="acc_01HGHI7890", amount_in_cents=100
                )

            await pay()
            settle()
            tracemalloc.start()
            for _ in range(count):
                await pay()
            client._session.connection._made.clear()  # new IDs, which it knows for some seconds only
            gc.collect()
            return tracemalloc.get_traced_memory()[0] / count


async def redis_costs(
    over: str, url: str, redis_url: str, *, keys: int, shares: int, seconds: float, warm_up: float
) -> dict[str, float]:
    """What a call of keys at their limit costs where `shares` clients share the limit of each key through Redis."""
    asked = redis.Redis.from_url(redis_url)

    def counted() -> tuple[float, float, float]:
        """Scripts that were run, all that ran within them, and seconds of Redis' CPU."""
        stats: dict[str, dict[str, float]] = asked.info("commandstats")
        used: dict[str, float] = asked.info("cpu")
        calls = {name.removeprefix("cmdstat_"): one["calls"] for name, one in stats.items()}
        scripts = calls.get("evalsha", 0) + calls.get("eval", 0)
        apart = ("evalsha", "eval", "info", "config", "client", "hello", "script", "ping")
        within = sum(number for name, number in calls.items() if name.partition("|")[0] not in apart)
        return scripts, within, used["used_cpu_sys"] + used["used_cpu_user"]

    async with shared(over) as http:
        await grow(Clients(), lambda number: make(http, url, -1 - number, RateLimit()), 20)
        limits = [RedisRateLimit(SLOTS, per=PER, url=redis_url, name=f"bench-{number}") for number in range(keys)]
        threads, connections, before = threading.active_count(), asked.info("clients")["connected_clients"], peak()
        pace = Pace([make(http, url, number, limits[number % keys]) for number in range(keys * shares)], warm_up)
        async with pace.kept():
            taken = (peak() - before) / len(pace.clients)
            made, begun, first = pace.made, time.process_time(), counted()
            await asyncio.sleep(seconds)
            count, spent, last = max(1, pace.made - made), time.process_time() - begun, counted()
            found = {
                "threads": (threading.active_count() - threads) / len(pace.clients),
                "connections": (asked.info("clients")["connected_clients"] - connections) / len(pace.clients),
            }
        for client in pace.clients:
            await client.aclose()
    per_call = [(after - earlier) / count for earlier, after in zip(first, last, strict=True)]
    return {
        **found, "bytes": taken, "cpu": spent / count, "rate": count / seconds,
        "scripts": per_call[0], "within": per_call[1], "redis_cpu": per_call[2],
    }  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case", choices=("cpu", "burst", "memory", "in-flight", "own", "writes", "redis"))
    parser.add_argument("--url", required=True, help="of peer_server.py")
    parser.add_argument("--redis", help="the URL of a Redis that is used by nobody else")
    parser.add_argument("--over", choices=("aiohttp", "httpx"), default="aiohttp")
    parser.add_argument("--keys", type=int, default=300)
    parser.add_argument("--in-flight", type=int, default=10, help="calls at a time")
    parser.add_argument("--shares", type=int, default=1, help="clients for each key")
    parser.add_argument("--seconds", type=float, default=1.0, help="that are measured")
    parser.add_argument("--warm-up", type=float, default=2 * PER, help="seconds before that, for the burst to be over")
    options = parser.parse_args()
    over, url, keys = options.over, options.url, options.keys
    pace = {"keys": keys, "seconds": options.seconds, "warm_up": options.warm_up}
    found: Any
    match options.case:
        case "cpu":
            found = asyncio.run(cpu(over, url, at_once=options.in_flight, **pace))
        case "burst":
            found = asyncio.run(burst(over, url, keys))
        case "memory":
            found = asyncio.run(memory(over, url, keys))
        case "in-flight":
            found = asyncio.run(in_flight(over, url, options.in_flight))
        case "own":
            found = asyncio.run(clients_of_their_own("sequence_sdk", url, keys))
        case "writes":
            found = asyncio.run(remembered(options.keys))
        case _:
            found = asyncio.run(redis_costs(over, url, options.redis, shares=options.shares, **pace))
    print(json.dumps(found))


if __name__ == "__main__":
    main()
