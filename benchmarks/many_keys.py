"""Simulates many keys in one process, each with a limit of its own, and checks them against the sandbox's limiter.

    python benchmarks/many_keys.py --keys 10000

The limiters are the SDK's own, on an event loop whose time passes as fast as there is something to do. Each key has
tasks that always ask: a request waits for its turn, is counted by the sandbox's limiter at some moment before its
response, and ends after a latency.

The exit status is 1 where the sandbox would have answered a 429, or a key used too little of its limit.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import random
import selectors
import sys
import time
from datetime import UTC, datetime, timedelta

from attrs import asdict, define, frozen

from sequence_sandbox.limits import RateLimit as SandboxLimit
from sequence_sandbox.refusals import Refused
from sequence_sdk import RateLimit
from sequence_sdk.rate_limit import Limiter

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

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
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


@frozen(kw_only=True)
class Extent:
    """What is simulated."""

    keys: int
    tasks: int
    """How many ask with each key."""
    minutes: float
    sandbox_limit: int = LIMIT
    """Requests in a minute that the sandbox lets a key make."""
    seed: int = 0
    """Of what is left to chance."""


@define
class Counts:
    """What became of the requests so far."""

    until: float
    """When the time is up that counts."""
    sent: list[int]
    """By key."""
    refused: int = 0


@frozen(kw_only=True)
class Outcome:
    """What became of all requests."""

    requests: int
    refused: int
    least_used: float
    """Of what its limit lets pass, by the key that used the least of it."""
    seconds: float
    """Of this process's CPU."""

    @property
    def reached(self) -> bool:
        """Whether there was no 429, and the limits were used."""
        return not self.refused and self.least_used >= LEAST_USED


async def ask(key: int, limiter: Limiter, counts: Counts, server: SandboxLimit, chance: random.Random) -> None:
    """Make one request with a key."""
    now = asyncio.get_running_loop().time
    if not limiter.acquire_now():
        await limiter.acquire()
    latency = chance.uniform(*LATENCY)
    until_counted = chance.uniform(0, latency)
    await asyncio.sleep(until_counted)
    try:
        server.take(str(key), BEGIN + timedelta(seconds=now()))
        counts.sent[key] += now() <= counts.until
    except Refused:
        counts.refused += 1
    await asyncio.sleep(latency - until_counted)
    await limiter.release()


async def simulate(extent: Extent) -> Counts:
    """Let all tasks of all keys ask, for as long as it is said."""
    now, chance, server = (
        asyncio.get_running_loop().time,
        random.Random(extent.seed),
        SandboxLimit(extent.sandbox_limit),
    )
    counts = Counts(now() + extent.minutes * 60, [0] * extent.keys)

    async def keep_asking(key: int, limiter: Limiter) -> None:
        await asyncio.sleep(chance.uniform(0, 1))
        while now() < counts.until:
            await ask(key, limiter, counts, server, chance)

    async with asyncio.TaskGroup() as group:
        for key in range(extent.keys):
            limiter = RateLimit(LIMIT, per=60).limiter()
            for _ in range(extent.tasks):
                group.create_task(keep_asking(key, limiter))
    return counts


def run(extent: Extent) -> Outcome:
    """Simulate it, on an event loop of its own."""
    begun = time.process_time()
    with asyncio.Runner(loop_factory=VirtualLoop) as runner:
        counts = runner.run(simulate(extent))
    return Outcome(
        requests=sum(counts.sent),
        refused=counts.refused,
        least_used=min(counts.sent) / (LIMIT * (1 + extent.minutes)),  # a bucketful at once, and the others evenly
        seconds=time.process_time() - begun,
    )


def count(text: str) -> int:
    """A number of things on the command line."""
    if (found := int(text)) < 1:
        raise argparse.ArgumentTypeError("must be at least 1")
    return found


def minutes(text: str) -> float:
    """A time on the command line."""
    if not 0 < (found := float(text)) <= 60:
        raise argparse.ArgumentTypeError("must be above 0, and at most 60")
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--keys", type=count, default=10_000, help="how many (default: %(default)s)")
    parser.add_argument("--tasks", type=count, default=2, help="that ask with each key (default: %(default)s)")
    parser.add_argument("--minutes", type=minutes, default=2.0, help="that are simulated (default: %(default)s)")
    parser.add_argument(
        "--sandbox-limit",
        type=count,
        default=LIMIT,
        help="requests a minute that the sandbox allows (default: %(default)s)",
    )
    parser.add_argument("--seed", type=int, default=0, help="of what is left to chance (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print the figures as JSON")
    options = vars(parser.parse_args())
    as_json = options.pop("json")
    extent = Extent(**options)
    outcome = run(extent)
    if as_json:
        print(json.dumps(asdict(outcome)))
    else:
        print(
            f"{extent.keys:,} keys, {extent.minutes:g} minutes: {outcome.requests:,} requests, {outcome.refused} 429s"
        )
        print(f"the key that used its limit least used {outcome.least_used:.1%} of it")
        print(f"simulated in {outcome.seconds:.1f} s of CPU")
    return int(not outcome.reached)


if __name__ == "__main__":
    sys.exit(main())
