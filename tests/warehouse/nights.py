"""Runs nights of `load.py`, each in a process of its own, as it is told to on its standard input.

Each line there is an order, each line of the output how a night ended. A night that is to be killed kills itself when
it opens, renames or removes a file for the n-th time, or connects: where that is depends on no clock.
"""

from __future__ import annotations

import gc
import json
import os
import signal
import sys
from datetime import datetime
from typing import Any, TypedDict

import load
from sequence_sdk import Clock, PlatformClient

STEPS = {"open", "os.rename", "os.remove", "os.rmdir", "socket.connect"}


class Order(TypedDict):
    """A night that is to be run."""

    arguments: list[str]
    now: str
    kill_at: int
    """At which step it is killed; 0 for never."""


class Outcome(TypedDict):
    """How a night ended."""

    exit_code: int
    """Below zero for a signal."""
    steps: int
    """How many there were; 0 of a night that was killed."""


class StandingClock(Clock):
    """The sandbox's time at the beginning of the night."""

    def __init__(self, moment: datetime) -> None:
        self._moment = moment

    def now(self) -> datetime:
        return self._moment


def run(order: Order) -> Outcome:
    clock, steps = StandingClock(datetime.fromisoformat(order["now"])), 0

    def count(event: str, arguments: Any) -> None:
        nonlocal steps
        if event not in STEPS:
            return
        steps += 1
        if steps == order["kill_at"]:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count)
    exit_code = load.main(order["arguments"], lambda key: PlatformClient(key, clock=clock), clock.now)
    return {"exit_code": exit_code, "steps": steps}


def main() -> None:
    out = sys.stdout
    gc.freeze()
    for line in sys.stdin:
        order: Order = json.loads(line)
        # There is one thread, and no connection yet: a copy of this process is as good as a new one, and faster.
        child = os.fork()
        if not child:
            sys.stdout = sys.stderr
            print(json.dumps(run(order)), file=out, flush=True)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        if status:
            print(json.dumps({"exit_code": os.waitstatus_to_exitcode(status), "steps": 0}), file=out, flush=True)


if __name__ == "__main__":
    main()
