"""The guide to warehouses says what is so, and the command does as it says."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from .conftest import EXAMPLES
from .world import ROOT, World, facts, loaded

pytestmark = pytest.mark.warehouse

PAGE = (ROOT / "docs" / "warehouses.md").read_text()


def blocks(language: str) -> list[str]:
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return found


def command(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("SEQUENCE_")}
    return subprocess.run(
        [sys.executable, EXAMPLES / "load.py", *arguments],
        env={**inherited, "PYTHONPATH": os.pathsep.join([str(ROOT / "custom"), str(ROOT)]), **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )


def test_the_command_loads_both_kinds_and_the_queries_of_the_page_find_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World(seed=1)
    environment = {"SEQUENCE_API_KEY": world.key}
    monkeypatch.chdir(tmp_path)
    with world.served():
        environment["SEQUENCE_PLATFORM_BASE_URL"] = world.sandbox.platform_url
        for arguments in (["--duckdb", "warehouse.duckdb"], ["--parquet", "lake"]):
            done = command(*arguments, **environment)
            assert (done.returncode, done.stderr) == (0, "")
            assert re.fullmatch(r"(\d+ [a-z_]+, ){5}3 rule_definitions\n", done.stdout)
    assert not (tmp_path / "lake.work" / "sequence").exists()
    assert loaded(tmp_path / "warehouse.duckdb") == facts(world.sandbox)
    with duckdb.connect("warehouse.duckdb") as connection:
        queries = blocks("sql")
        assert len(queries) == 3
        for query in queries:
            assert connection.execute(query).fetchall()
        (deletion,) = re.findall(r"`(DELETE FROM .*?)`", PAGE)
        connection.execute(deletion)


def test_the_command_says_what_it_needs_and_what_it_takes() -> None:
    helped = command("--help")
    assert (helped.returncode, helped.stderr) == (0, "")
    for option in set(re.findall(r"--[a-z]+", PAGE)) - {"--transfers", "--days"}:
        assert option in helped.stdout
    ambiguous = command("--duckdb", "sequence.duckdb")
    assert ambiguous.returncode == 2
    assert "give the database another name" in ambiguous.stderr
    missing = command("--duckdb", "copy.duckdb", "--key", "main=MAIN_KEY")
    assert (missing.returncode, missing.stderr) == (1, "not set: MAIN_KEY\n")


def test_the_pipeline_of_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pipeline, limit = blocks("python")
    namespace: dict[str, Any] = {"__name__": "page"}
    for block in (pipeline, limit):
        exec(compile(block, "docs/warehouses.md", "exec"), namespace)
    world = World(seed=1)
    monkeypatch.setenv("DLT_DATA_DIR", str(tmp_path / "dlt"))
    monkeypatch.setenv("RUNTIME__DLTHUB_TELEMETRY", "false")
    monkeypatch.setenv("SEQUENCE_API_KEY", world.key)
    with world.served():
        monkeypatch.setenv("SEQUENCE_PLATFORM_BASE_URL", world.sandbox.platform_url)
        for _ in range(2):
            namespace["nightly"](str(tmp_path / "copy.duckdb"))
    assert loaded(tmp_path / "copy.duckdb") == {
        id: one for id, one in facts(world.sandbox).items() if one[3].year >= 2024
    }
