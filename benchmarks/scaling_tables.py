"""The tables of docs/scaling.md."""

from __future__ import annotations

from bench_page import table
from scaling_needs import KEYS, LATENCIES, Costs, in_flight, needs


def needed(costs: Costs) -> str:
    head = ["keys", "requests a second", "cores: aiohttp", "httpx", "processes: aiohttp", "httpx", "memory, MB"]
    head += [f"in flight: {latency} ms" if latency == LATENCIES[0] else f"{latency} ms" for latency in LATENCIES]
    head += [f"scripts in Redis a second, if {max(costs.redis)} processes share each key"]
    rows = []
    for keys in KEYS:
        one, other = needs(keys, "aiohttp", costs), needs(keys, "httpx", costs)
        rows.append(
            [
                f"{keys:,}",
                few(one.requests),
                few(one.cores),
                few(other.cores),
                f"{one.processes:,}",
                f"{other.processes:,}",
                f"{one.memory / 1e6:,.0f}",
                *(few(in_flight(keys, latency)) for latency in LATENCIES),
                few(one.requests * costs.redis[max(costs.redis)]["scripts"]),
            ]
        )
    return table(head, rows)


def calls(costs: Costs) -> str:
    rows = [
        [f"{over}, {at_once} in flight", micro(cpu), f"{costs.rates[over][at_once]:,.0f}", f"{1 / cpu:,.0f}"]
        for over, found in costs.cpu.items()
        for at_once, cpu in found.items()
    ]
    return table(["", "CPU of a call, µs", "calls a second, meanwhile", "calls a second of a whole core"], rows)


def memory_table(costs: Costs) -> str:
    one, other = costs.memory["aiohttp"], costs.memory["httpx"]
    rows = [
        ["a client of a key on a shared HTTP client, before its first call", kb(one["at_rest"]), kb(other["at_rest"])],
        ["after a call, with a limiter that is in use", kb(one["used"]), kb(other["used"])],
        ["a call that waits for its turn, and its task", kb(one["waiting"]), kb(other["waiting"])],
        ["a call in flight: task, request and connection", *(kb(costs.in_flight[over]) for over in costs.memory)],
        ["a client with an HTTP client and a connection of its own", "", kb(costs.own)],
    ]
    return table(["KB, over", "aiohttp", "httpx"], rows)


def redis_table(costs: Costs) -> str:
    shares = sorted(costs.redis)
    rows = [
        ["scripts that Redis runs for a call", *(f"{costs.redis[one]['scripts']:.1f}" for one in shares)],
        ["commands within them", *(f"{costs.redis[one]['within']:.0f}" for one in shares)],
        ["CPU of Redis for a call, µs", *(micro(costs.redis[one]["redis_cpu"]) for one in shares)],
        ["CPU of the client for a call over aiohttp, µs", *(micro(costs.redis[one]["cpu"]) for one in shares)],
        ["connections to Redis of a client", *(f"{costs.redis[one]['connections']:.0f}" for one in shares)],
        ["threads of a client", *(f"{costs.redis[one]['threads']:.0f}" for one in shares)],
        [
            "memory of a client and of the tasks that ask with it, KB",
            *(kb(costs.redis[one]["bytes"]) for one in shares),
        ],
    ]
    return table(["keys at their limits", *(f"{one} client{'s' * (one > 1)} for each" for one in shares)], rows)


def kb(size: float) -> str:
    return f"{size / 1e3:,.1f}" if size < 1e4 else f"{size / 1e3:,.0f}"


def micro(seconds: float) -> str:
    return f"{seconds * 1e6:,.0f}"


def few(number: float) -> str:
    """A number with two digits at least, and no more than it needs."""
    return f"{number:,.0f}" if number >= 10 else f"{number:.2g}"
