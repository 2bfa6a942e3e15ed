"""Leaves these tests out where there is no dlt: `make test-warehouse` has an environment of its own."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples" / "warehouse"

collect_ignore_glob = [] if find_spec("dlt") else ["test_*.py"]
sys.path.insert(0, str(EXAMPLES))  # as when a program of that folder is run
