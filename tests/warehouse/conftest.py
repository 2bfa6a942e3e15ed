"""Leaves these tests out where there is no dlt: `make test-warehouse` has an environment of its own."""

from __future__ import annotations

import sys
from importlib.util import find_spec
from pathlib import Path

EXAMPLES = Path(__file__).parents[2] / "examples" / "warehouse"

HAS_DLT = find_spec("dlt") is not None

collect_ignore_glob = [] if HAS_DLT else ["test_*.py"]
if HAS_DLT:
    sys.path.insert(0, str(EXAMPLES))  # as when a program of that folder is run
