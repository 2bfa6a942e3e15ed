"""The programs that measure run, and what they decode is the same for all."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def measured(*arguments: str) -> dict[str, dict[str, list[float]]]:
    run = subprocess.run(
        [sys.executable, BENCHMARKS / "peers.py", *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def test_pages_are_decoded_by_all_that_is_installed() -> None:
    found = measured("decode", "--rounds", "2", "--seconds", "0.001")
    assert {"sequence_sdk", "json.loads", "msgspec Structs"} <= set(found)
    assert all(len(seconds) == 2 for seconds in found.values())


@pytest.mark.slow
def test_calls_are_measured_against_the_fixed_responses() -> None:
    with subprocess.Popen(
        [sys.executable, BENCHMARKS / "peer_server.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin
        assert server.stdout
        try:
            url = server.stdout.readline().strip()
            names = ("httpx", "sequence_sdk", "aiohttp", "sequence_sdk+aiohttp", "httpx2", "sequence_sdk+httpx2")
            few = ("--rounds", "1", "--count", "8", "--at-once", "2")
            found = measured("calls", *names, f"--url={url}", *few)
            pages = measured("stall", "sequence_sdk", f"--url={url}", "--rounds", "1", "--count", "3")
        finally:
            server.stdin.close()
    assert set(found["cpu"]) == set(names)
    assert len(pages["cpu"]) == 1


@pytest.mark.slow
def test_pages_are_decoded_by_other_names() -> None:
    run = subprocess.run(
        [sys.executable, BENCHMARKS / "wire_names.py", "--rounds", "2"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "camelCase " in run.stdout, run.stderr  # whether the goal is met depends on what else this machine does
