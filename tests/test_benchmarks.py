"""The programs that measure run, and what they decode is the same for all."""

from __future__ import annotations

import contextlib
import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from .redis_server import RedisServer

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
ACCOUNT_ID = "acc_01HDEF0123ABCDEFGHJKMNPQRS"
"""Of the account that is asked for."""


def measured(*arguments: str) -> dict[str, dict[str, list[float]]]:
    run = subprocess.run(
        [sys.executable, BENCHMARKS / "peers.py", *arguments], capture_output=True, text=True, timeout=60, check=False
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


@pytest.mark.slow
def test_what_the_programs_import_is_there() -> None:
    """Of all but the one that measures its own imports: it is run below."""
    names = sorted(path.stem for path in BENCHMARKS.glob("*.py") if path.stem != "first_call")
    run = subprocess.run(
        [sys.executable, "-c", f"import {', '.join(names)}"],
        cwd=BENCHMARKS,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr


def test_pages_are_decoded_by_all_that_is_installed() -> None:
    found = measured("decode", "--rounds", "2", "--seconds", "0.001")
    assert {"sequence_sdk", "json.loads", "msgspec Structs"} <= set(found)
    assert all(len(seconds) == 2 for seconds in found.values())


@contextlib.contextmanager
def peer_server() -> Iterator[str]:
    """Where prepared responses are served by a process of its own."""
    with subprocess.Popen(
        [sys.executable, BENCHMARKS / "peer_server.py"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdin
        assert server.stdout
        try:
            yield server.stdout.readline().strip()
        finally:
            server.stdin.close()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["httpx", "sequence_sdk"])
def test_a_first_call_is_measured_from_its_first_import(name: str) -> None:
    with peer_server() as url:
        command = [sys.executable, BENCHMARKS / "first_call.py", name, url, ACCOUNT_ID, "sk_benchmark", "-"]
        run = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert run.returncode == 0, run.stderr
    assert float(run.stdout) > 0


@pytest.mark.slow
def test_calls_are_measured_against_the_fixed_responses() -> None:
    with peer_server() as url:
        names = ("httpx", "sequence_sdk", "aiohttp", "sequence_sdk+aiohttp", "httpx2", "sequence_sdk+httpx2")
        few = ("--rounds", "1", "--count", "8", "--at-once", "2")
        found = measured("calls", *names, f"--url={url}", *few)
        pages = measured("stall", "sequence_sdk", f"--url={url}", "--rounds", "1", "--count", "3")
    assert set(found["cpu"]) == set(names)
    assert len(pages["cpu"]) == 1


@pytest.mark.slow
def test_pages_are_decoded_by_other_names() -> None:
    run = subprocess.run(
        [sys.executable, BENCHMARKS / "wire_names.py", "--rounds", "2"],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert "camelCase " in run.stdout, run.stderr  # whether the goal is met depends on what else this machine does


def simulated(*arguments: str) -> tuple[int, dict[str, float]]:
    """The exit status of the simulation of 20 keys, and what came of their requests."""
    run = subprocess.run(
        [sys.executable, BENCHMARKS / "many_keys.py", "--keys", "20", "--json", *arguments],
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.stdout, run.stderr
    return run.returncode, json.loads(run.stdout)


def test_simulated_keys_use_their_limits_up_without_a_429() -> None:
    status, found = simulated("--minutes", "0.5")
    assert (status, found["refused"]) == (0, 0)
    assert 0.95 <= found["least_used"] <= 1


def test_the_simulation_fails_where_the_server_allows_less_than_the_sdk() -> None:
    status, found = simulated("--minutes", "0.5", "--sandbox-limit", "90")
    assert status == 1
    assert found["refused"] > 0


def test_the_simulation_fails_where_a_key_uses_little_of_its_limit() -> None:
    status, found = simulated("--minutes", "0.05")  # 3 seconds, in which two tasks cannot make 100 requests
    assert (status, found["refused"]) == (1, 0)
    assert found["least_used"] < 0.95


@pytest.mark.slow
def test_costs_of_keys_are_measured_over_http_and_redis() -> None:
    def cost(*arguments: str) -> dict[str, float]:
        run = subprocess.run(
            [sys.executable, BENCHMARKS / "key_costs.py", *arguments, "--url", url, "--redis", redis.url],
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert run.returncode == 0, run.stderr
        return json.loads(run.stdout)

    moment = ("--keys", "3", "--seconds", "0.1", "--warm-up", "0.1")
    with peer_server() as url, RedisServer() as redis:
        assert set(cost("cpu", "--in-flight", "1", *moment)) == {"cpu", "rate"}
        assert {"scripts", "within", "redis_cpu", "threads"} < set(cost("redis", "--shares", "2", *moment))


@pytest.fixture
def needs(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The program that computes what keys need."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    return importlib.import_module("scaling_needs")


def test_what_many_keys_need_follows_from_what_one_costs(needs: ModuleType) -> None:
    costs = needs.Costs(
        cpu={"aiohttp": {100: 0.000_4}, "httpx": {30: 0.001_9}},
        rates={},
        burst={},
        memory={"aiohttp": {"process": 50e6, "used": 4e3, "waiting": 8e3}},
        in_flight={"aiohttp": 20e3},
        own=0,
        remembered=0,
        redis={},
        simulated={},
    )
    assert needs.in_flight(60, 200) == pytest.approx(20)  # 100 a second, for a fifth of one
    assert needs.keys_of_a_process("aiohttp", costs) == 1000
    assert needs.keys_of_a_process("httpx", costs) == 220
    of_many = needs.needs(3000, "aiohttp", costs)
    assert of_many.requests == pytest.approx(5000)
    assert of_many.cores == pytest.approx(2.0)
    assert of_many.processes == 3
    assert of_many.memory == pytest.approx(3 * 50e6 + 3000 * 20e3 + 1000 * 20e3)
