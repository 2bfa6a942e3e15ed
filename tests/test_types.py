"""Editors and type checkers see the right types, and report what is wrong."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
CONSUMER = "tests/typing/consumer.py"
BIN = Path(sys.executable).parent


@pytest.mark.slow
def test_mypy_reveals_the_right_types_and_reports_each_mistake(tmp_path: Path) -> None:
    arguments = ["--strict", "--cache-dir", str(tmp_path), "--config-file", "", CONSUMER]
    check = subprocess.run(
        [sys.executable, "-m", "mypy", *arguments],
        cwd=ROOT,
        env={**os.environ, "MYPYPATH": f"{ROOT / 'custom'}:{ROOT}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.returncode == 0, check.stdout + check.stderr


@pytest.mark.slow
def test_pyright_reveals_the_right_types_and_reports_each_mistake(tmp_path: Path) -> None:
    settings = tmp_path / "pyrightconfig.json"
    settings.write_text(
        json.dumps(
            {
                "include": [str(ROOT / CONSUMER)],
                "extraPaths": [str(ROOT / "custom"), str(ROOT)],
                "typeCheckingMode": "strict",
                "reportUnnecessaryTypeIgnoreComment": "error",
                "enableTypeIgnoreComments": False,
                "pythonVersion": "3.11",
            }
        )
    )
    check = subprocess.run(
        [str(BIN / "pyright"), "--project", str(settings), "--pythonpath", sys.executable],
        cwd=ROOT,
        env={**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert check.returncode == 0, check.stdout + check.stderr
