"""What is measured, each case by programs of its own, and what docs/performance.md says of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import peer_responses
from bench_page import Report, micro, middle, ratios, spread, table
from peers import GENERATED, STAINLESS, Samples

HERE = Path(__file__).resolve().parent


ROOT = HERE.parent


MADE = Path(sys.prefix) / "generated"
"""Where the generator's untouched package is written to."""


AT_ONCE = (1, 8, 32, 100)


TRANSPORTS = {
    "httpx": ("httpx", "sequence_sdk"),
    "httpx2": ("httpx2", "sequence_sdk+httpx2"),
    "aiohttp": ("aiohttp", "sequence_sdk+aiohttp"),
}
"""Over what calls are made: a bare client, and ours over the same."""


NAMES = {
    "sequence_sdk": "**sequence-sdk**",
    "sequence_sdk+httpx2": "**sequence-sdk**, httpx2",
    "sequence_sdk+aiohttp": "**sequence-sdk**, aiohttp",
    "lithic": "lithic (Stainless)",
    "increase": "increase (Stainless)",
    "lithic+aiohttp": "lithic, aiohttp transport",
    "increase+aiohttp": "increase, aiohttp transport",
    GENERATED: "openapi-python-client's output",
    "httpx": "httpx alone",
    "httpx2": "httpx2 alone",
    "aiohttp": "aiohttp alone",
    "pydantic": "pydantic models over httpx",
}


IMPORTS = {
    "httpx": "httpx",
    "httpx2": "httpx2",
    "aiohttp": "aiohttp",
    "sequence_sdk": "sequence_sdk; sequence_sdk.SequenceClient",
    GENERATED: f"{GENERATED}.api.accounts.get_account",
    "GetSequenceIoApiClient": "GetSequenceIoApiClient.client",
    "lithic": "lithic",
    "increase": "increase",
}


ACCOUNTS = {"lithic": peer_responses.LITHIC_ACCOUNT_ID, "increase": peer_responses.INCREASE_ACCOUNT_ID}
"""What is asked for, where it is no account of ours."""


ADDED = (
    "some 40 µs are the SDK's own, of which httpx gives back what its own building of a request takes; no part of them "
    "is above 4 µs: a response's headers, its body, its JSON, arguments, the deadline. With many at once the pool of "
    "httpx differs from slice to slice by more than is added"
)
"""What stands in the way of what a call may add."""


@dataclass(frozen=True)
class Extent:
    """How long everything is measured for."""

    processes: int
    rounds: int
    calls: int
    imports: int
    transfers: int
    pages: int
    clients: int
    keys: int
    key_rounds: int


FULL = Extent(
    processes=4, rounds=6, calls=100, imports=21, transfers=1_000_000, pages=20, clients=50, keys=10_000, key_rounds=6
)


QUICK = Extent(
    processes=1, rounds=3, calls=100, imports=3, transfers=20_000, pages=5, clients=10, keys=300, key_rounds=2
)


class Bench:
    """Runs cases in processes of their own, one after the other, against one server."""

    def __init__(self, url: str, extent: Extent) -> None:
        self.url = url
        self.extent = extent
        self.begun = time.monotonic()

    def say(self, text: str) -> None:
        print(f"{time.monotonic() - self.begun:4.0f} s  {text}", flush=True)

    def case(self, case: str, *names: str, **options: object) -> Any:
        arguments = [f"--{name.replace('_', '-')}={value}" for name, value in options.items()]
        return json.loads(python(str(HERE / "peers.py"), case, *names, f"--url={self.url}", *arguments))

    def many(self, case: str, *names: str, **options: object) -> Any:
        """A case in several processes, and what it measured in all of them."""
        return merge([self.case(case, *names, **options) for _ in range(self.extent.processes)])


def python(*arguments: str) -> str:
    """What a program writes. Settings that would change what is measured are kept from it."""
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG", "TMPDIR"}}
    command = [sys.executable, *arguments]
    run = subprocess.run(command, env={**kept, "PYTHONPATH": str(MADE)}, capture_output=True, text=True, check=False)
    if run.returncode:
        sys.exit(f"{' '.join(Path(argument).name for argument in arguments)} failed:\n{run.stderr}")
    return run.stdout


