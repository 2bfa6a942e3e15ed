"""Simulates many keys in one process, each with a limit of its own, and checks them against the sandbox's limiter.

    python benchmarks/scaling.py --keys 10000

The limiters are the SDK's own, on an event loop whose time passes as fast as there is something to do. Each key has
tasks that always ask: a request waits for its turn, is counted by the sandbox's limiter at some moment before its
response, and ends after a latency. What a minute of all that costs in CPU time is what the limiters and the loop cost.

The exit status is 1 where the sandbox would have answered a 429, or a key used too little of its limit.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import resource
import selectors
import sys
import time
from collections.abc import Callable, Coroutine
from datetime import UTC, datetime, timedelta
from typing import Any

from attrs import define

from sequence_sandbox.limits import RateLimit as Sandboxed
from sequence_sandbox.refusals import Refused
from sequence_sdk import RateLimit

LIMIT = 100
"""Requests in a minute that a key may make."""
LATENCY = (0.05, 0.4)
"""Seconds that a response takes: any time between these two."""
LEAST_USED = 0.95
"""Of its limit, by the key that used the least of it."""
BEGIN = datetime(2024, 1, 1, tzinfo=UTC)


class Jumping(selectors.SelectSelector):
    """Nothing comes from outside: the time until the next timer has passed at once."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[Any]:
        if timeout is None:
            raise RuntimeError("nothing is left to happen, and tasks are waiting")
        self.now += max(timeout, 0.0)
        return []


class VirtualLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes as fast as there is something to do."""

    def __init__(self) -> None:
        self._jumping = Jumping()
        super().__init__(self._jumping)

    def time(self) -> float:
        return self._jumping.now


@define
class Outcome:
    """What became of the requests."""

    sent: list[int]
    """By key."""
    refused: int = 0
    cpu: float = 0.0
    """Seconds."""


async def simulate(keys: int, tasks: int, minutes: float, seed: int) -> Outcome:
    """Let all tasks of all keys ask for some minutes.

    Args:
        keys: How many there are.
        tasks: How many tasks ask with each of them.
        minutes: How long they do.
        seed: Of what is left to chance.
    """
    loop, chance, server = asyncio.get_running_loop(), random.Random(seed), Sandboxed(LIMIT)
    outcome, end = Outcome([0] * keys), loop.time() + minutes * 60

    async def ask(key: int, limiter: Any) -> None:
        name = str(key)
        await asyncio.sleep(chance.uniform(0, 1))
        while loop.time() < end:
            if not limiter.acquire_now():
                await limiter.acquire()
            latency = chance.uniform(*LATENCY)
            counted = chance.uniform(0, latency)
            await asyncio.sleep(counted)
            try:
                server.take(name, BEGIN + timedelta(seconds=loop.time()))
                outcome.sent[key] += 1
            except Refused:
                outcome.refused += 1
            await asyncio.sleep(latency - counted)
            await limiter.release()

    begun = time.process_time()
    async with asyncio.TaskGroup() as group:
        for key in range(keys):
            limiter = RateLimit(LIMIT, per=60).limiter()
            for _ in range(tasks):
                group.create_task(ask(key, limiter))
    outcome.cpu = time.process_time() - begun
    return outcome


def run(coroutine: Callable[[], Coroutine[Any, Any, Outcome]]) -> Outcome:
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        return runner.run(coroutine())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=int, default=10_000, help="how many (default: %(default)s)")
    parser.add_argument("--tasks", type=int, default=2, help="that ask with each key (default: %(default)s)")
    parser.add_argument("--minutes", type=float, default=3.0, help="that are simulated (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = parser.parse_args()
    outcome = run(lambda: simulate(options.keys, options.tasks, options.minutes, options.seed))
    allowed = LIMIT * (1 + options.minutes)
    found = {
        "keys": options.keys,
        "requests": sum(outcome.sent),
        "refused": outcome.refused,
        "least_used": min(outcome.sent) / allowed,
        "cpu_us_a_request": outcome.cpu / max(1, sum(outcome.sent)) * 1e6,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3),
    }
    if options.json:
        print(json.dumps(found))
    else:
        print(
            f"{options.keys:,} keys, {options.minutes:g} minutes: {found['requests']:,} requests, {outcome.refused} 429s"
        )
        print(f"the key that used its limit least used {found['least_used']:.1%} of it")
        print(
            f"{found['cpu_us_a_request']:.1f} µs of CPU a request for limiters and event loop; {found['peak_mb']:.0f} MB"
        )
    return int(bool(outcome.refused) or found["least_used"] < LEAST_USED)


if __name__ == "__main__":
    sys.exit(main())
