"""Measures what it costs to decode a page whose members are called otherwise in JSON than in Python.

    python benchmarks/wire_names.py [--python INTERPRETER …]

A page of 100 transfers as openapi.yaml has it, and the same page and contract in camelCase, each decoded into the
models that are generated for it, and both against `json.loads`: in turns, in one process, so that what else the machine
does hits all. Other interpreters need attrs, httpx and msgspec.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from generator.package import generate, tidy
from generator.settings import Package, Settings

ROOT = Path(__file__).resolve().parent.parent

MEASURE = """
import json, platform, statistics, sys, time
import camel_api_client, sequence_api_client

GOAL = 0.65

def seconds(function, content):
    begun = time.perf_counter()
    for _ in range(10):
        function(content)
    return time.perf_counter() - begun

pages = json.load(sys.stdin)
rounds = int(sys.argv[1])
print(f"Python {platform.python_version()}, a page of 100 transfers, of the time of json.loads:")
took = {}
for _ in range(rounds):
    for package in (sequence_api_client, camel_api_client):
        content = pages[package.__name__].encode()
        decode = package.CONTRACT.operations["listTransfers"].decode
        took.setdefault(package, []).append(seconds(decode, content) / seconds(json.loads, content))
for package, ratios in took.items():
    low, *_, high = statistics.quantiles(ratios, n=10)
    name = "camelCase" if package is camel_api_client else "snake_case"
    print(f"  {name:10}  {statistics.median(ratios):.2f} ({low:.2f} to {high:.2f})")
met = statistics.median(took[camel_api_client]) <= GOAL
print(f"  camelCase at most {GOAL}: {'met' if met else 'MISSED'}")
sys.exit(not met)
"""


def camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda letter: letter[1].upper(), name)


def renamed(node: Any) -> Any:
    """A part of a contract whose members are in camelCase, without what says more of operations."""
    if isinstance(node, list):
        return [renamed(one) for one in node]
    if not isinstance(node, dict):
        return node
    left_out = ("security", "securitySchemes")  # which only a contract with a head explains
    kept = {key: one for key, one in node.items() if not key.startswith("x-sequence-") and key not in left_out}
    found = {key: renamed(one) for key, one in kept.items()}
    if isinstance(node.get("properties"), dict):
        found["properties"] = {camel(name): one for name, one in found["properties"].items()}
    if isinstance(node.get("required"), list):
        found["required"] = [camel(name) for name in node["required"]]
    return found


def payload(node: Any) -> Any:
    """A payload whose members are in camelCase."""
    if isinstance(node, list):
        return [payload(one) for one in node]
    return {camel(key): payload(one) for key, one in node.items()} if isinstance(node, dict) else node


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure decoding by names that differ between JSON and Python.")
    parser.add_argument("--python", action="append", help="an interpreter to measure with (default: this one)")
    parser.add_argument("--rounds", type=int, default=200, help="how often each is measured (default: %(default)s)")
    arguments = parser.parse_args()
    contract: dict[str, Any] = YAML(typ="safe").load(ROOT / "openapi.yaml")
    media = contract["paths"]["/transfers"]["get"]["responses"]["200"]["content"]["application/json"]
    example = next(iter(media["examples"].values()))["value"]
    page = {**example, "data": (example["data"] * 100)[:100]}
    pages = {"sequence_api_client": json.dumps(page), "camel_api_client": json.dumps(payload(page))}
    with tempfile.TemporaryDirectory() as folder:
        with (Path(folder) / "camel.yaml").open("w", encoding="utf-8") as file:
            YAML().dump(renamed(contract), file)
        made = Package(
            document="camel.yaml", package="camel_api_client", contract=False, permissions=False, documentation=False
        )
        generate(Settings([made], {"post_hooks": []}), made, Path(folder), Path(folder) / made.package)
        tidy(Path(folder) / made.package)
        path = os.pathsep.join([folder, str(ROOT / "custom"), str(ROOT)])
        codes = [
            subprocess.run(
                [python, "-c", MEASURE, str(arguments.rounds)],
                input=json.dumps(pages), text=True, env={**os.environ, "PYTHONPATH": path}, check=False,
            ).returncode
            for python in arguments.python or [sys.executable]
        ]  # fmt: skip
    return max(codes)


if __name__ == "__main__":
    sys.exit(main())