def merge(found: list[Any]) -> Any:
    if isinstance(found[0], dict):
        return {name: merge([one[name] for one in found]) for name in found[0]}
    return [value for one in found for value in one]


def decoding(bench: Bench, report: Report) -> None:
    bench.say("decoding a page of 100 transfers")
    platform: Samples = bench.many("decode", "platform", rounds=bench.extent.rounds)
    samples: Samples = bench.many("decode", rounds=bench.extent.rounds)
    share = ratios(samples, "sequence_sdk", "json.loads")
    about = "Decode 100 transfers"
    report.goal(about, "at most 0.55 of `json.loads`", f"{spread(share, 2)} of its time", met=middle(share) <= 0.55)
    share = ratios(platform, "sequence_sdk", "json.loads")
    figure = f"{spread(share, 2)} of its time"
    report.goal(f"{about} of /platform/v1", "at most 0.65 of `json.loads`", figure, met=middle(share) <= 0.65)
    for others, least, words in (
        (STAINLESS, 30, "the Stainless SDKs"),
        ((GENERATED,), 7, "openapi-python-client's output"),
        (("pydantic",), 2.5, "pydantic's `model_validate_json`"),
    ):
        slowest = min((ratios(samples, other, "sequence_sdk") for other in others), key=middle)
        report.goal(
            about,
            f"at least {least:g} times as fast as {words}",
            f"{spread(slowest, 1)} times",
            met=middle(slowest) >= least,
        )
    body = peer_responses.page()
    names = {
        **NAMES,
        "pydantic": "pydantic models, `model_validate_json`",
        "json.loads": "`json.loads`: dicts, no types",
        "orjson": "`orjson.loads`: dicts, no types",
    }
    ordered = sorted(samples, key=lambda name: middle(samples[name]))
    rows = [
        [
            names.get(name, name),
            micro(middle(samples[name])),
            f"{middle(ratios(samples, name, 'json.loads')):.2f}",
            f"{middle(ratios(samples, name, 'sequence_sdk')):.1f}",
        ]
        for name in ordered
    ]
    members = peer_responses.fields(json.loads(body))
    report.sections.append(
        f"""\
## Decoding

From the bytes of a page of 100 transfers to objects: {len(body):,} bytes of compact JSON, with {members:,} members.
All decode the same bytes. Those that make typed objects have the same members in them, timestamps as `datetime`; the
classes for pydantic, msgspec and the Stainless SDKs are in `benchmarks/peer_models.py`. The Stainless SDKs do with
them what their clients do with a response: `json.loads`, and then their `_process_response_data`, which builds the
objects without validating them. openapi-python-client's output is `json.loads` and `from_dict`. msgspec and pydantic
check what they decode, as this SDK does. Structs and orjson are shown as limits: this SDK makes frozen attrs classes
with open enums.

{table(["", "µs a page", "of `json.loads`", "of sequence-sdk"], rows)}

The same 100 transfers as /platform/v1 has them, with names in camelCase and UUIDs, take {
            micro(middle(platform["sequence_sdk"]))
        } µs, and `json.loads` {micro(middle(platform["json.loads"]))}.
"""
    )


def overhead(bench: Bench, report: Report) -> None:
    rows = []
    for transport, (plain, ours) in TRANSPORTS.items():
        for at_once in AT_ONCE:
            bench.say(f"calls over {transport}, {at_once} at once")
            rounds = bench.extent.rounds * (1 if at_once > 8 else 2)  # slices are longer with more at once
            found = bench.many("calls", plain, ours, at_once=at_once, count=bench.extent.calls, rounds=rounds)["cpu"]
            share = ratios(found, ours, plain)
            added = [(one - other) * 1e6 for one, other in zip(found[ours], found[plain], strict=True)]
            about = f"CPU of a call over {transport}, {at_once} at once"
            if transport == "httpx":
                met = middle(share) <= 1.06
                report.goal(about, "at most 1.06 of httpx alone", spread(share, 3), met=met, why=ADDED)
            elif transport == "httpx2":
                met = middle(added) <= 25
                report.goal(about, "at most 25 µs added", f"{spread(added, 0)} µs", met=met, why=ADDED)
            else:
                report.goal(about, "at most 1.7 of aiohttp alone", spread(share, 2), met=middle(share) <= 1.7)
            rows.append(
                [
                    f"{transport}, {at_once}",
                    micro(middle(found[plain])),
                    micro(middle(found[ours])),
                    spread(share, 3),
                    spread(added, 0),
                ]
            )
    report.sections.append(
        f"""\
## What a call costs beyond HTTP

The CPU time of this process for a call of `accounts.get`, with so many calls at once, on loopback. The SDK's client
has its defaults: retries are armed, permissions are declared and checked, the rate limit counts, but is too high to
be waited for; the program logs at WARNING. Its response is decoded into an `Account`. The bare client awaits
`client.get(url)`, which reads the body, with the `Authorization` header among the client's headers; it decodes
nothing, and looks at no status. "httpx" and "httpx2" are their `AsyncClient`s with defaults, "aiohttp" is its
`ClientSession`; both sides have the same. A new client is made for every slice, and connected before
it: the pool of httpx gets slower or faster by the second with how many of its connections were idle for how long, and
a call takes it longer the more there are at once. That makes the ratios small for many at once over httpx; what is
added is a larger share where the pool is in a faster state.

{table(["over, at once", "bare, µs", "sequence-sdk, µs", "ratio", "added, µs"], rows)}
"""
    )


