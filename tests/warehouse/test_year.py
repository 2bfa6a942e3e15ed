"""A warehouse that is loaded at night for a year, of a sandbox that changes underneath, loses and doubles nothing."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from .world import World, facts, latest, loaded, nights

pytestmark = pytest.mark.warehouse

EVERY_NIGHT = os.environ.get("SEQUENCE_WAREHOUSE_NIGHTS") == "all"


@pytest.mark.parametrize(("kind", "days"), [("duckdb", 365), ("parquet", 90)])
def test_after_a_year_of_nights_some_of_them_killed_the_copy_is_what_the_sandbox_holds(
    kind: str, days: int, tmp_path: Path
) -> None:
    """A night in four is run, which leaves more to find for each; with SEQUENCE_WAREHOUSE_NIGHTS=all each one is."""
    world, copy, killed, steps = World(seed=days), tmp_path / "copy", 0, 0
    with nights(world) as each:
        for day in range(days):
            world.go_on()
            if day % 90 == 30:
                world.open_pod()
            if not EVERY_NIGHT and world.random.randrange(4):
                continue
            # Later than the last step of the last whole night there may be none: then it is not killed.
            kill_at = world.random.randrange(1, steps + 1) if steps and world.random.randrange(4) == 0 else 0
            disturb = world.pay if world.random.randrange(3) == 0 else None
            outcome = each.run(f"--{kind}", copy, "--only", "transfers", kill_at=kill_at, disturb=disturb)
            assert outcome["exit_code"] in ({0, -signal.SIGKILL} if kill_at else {0})
            killed += outcome["exit_code"] != 0
            steps = outcome["steps"] or steps
        assert each.run(f"--{kind}", copy, "--only", "transfers")["exit_code"] == 0
    assert (loaded if kind == "duckdb" else latest)(copy) == facts(world.sandbox)
    assert len(world.sandbox.requests.where(status=429)) == 0
    assert killed > 3
