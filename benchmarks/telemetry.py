"""Measures what telemetry costs a call: with nobody to tell, with an observer, and with OpenTelemetry's API loaded.

Each is compared with `json.loads` of a small object in the same run, which takes about two microseconds on a machine of
today: so other work on the machine does not count. The exit status is 1 where an observer costs more than the goal.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import sys
import time
from collections.abc import Callable
from timeit import repeat
from typing import Any

import httpx
from peer_responses import ACCOUNT, ACCOUNT_ID

from sequence_runtime import Call
from sequence_sdk import CallRecord, SequenceClient
from sequence_sdk.observation import Telemetry
from sequence_sdk.telemetry import telemetry

GOAL = 3.0
"""Microseconds."""
REFERENCE = json.dumps({f"name {number}": "getAccount" for number in range(16)})
OFTEN = 20_000


class Noted(Telemetry):
    """Notes what a call is told with."""

    def __init__(self) -> None:
        self.told: tuple[Any, ...] = ()

    def begin(self, call: Call[Any, Any], session: Any, /) -> None:
        """Nothing is begun."""

    def end(self, begun: object, session: Any, call: Call[Any, Any], made: object, outcome: object, /) -> None:
        """Note it."""
        del begun
        self.told = session, call, made, outcome


async def a_call() -> tuple[Any, ...]:
    """What telemetry is told of a call that was made."""
    noted = Noted()
    http = httpx.AsyncClient(transport=httpx.MockTransport(lambda _: httpx.Response(200, content=ACCOUNT)))
    async with http, SequenceClient("sk_1", base_url="http://127.0.0.1/api/v1", http_client=http) as client:
        object.__setattr__(client._session, "telemetry", noted)
        await client.accounts.get(ACCOUNT_ID)
    return noted.told


def telling(told: tuple[Any, ...], *observers: Callable[[CallRecord], object]) -> Callable[[], None]:
    teller, (session, call, made, outcome) = telemetry(observers), told

    def tell() -> None:
        teller.end(teller.begin(call, session), session, call, made, outcome)

    return tell


def microseconds(does: Callable[[], object]) -> float:
    return min(repeat(does, timer=time.process_time, number=OFTEN, repeat=7)) / OFTEN * 1e6


def main() -> int:
    told = asyncio.run(a_call())
    reference = microseconds(lambda: json.loads(REFERENCE))
    found = {"nobody": microseconds(telling(told)), "an observer": microseconds(telling(told, lambda _: None))}
    with contextlib.suppress(ImportError):
        import opentelemetry.trace  # noqa: F401, PLC0415 - that it is loaded is what is measured

        found["OpenTelemetry's API, no provider set"] = microseconds(telling(told))
    if "--json" in sys.argv:
        print(json.dumps(found))
        return 0
    print(f"json.loads of 16 members: {reference:.2f} µs")
    for whom, took in found.items():
        print(f"{whom:<40}{took:6.2f} µs, {took / reference:5.2f} of json.loads")
    return found["an observer"] > GOAL


if __name__ == "__main__":
    sys.exit(main())