def throughput(bench: Bench, report: Report) -> None:
    names = ["sequence_sdk", "sequence_sdk+httpx2", "sequence_sdk+aiohttp"]
    names += ["lithic", "lithic+aiohttp", "increase", "increase+aiohttp", GENERATED, "GetSequenceIoApiClient"]
    names += ["httpx", "httpx2", "aiohttp"]
    found = {}
    for at_once in (1, 32):
        bench.say(f"{len(names)} clients, {at_once} calls at once")
        rounds = 3 if at_once == 1 else bench.extent.rounds
        found[at_once] = bench.many("calls", *names, at_once=at_once, count=2 * bench.extent.calls, rounds=rounds)
    clock = found[32]["clock"]
    for suffix, least, words in (("", 3, "its default transport"), ("+aiohttp", 1, "its aiohttp transport")):
        faster = min((ratios(clock, name + suffix, "sequence_sdk+aiohttp") for name in STAINLESS), key=middle)
        report.goal(
            "Calls a second, 32 at once, aiohttp transport",
            f"{'at least 3 times' if least > 1 else 'more than'} a Stainless SDK's over {words}",
            f"{spread(faster, 2)} times",
            met=middle(faster) >= least if least > 1 else middle(faster) > least,
        )
    share = ratios(clock, "GetSequenceIoApiClient", "sequence_sdk+aiohttp")
    report.goal(
        "Calls a second, 32 at once, aiohttp transport",
        "at least 0.85 of GetSequenceIoApiClient's",
        spread(share, 2),
        met=middle(share) >= 0.85,
        why="GetSequenceIoApiClient sends a request and decodes JSON into dicts. Of the CPU time of a call here, a "
        "third is the SDK's: it checks arguments and permissions, counts against the limit, keeps the deadline, knows "
        "what was sent, and makes typed objects. What those add is 40 to 50 µs, of which no part is above 4",
    )
    rows = [
        [
            NAMES.get(name, name),
            micro(middle(found[1]["cpu"][name])),
            micro(middle(found[32]["cpu"][name])),
            f"{1 / middle(clock[name]):,.0f}",
        ]
        for name in sorted(names, key=lambda name: middle(clock[name]))
    ]
    sizes = ", ".join(
        f"{whose} {len(body)} bytes with {peer_responses.fields(json.loads(body))} members"
        for whose, body in (
            ("ours", peer_responses.ACCOUNT),
            ("lithic's", peer_responses.LITHIC_ACCOUNT),
            ("increase's", peer_responses.INCREASE_ACCOUNT),
        )
    )
    report.sections.append(
        f"""\
## Calls a second

Calls a second are by the clock. Each SDK gets one account of its own API, by its own method, with its client's
defaults; one process, and the server in another. The responses are about as large as each other: {sizes}. Of a
Stainless SDK's two, the goals hold for the faster one. GetSequenceIoApiClient speaks an older API of the vendor's,
whose one call responds with all accounts, in {len(peer_responses.OLD_ACCOUNTS)} bytes here; it returns dicts, and uses
aiohttp without httpx. It has no lists to compare.

{table(["", "CPU of a call, µs, 1 at once", "32 at once", "calls a second, 32 at once"], rows)}
"""
    )


