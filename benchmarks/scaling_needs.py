"""What many keys need, computed from what one of them and one call cost."""

from __future__ import annotations

import math
from collections.abc import Mapping

from attrs import frozen

LIMIT = 100
"""Requests in a minute that a key may make."""
KEYS = (1, 100, 1_000, 10_000, 100_000)
LATENCIES = (50, 200, 1000)
"""Milliseconds."""
TYPICAL = {"aiohttp": 100, "httpx": 30}
"""Calls in flight, at which the CPU of a call is what counts for the table."""
BURST = 400
"""Keys that all call at once."""
BUSY = 0.7
"""Of a core, that a process may use before its event loop gets late."""
CORES = 16
"""Of a machine, for an example."""
TASKS = 2
"""That wait with each key."""


@frozen(kw_only=True)
class Costs:
    """What was measured; seconds, and bytes."""

    cpu: Mapping[str, Mapping[int, float]]
    """Of a call: by the HTTP library, and by how many are in flight."""
    rates: Mapping[str, Mapping[int, float]]
    """Calls a second, at which that was measured."""
    burst: Mapping[str, float]
    """Of a call where `BURST` come at once: by the HTTP library."""
    memory: Mapping[str, Mapping[str, float]]
    """By the HTTP library: of a process, of a client at rest and used, and of a call that waits for its turn."""
    in_flight: Mapping[str, float]
    """By the HTTP library: memory of a call in flight, with its connection."""
    own: float
    """Memory of a client with an HTTP client and a connection of its own."""
    remembered: float
    """Memory of an idempotency key that a client remembers."""
    redis: Mapping[int, Mapping[str, float]]
    """Of a limit in Redis, by how many clients share it."""
    simulated: Mapping[str, float]
    """What came of the simulation."""


@frozen(kw_only=True)
class Needs:
    """What so many keys at their limits need, over one HTTP library."""

    requests: float
    """A second."""
    cores: float
    processes: int
    memory: float
    """Bytes, in all processes together, at a latency of 200 ms."""


def in_flight(keys: int, milliseconds: float) -> float:
    """How many calls are in flight, by Little's law."""
    return keys * LIMIT / 60 * milliseconds / 1000


def needs(keys: int, over: str, costs: Costs) -> Needs:
    """What so many keys need that are all at their limits."""
    requests, memory = keys * LIMIT / 60, costs.memory[over]
    cores = requests * costs.cpu[over][TYPICAL[over]]
    processes = math.ceil(cores / BUSY)
    of_keys = keys * (memory["used"] + TASKS * memory["waiting"])
    return Needs(
        requests=requests,
        cores=cores,
        processes=processes,
        memory=processes * memory["process"] + of_keys + in_flight(keys, 200) * costs.in_flight[over],
    )


def keys_of_a_process(over: str, costs: Costs) -> int:
    """How many keys at their limits one process carries, rounded down to two digits."""
    return rounded(BUSY / costs.cpu[over][TYPICAL[over]] / (LIMIT / 60))


def rounded(number: float) -> int:
    """A number with two digits, rounded down."""
    digits = 10 ** max(0, math.floor(math.log10(number)) - 1)
    return int(number // digits * digits)
