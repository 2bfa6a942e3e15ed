"""What docs/scaling.md says of what was measured, simulated and computed."""

from __future__ import annotations

import re
import textwrap

from key_costs import CONNECTIONS
from scaling_needs import BURST, BUSY, CORES, LIMIT, TASKS, TYPICAL, Costs, keys_of_a_process, rounded
from scaling_tables import calls, kb, memory_table, micro, needed, redis_table

from sequence_sdk.key_memory import REMEMBERED


def render(costs: Costs, machine: str, versions: str) -> str:
    """The page."""
    carried = {over: keys_of_a_process(over, costs) for over in costs.cpu}
    alone, shared = costs.redis[1], costs.redis[max(costs.redis)]
    each_writes = costs.remembered * REMEMBERED
    simulated, memory = costs.simulated, costs.memory["aiohttp"]
    return f"""\
# How many keys a service can serve

A platform that moves money for its customers has an API key for each of them, and each key has a limit of its own:
{LIMIT} requests a minute. This page says what a process, a machine and a fleet carry, if every key uses its limit up
all the time. Keys that do less cost less: count the requests. `make bench-scaling` makes the measurements and writes
this page.

- Machine: {machine}.
- Versions: {versions}.
- **Measured** on it: what one key and one call cost. **Simulated**: {simulated["keys"]:,.0f} keys at their limits.
  **Computed** from the measurements: all that is said of other numbers of keys.
- **Left out**: TLS, which takes CPU for every new connection and for every byte, and memory for every connection; and
  what your service does with a response. Measure these, and add them. Figures differ from machine to machine, and are
  larger where the machine does other work.

## In short

- **One process carries about {carried["aiohttp"]:,} keys at their limits over aiohttp, and {carried["httpx"]:,} over
  httpx**, which is when it uses {BUSY:.0%} of a core. CPU is what runs out first. A machine of {CORES} cores with a
  process for each would carry {CORES} times as many: {CORES * carried["aiohttp"]:,} and {CORES * carried["httpx"]:,}.
- **Keys that read cost little memory**: {kb(memory["used"])} KB each, if all clients of a process share one HTTP
  client. One that makes thousands of payments takes up to {each_writes / 1e6:.0f} MB.
- **Give each key to one process**, and no process needs to know of the others: the limit is kept in the process.
  Only a key that several processes use at a time needs a `RedisRateLimit`, which costs several times as much.

## What many keys need

Computed, for keys that are all at their limits. Cores follow from the CPU of a call (below): over aiohttp with
{TYPICAL["aiohttp"]} in flight, and over httpx with {TYPICAL["httpx"]}. A process uses {BUSY:.0%} of a core. Memory is
that of all processes together, over aiohttp at a latency of 200 ms: of the processes themselves
({memory["process"] / 1e6:.0f} MB each), of a client for each key with {TASKS} calls that wait, and of the calls in
flight. Those in flight follow from the latency of the API, by Little's law: requests a second, times seconds.

{needed(costs)}

These are averages. A bucket that is full lets {LIMIT} requests of its key pass at once: after a quiet minute, or as a
service starts, there may be that many in flight for each key. Bound that by how many calls you make at a time with a
key. Two tasks a key are enough to use its limit up, unless the API takes longer than a second.

## What one key and one call cost

Measured, against a server in a process of its own over loopback, without TLS. Every key has a client of its own, and
all of them send over one HTTP client. The CPU time is that of a typed call, `accounts.get`, which waits for its turn,
since its key is at its limit; the kernel's work for the socket is in it. The server responds late, so that so many
calls are in flight. It is the median of the rounds; the rate is what was sent meanwhile.

{calls(costs)}

aiohttp may have {CONNECTIONS:,} connections there, and httpx has what it has if nothing else is said: 100, of which 20
are kept when they are idle. Whenever a request begins or ends, httpx's pool goes through the requests that wait for a
connection, and through the connections for each of them. So a call costs the more, the more of them there are: where
{BURST} keys call at once, each call costs **{micro(costs.burst["httpx"])} µs over httpx**, and
{micro(costs.burst["aiohttp"])} µs over aiohttp. A process over httpx that falls behind gets slower by that, and may
stay so for as long as calls keep coming. With many keys in a process, use aiohttp.

Memory as the peak of a process shows it:

{memory_table(costs)}

The last one has settings of TLS that all clients of a process share; what it costs beyond memory is a connection for
each key, and its handshake.

**A client also remembers the idempotency keys of its writes**, up to {REMEMBERED:,} of them, at
{costs.remembered:,.0f} bytes each: up to {each_writes / 1e6:.1f} MB for a client that writes a lot, and
{carried["aiohttp"] * each_writes / 1e9:.1f} GB for {carried["aiohttp"]:,} of these in a process. The table above does
not have them. Take them into account if most of your keys make thousands of payments while a process runs.

## The simulation

{simulated["keys"]:,.0f} keys with {TASKS} tasks each that always ask, for {60 * simulated["minutes"]:g} seconds, in one
process: the limiters are the SDK's, and who counts is the limiter of the sandbox, a reading of the contract of its own.
Time passes there as fast as there is something to do; requests take 50 to 400 ms, and are counted at any moment of
that. It took {simulated["seconds"]:,.0f} s of CPU. `make bench-scaling` begins with it, and fails where a key
gets a 429, or uses too little of its limit.

| what came of it |  |
| --- | ---: |
| requests | {simulated["requests"]:,.0f} |
| 429s | {simulated["refused"]:,.0f} |
| least used, by any key, of what its limit lets pass | {simulated["least_used"]:.1%} |

It shows that limits are kept and used, not how fast calls are: nothing is sent. That the same holds for real requests
over HTTP, with a `RateLimit` and with a `RedisRateLimit`, `make bench-rate-limit` shows for one key.

## How to shape a service

**One HTTP client for all keys of a process.** A client without `http_client=` makes one of its own, with a connection
for each key. Shared connections are used by whichever key calls next, and every request carries its own key, and no
cookie that came with another response.

```python
import aiohttp

from sequence_sdk import PlatformClient


async def serve(keys: dict[str, str]) -> None:
    connector = aiohttp.TCPConnector(limit=500)
    async with aiohttp.ClientSession(connector=connector) as session:
        clients = {{customer: PlatformClient(key, http_client=session) for customer, key in keys.items()}}
        for customer, platform in clients.items():
            print(customer, await platform.accounts.list().collect())
```

Keep one client for each key, for as long as the process runs: it has the limit. A second one for the same key counts
for itself, and both together run into 429s; `with_options` gives clients that share it.

**As many connections as calls in flight.** aiohttp and httpx have 100 of them if nothing else is said. More calls stand
in line for a connection, and that counts against `timeout`. Over aiohttp give `TCPConnector(limit=…)` twice the calls
in flight that the table has, divided by the processes. Over httpx leave its limits as they are: with more connections,
idle ones above all, its pool takes longer for each call. Use more processes instead. Each connection is a file
descriptor: many systems allow a process 1024 of them (`ulimit -n`).

**Different keys on different processes need nothing between them.** Split them, as by a hash of the customer, so that a
key belongs to one process at a time. A key that moves begins with a full bucket where it comes to, though it may have
used up its limit where it was: wait for a minute, or take the few 429s, after which the client pauses and asks again.

**One key on several processes needs a `RedisRateLimit`**, with a name of its own for each key, and only those keys do.
It is more expensive than all else on this page, since Redis is asked before each call and told after it:

{redis_table(costs)}

A client that waits for its turn asks Redis again when it may have it, and where others share the limit, one of them
gets it first. By these figures one core of Redis carries {rounded(1 / shared["redis_cpu"]):,} such calls a second:
{rounded(1 / shared["redis_cpu"] / (LIMIT / 60)):,} keys at their limits that {max(costs.redis)} clients share. Each
client has a thread and a connection to Redis of its own; Redis takes 10,000 connections if nothing else is said. So
this is for some hundred keys a process, not for thousands. A client with a limit of its own in Redis, shared with
nobody, has {alone["scripts"]:.1f} scripts a call for nothing: give it a `RateLimit`.

[Rate limits](rate-limits.md) says how the rate limit works, and [performance.md](performance.md)
what a call costs beside other SDKs. With `RateLimit` the waits of a call are in `APIResponse.waited` and in
[telemetry](telemetry.md).
"""


def filled(page: str) -> str:
    """The page with its paragraphs and list items filled anew, since figures in them are long or short."""
    parts = re.split(r"(^```.*?^```$)", page, flags=re.DOTALL | re.MULTILINE)
    blocks = [
        block for part in parts for block in ([part] if part.startswith("```") else part.strip("\n").split("\n\n"))
    ]
    return "\n\n".join(map(_filled, blocks)) + "\n"


def _filled(block: str) -> str:
    if block.startswith(("#", "|", "```")):
        return block
    items = re.split(r"\n(?=- )", block)
    indent = "  " if block.startswith("- ") else ""
    return "\n".join(
        textwrap.fill(item, 120, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
        for item in map(_on_one_line, items)
    )


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