def importing(bench: Bench, report: Report) -> None:
    bench.say("imports, each in a fresh interpreter")
    code = "import time; a = time.process_time(); import {}; print(time.process_time() - a)"
    samples: Samples = {name: [] for name in IMPORTS}
    for number in range(bench.extent.imports + 1):  # the first one may compile
        order = list(IMPORTS) if number % 2 else list(reversed(IMPORTS))
        for name in order:
            if name in {"httpx", "sequence_sdk"} or number <= 7:
                seconds = float(python("-c", code.format(IMPORTS[name])))
                if number:
                    samples[name].append(seconds)
    share = ratios(samples, "sequence_sdk", "httpx")
    report.goal("Import", "at most 1.25 of `import httpx`", spread(share, 2), met=middle(share) <= 1.25)
    bench.say("first calls, each in a fresh interpreter")
    first: Samples = {name: [] for name in ("httpx", "sequence_sdk", "lithic", "increase", GENERATED)}
    for number in range(bench.extent.imports * 3 // 4 + 1):
        for name in list(first) if number % 2 else list(reversed(first)):
            if name in {"httpx", "sequence_sdk"} or number <= 5:
                account = ACCOUNTS.get(name, peer_responses.ACCOUNT_ID)
                program = str(HERE / "first_call.py")
                seconds = float(python(program, name, bench.url, account, peer_responses.KEY, GENERATED))
                if number:
                    first[name].append(seconds)
    share = ratios(first, "sequence_sdk", "httpx")
    report.goal(
        "Import, first client and first call",
        "at most 1.20 of httpx's",
        spread(share, 2),
        met=middle(share) <= 1.20,
        why="attrs and msgspec, with what they load of the standard library, take 14 ms, which is more than half of "
        "what the goal leaves; the rest is the loading of 60 small modules, and the making of the decoder",
    )
    rows = [
        [
            NAMES.get(name, name),
            f"{middle(samples[name]) * 1e3:.0f}",
            f"{middle(first[name]) * 1e3:.0f}" if name in first else "",
        ]
        for name in sorted(samples, key=lambda name: middle(samples[name]))
    ]
    report.sections.append(
        f"""\
## Import and first call

CPU time of an import in a fresh interpreter, the interpreter's own start left out, from compiled files; and of a
program from its first import to the end of its first call, on loopback without TLS (`benchmarks/first_call.py`). The
SDK loads httpx with its first client. The two that a goal is about were measured {bench.extent.imports} and
{len(first["httpx"])} times, in turns, the others less often.

{table(["", "import, ms", "import, first client and first call, ms"], rows)}
"""
    )


def memory(bench: Bench, report: Report) -> None:
    many = bench.extent.transfers
    bench.say(f"memory while {many:,} transfers are read")
    few_peaks = [bench.case("iterate", count=1000)["peak"] for _ in range(3)]
    many_peaks = [bench.case("iterate", count=many)["peak"] for _ in range(min(2, bench.extent.processes))]
    grown = (min(many_peaks) - min(few_peaks)) / 1e6
    report.goal("Memory of a list", f"{many:,} transfers within 5 MB of 1,000", f"{grown:+.1f} MB", met=grown <= 5)
    most = bench.case("held", count=bench.extent.pages)
    report.goal("Memory of a list", "three pages held at most", f"{most / peer_responses.PAGE_SIZE:g}", met=most <= 300)
    bench.say("memory of clients at rest")
    each: Samples = {name: [] for name in ("httpx", "sequence_sdk", "lithic", "increase", GENERATED)}
    for _ in range(3):
        for name in each:
            each[name].append(bench.case("clients", name, count=bench.extent.clients))
    added = (middle(each["sequence_sdk"]) - middle(each["httpx"])) / 1e3
    allocated = bench.case("python-memory", count=bench.extent.clients) / 1e3
    made = {whose: bench.case("construct", whose, count=10 * bench.extent.clients) for whose in ("own", "shared")}
    for whose, about, most_us, most_kb in (
        ("own", "Another client, with an HTTP client of its own", 1000, 60),
        ("shared", "Another client, on an HTTP client that others use", 40, 4),
    ):
        took, kept = made[whose]["seconds"] * 1e6, made[whose]["bytes"] / 1e3
        met = took <= most_us and kept <= most_kb
        report.goal(about, f"at most {most_us} µs and {most_kb} KB", f"{took:.0f} µs, {kept:.1f} KB", met=met)
    report.goal(
        "Memory of a client at rest",
        "under 1 MB above its httpx client",
        f"{added:.0f} KB, of which Python knows of {allocated:.0f} KB",
        met=max(added, allocated) < 1000,
    )
    rows = [[NAMES.get(name, name), f"{middle(values) / 1e3:,.0f}"] for name, values in each.items()]
    report.sections.append(
        f"""\
## Memory

The peak of a process that reads a list of {many:,} transfers with `async for`, 100 a page, was {
            min(many_peaks) / 1e6:.1f} MB; of one that reads 1,000 it was {
            min(few_peaks) / 1e6:.1f} MB. All that grows with a list is the set of
its cursors. The page at hand and the one fetched ahead are held: {most} transfers at most were found in memory at a
time.

A client that has made a call and is idle, with the HTTP client and the connection that it owns, as the peak of a
process with {bench.extent.clients} of them shows it. Most of it is the settings of TLS, which every HTTP client has.

{table(["", "KB a client"], rows)}
"""
    )


def many_keys(bench: Bench, report: Report) -> None:
    count, rows = bench.extent.keys, []
    for transport in TRANSPORTS:
        bench.say(f"{count:,} keys on one HTTP client: {transport}")
        cpu: Samples = bench.case("keys", transport, count=count, rounds=bench.extent.key_rounds)
        share = ratios(cpu, "many", "one")
        grown = min(bench.case("keys-memory", transport, count=count) for _ in range(2)) / 1e6
        about = f"{count:,} keys in one process, over {transport}"
        report.goal(
            about,
            "CPU of a call at most 1.10 of one client's",
            spread(share, 2),
            met=middle(share) <= 1.1,
            why="a client's first call finds its event loop, sets its timer and binds its operation, in memory that "
            "nobody has touched lately: some 40 µs over any library, beside a call over aiohttp that takes 120",
        )
        report.goal(about, "at most 60 MB", f"{grown:+.0f} MB", met=grown <= 60)
        one, many = (micro(middle(cpu[name])) for name in ("one", "many"))
        rows.append([transport, one, many, spread(share, 2), f"{grown:.0f}"])
    report.sections.append(
        f"""\
## Many keys in one process

One HTTP client, and {count:,} clients of the SDK on it, each with a key and a rate limit of its own. Each makes one
call, its first, 100 of them at once; beside that, one client makes as many. The clients are made before: what that
takes is among the goals. Memory is by how much the peak of a process grows from one client to {count:,} that have made
a call.

{table(["over", "one client, µs a call", "one key a call, µs", "ratio", "MB"], rows)}
"""
    )


def stalls(bench: Bench, report: Report) -> None:
    found: dict[str, dict[str, list[float]]] = {}
    for name in ("sequence_sdk", "pydantic", GENERATED, *STAINLESS):
        bench.say(f"the event loop while a list is read by {name}")
        found[name] = bench.many("stall", name, count=bench.extent.pages, rounds=bench.extent.rounds)
    typical = {name: middle(one["cpu"]) for name, one in found.items()}
    ours = typical.pop("sequence_sdk")
    nearest = min(typical, key=lambda name: typical[name])
    report.goal(
        "Longest stall of the event loop",
        "at most 0.25 ms, and shorter than with every other",
        f"{ours * 1e3:.2f} ms; {typical[nearest] * 1e3:.2f} ms with {NAMES[nearest]}",
        met=ours < min(typical[nearest], 0.25e-3),
        why="a page of 100 is decoded in one go, in half the time of `json.loads`; the longest step is that, or the "
        "sending of a request by httpx, with a pass of Python's garbage collector in it",
    )
    rows = [
        [NAMES[name], f"{middle(one['cpu']) * 1e3:.2f}", f"{min(one['cpu']) * 1e3:.2f} to {max(one['cpu']) * 1e3:.2f}"]
        for name, one in sorted(found.items(), key=lambda item: middle(item[1]["cpu"]))
    ]
    report.sections.append(
        f"""\
## The event loop

How long another task, always ready to run, waits at most for its turn while {bench.extent.pages} pages of 100
transfers are read: the CPU time between two of its turns, which on a machine with nothing else to do is the time. It
is the longest of each round; the table has the median of the rounds, and the shortest and longest. The Stainless SDKs
read the same list as ours, by their `get_api_list` and the classes of the decoding.

{table(["", "longest stall, ms", "rounds"], rows)}
"""
    )


def observing(bench: Bench, report: Report) -> None:
    bench.say("what it costs to observe a call")
    took = json.loads(python(str(HERE / "telemetry.py"), "--json"))
    observed = took["an observer"]
    report.goal("Observing a call", "at most 3 µs with an observer", f"{observed:.1f} µs", met=observed <= 3)
    report.sections.append(
        f"""\
## Telemetry

The CPU time that a call spends on [telemetry](telemetry.md), measured by itself (`benchmarks/telemetry.py`).

{table(["told", "µs a call"], [[whom, f"{one:.2f}"] for whom, one in took.items()])}
"""
    )


def long_lists(bench: Bench, report: Report) -> None:
    bench.say("long lists, read in windows of time at once")
    quick = bench.extent.processes == 1
    times, many = 1 if quick else 3, bench.extent.transfers
    found = json.loads(
        python(str(HERE / "history.py"), "--json", "--n", "8", "--times", str(times), "--many", str(many))
    )
    ways = {(one["api"], one["spread"], one["way"]): one for one in found["measured"]}
    at_once = [one for one in found["measured"] if one["n"]]
    for api, evenly, least in (("/api/v1", True, 6), ("/api/v1", False, 4.5), ("/platform/v1", True, 6)):
        slowest = min(
            (one for one in at_once if one["api"] == api and (one["spread"] == "evenly") == evenly),
            key=lambda one: one["speed_up"],
        )
        spread = "evenly spread" if evenly else "80 % in a tenth of the time"
        report.goal(
            f"100 pages of `{api}` with `concurrently(8)`, {spread}",
            f"at least {least:g} times as fast as page by page, the same transfers in the same order",
            f"{slowest['speed_up']:.2f} times",
            met=slowest["speed_up"] >= least and slowest["same"],
            why="100 pages, 8 at once, take 13 latencies, and two more, of one request and of three, until it is known "
            "how long the list is: 0.75 s, or 7 times as fast; 106 pages take 1 to 1.5 ms of CPU time each, over httpx",
        )
    few, grown = found["peaks"]["1000"], found["peaks"][str(many)] - found["peaks"]["1000"]
    report.goal(
        "Memory of `concurrently(8)`",
        f"{many:,} transfers within 5 MB of 1,000",
        f"{grown / 1e6:+.1f} MB",
        met=grown <= 5e6,
    )
    rows = [
        [
            f"`{one['api']}`, {one['spread']}",
            *(f"{ways[one['api'], one['spread'], way]['seconds']:.2f}" for way in ("collect()", "async for")),
            f"{one['seconds']:.2f}",
            f"{one['speed_up']:.1f}",
            f"{one['requests']} for {ways[one['api'], one['spread'], 'collect()']['requests']}",
            str(one["held"]),
        ]
        for one in at_once
    ]
    head = ["", "`collect()`, s", "`async for`, s", "`concurrently(8)`, s", "times as fast", "requests", "pages held"]
    report.sections.append(
        f"""\
## Long lists

10,000 transfers in 100 pages, read page by page and by `concurrently(8)`, from a server that responds after 50 ms and
keeps to ranges of time (`benchmarks/history.py`). Seconds are by the clock; the ways are measured in turns, and the
fastest of {times} counts, as what else the machine does is not meant. How many times as fast is by the faster of
`collect()` and `async for`, which fetches one page ahead. 100 pages, 8 at once, take at least 13 latencies, and the
first two of those that are taken have one and three requests, while nobody knows yet how long the list is.

{table(head, rows)}

The peak of a process that reads {many:,} transfers with `concurrently(8)`, from a server without latency, was {
            found["peaks"][str(many)] / 1e6:.1f} MB; of one that reads 1,000 it was {few / 1e6:.1f} MB.
"""
    )


CASES = {
    "decode": decoding,
    "calls": overhead,
    "throughput": throughput,
    "import": importing,
    "memory": memory,
    "keys": many_keys,
    "long-lists": long_lists,
    "stalls": stalls,
    "observing": observing,
}
