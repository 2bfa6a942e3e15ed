"""A client that many tasks share keeps its word under faults and a rate limit. `make load` shows it at length."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parents[2] / "benchmarks" / "load.py"


@pytest.mark.long
@pytest.mark.parametrize("library", ["httpx", "aiohttp"])
def test_no_call_and_no_cent_is_lost(library: str) -> None:
    ran = subprocess.run(
        [sys.executable, str(PROGRAM), "--calls", "2000", "--tasks", "200", "--faults", "0.1", "--over", library],
        capture_output=True,
        text=True,
        check=False,
        timeout=200,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "OutcomeUnknownError" in ran.stdout, "nothing was resumed"
