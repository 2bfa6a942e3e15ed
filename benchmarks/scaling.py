"""Measures what many keys cost a service, simulates 10,000 of them, and writes docs/scaling.md.

    python benchmarks/scaling.py      `make bench-scaling` calls it

`key_costs.py` measures the costs of a key and of a call, `many_keys.py` simulates, `scaling_needs.py` computes what
follows, and `scaling_page.py` says it. With `--quick` everything is run for a moment only, and the page is printed
instead of written.

The exit status is 1 where the simulation met a 429, or a key used too little of its limit: no page is written then.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from importlib.metadata import version
from typing import Any

from attrs import frozen
from bench import HERE, ROOT, server
from bench_page import machine
from rate_limit import new_redis
from scaling_needs import BURST, TASKS, Costs
from scaling_page import filled, render

PAGE = ROOT / "docs" / "scaling.md"
AT_ONCE = {"aiohttp": (10, 100, 400), "httpx": (10, 30, 80)}
"""Calls in flight, by the HTTP library."""
KEYS = {"aiohttp": 300, "httpx": 60}
"""That calls are made with: httpx cannot carry as many, and would show nothing but that."""
SHARES = (1, 4)
"""Clients that share a limit in Redis."""


@frozen(kw_only=True)
class Extent:
    """How long everything is measured for."""

    rounds: int
    seconds: float
    warm_up: float
    clients: int
    at_once: int
    """Calls in flight, for their memory."""
    redis_keys: int
    simulated: int
    """Keys."""
    minutes: float


FULL = Extent(rounds=3, seconds=3, warm_up=5, clients=5000, at_once=500, redis_keys=60, simulated=10_000, minutes=1)
QUICK = Extent(rounds=1, seconds=0.3, warm_up=0.2, clients=50, at_once=20, redis_keys=4, simulated=50, minutes=1)


class Bench:
    """Runs one case after the other, each in a process of its own."""

    def __init__(self, extent: Extent, url: str, redis_url: str) -> None:
        self.extent = extent
        self.urls = [f"--url={url}", f"--redis={redis_url}"]
        self.begun = time.monotonic()

    def say(self, text: str) -> None:
        print(f"{time.monotonic() - self.begun:4.0f} s  {text}", flush=True)

    def case(self, case: str, **options: object) -> Any:
        arguments = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        return run("key_costs.py", case, *self.urls, *arguments)

    def cpu(self) -> dict[str, dict[int, list[dict[str, float]]]]:
        """What a call takes, in all rounds. The HTTP libraries take turns, so that a busy machine slows both."""
        found: dict[str, dict[int, list[dict[str, float]]]] = {over: {} for over in AT_ONCE}
        for number in range(self.extent.rounds):
            self.say(f"calls of many keys, round {number + 1} of {self.extent.rounds}")
            for place in range(3):
                for over in AT_ONCE:
                    at_once = AT_ONCE[over][place]
                    took = self.case(
                        "cpu", over=over, keys=KEYS[over], in_flight=at_once,
                        seconds=self.extent.seconds, warm_up=self.extent.warm_up,
                    )  # fmt: skip
                    found[over].setdefault(at_once, []).append(took)
        return found

    def costs(self, simulated: Mapping[str, float]) -> Costs:
        extent, took = self.extent, self.cpu()
        self.say(f"{BURST} calls at once")
        burst = {over: self.case("burst", over=over, keys=BURST) for over in AT_ONCE}
        self.say("memory")
        memory = {over: self.case("memory", over=over, keys=extent.clients) for over in AT_ONCE}
        in_flight = {over: self.case("in-flight", over=over, in_flight=extent.at_once) for over in AT_ONCE}
        own = self.case("own", keys=max(20, extent.clients // 25))
        remembered = self.case("writes", keys=max(20, extent.clients // 5))
        self.say("limits in Redis")
        redis = {
            shares: self.case(
                "redis", keys=extent.redis_keys, shares=shares, seconds=extent.seconds, warm_up=extent.warm_up
            )
            for shares in SHARES
        }

        def medians(name: str) -> dict[str, dict[int, float]]:
            return {
                over: {at_once: statistics.median(one[name] for one in rounds) for at_once, rounds in found.items()}
                for over, found in took.items()
            }

        return Costs(
            cpu=medians("cpu"), rates=medians("rate"), burst=burst, memory=memory, in_flight=in_flight,
            own=own, remembered=remembered, redis=redis, simulated=simulated,
        )  # fmt: skip


def run(program: str, *arguments: str) -> Any:
    """What a program of this folder prints. Settings of the SDK are kept from it."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SEQUENCE_")}
    command = [sys.executable, str(HERE / program), *arguments]
    ended = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode:
        sys.exit(f"{program} {' '.join(arguments)} failed:\n{ended.stdout}{ended.stderr}")
    return json.loads(ended.stdout)


def versions() -> str:
    names = ("httpx", "aiohttp", "redis", "anyio", "msgspec", "attrs")
    return ", ".join(f"{name} {version(name)}" for name in names)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="measure for a moment only, and print the page")
    options = parser.parse_args()
    extent = QUICK if options.quick else FULL
    busy = os.getloadavg()[0]
    with server() as url, new_redis() as redis_url:
        bench = Bench(extent, url, redis_url)
        bench.say(f"{extent.simulated:,} keys are simulated")
        minutes = {"keys": extent.simulated, "minutes": extent.minutes}
        arguments = [f"--{name}={value}" for name, value in {**minutes, "tasks": TASKS}.items()]
        costs = bench.costs({**minutes, **run("many_keys.py", "--json", *arguments)})
        bench.say("done")
    page = filled(render(costs, f"{machine()}; its load was {busy:.1f} as this began", versions()))
    if options.quick:
        print(f"\n{page}")
    else:
        PAGE.write_text(page, encoding="utf-8")
        print(f"Wrote {PAGE.relative_to(ROOT)}.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
