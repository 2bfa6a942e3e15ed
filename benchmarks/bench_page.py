"""What docs/performance.md is made of: goals with what was reached, figures in words, tables."""

from __future__ import annotations

import contextlib
import os
import platform
import re
import statistics
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path

from peers import Samples


@dataclass
class Goal:
    """What was to be reached, and what was."""

    about: str
    text: str
    figure: str
    met: bool
    why: str
    """What stands in its way."""


@dataclass
class Report:
    """What a run found."""

    goals: list[Goal] = field(default_factory=list)
    sections: list[str] = field(default_factory=list)

    def goal(self, about: str, text: str, figure: str, *, met: bool, why: str = "") -> None:
        self.goals.append(Goal(about, text, figure, met, why))
        print(f"    {'met' if met else 'MISSED'}: {about}: {text}: {figure}", flush=True)


def ratios(samples: Samples, name: str, other: str) -> list[float]:
    """How many times as long as the other this took, in each round."""
    return [one / another for one, another in zip(samples[name], samples[other], strict=True)]


def middle(values: Iterable[float]) -> float:
    return statistics.median(values)


def spread(values: list[float], digits: int) -> str:
    """The median, and between what half of the values lie."""
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{middle(values):.{digits}f} ({low:.{digits}f} to {high:.{digits}f})"


def micro(seconds: float) -> str:
    return f"{seconds * 1e6:,.0f}"


def table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    head = list(head)
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def machine() -> str:
    model = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        model = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), model)
    return (
        f"{model}, {os.cpu_count()} cores, {platform.system()} {platform.release().split('-')[0]}, "
        f"{platform.python_implementation()} {platform.python_version()}"
    )


def versions() -> str:
    names = [
        "httpx",
        "httpx2",
        "aiohttp",
        "httpx-aiohttp",
        "msgspec",
        "attrs",
        "anyio",
        "lithic",
        "increase",
        "pydantic",
    ]
    names += ["GetSequenceIoApiClient", "openapi-python-client", "orjson"]
    return ", ".join(f"{name} {version(name)}" for name in names)


def render(report: Report, processes: int, rounds: int) -> str:
    rows = [[goal.about, goal.text, goal.figure, "met" if goal.met else "**missed**"] for goal in report.goals]
    goals = table(["", "goal", "figure", "verdict"], rows).replace("---:", "---")
    missed = sum(not goal.met for goal in report.goals)
    whys: dict[str, list[str]] = {}
    for goal in report.goals:
        if goal.why and not goal.met:
            whys.setdefault(goal.why, []).append(f"{goal.about} ({re.sub(r' [(].*?[)]', '', goal.figure)})")
    reasons = "".join(f"\n- {'; '.join(goals)}: {why}." for why, goals in whys.items())
    reasons = f"\nWhat stands in the way of those that are missed:\n{reasons}\n" if reasons else ""
    return f"""\
# How fast it is, and how much memory it takes

This SDK beside others, measured in one run on one machine. `make bench` makes the measurements and writes this page.

- Machine: {machine()}.
- Versions: {versions()}.
- {len(report.goals) - missed} of {len(report.goals)} goals are met.

All that compares is measured in turns, a slice of one and then of the other, so that a busy machine slows both alike.
A ratio is the median of the rounds' ratios; in brackets is between what half of the rounds lie. Rounds are
{processes * rounds} at least where nothing else is said, in {processes} processes, since no two
processes are equally fast. Time is CPU time of the measuring process, the kernel's work for its sockets included,
unless it is said to be otherwise. Responses come from a server in a process of its own, which sends the same bytes to
all and costs them nothing (`benchmarks/peer_server.py`). Python's garbage collector runs as always, but for what was
there before the first slice.

What this does not say: how fast the API is, or a network with TLS. Over those a call takes tens of milliseconds, and
what is measured here is how much of them is spent in this process, and how many calls a processor can carry. Figures
differ from machine to machine, and ratios less; [how far it scales](scaling.md) follows from them.

## Goals

{goals}
{reasons}
{"".join(section + chr(10) for section in report.sections).rstrip()}
"""


def wrapped(page: str) -> str:
    """The page with its paragraphs and list items filled anew, since figures in them are long or short."""
    blocks = []
    for block in page.split("\n\n"):
        lines = block.split("\n")
        if block.startswith("- "):
            lines = [textwrap.fill(line, 120, subsequent_indent="  ", break_on_hyphens=False) for line in lines]
        elif not block.startswith(("#", "|")):
            lines = [textwrap.fill(block, 120, break_long_words=False, break_on_hyphens=False)]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks).rstrip() + "\n"
