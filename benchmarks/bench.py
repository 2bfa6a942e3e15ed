"""Compares this SDK with others, side by side, and writes docs/performance.md from what it measured.

    .venv-bench/bin/python benchmarks/bench.py      `make bench` makes that environment, and calls this

The exit status is 0 though a goal be missed, unless `--strict` is given. With `--quick` every case is run for a moment
only, and the page is printed instead of written.
"""

from __future__ import annotations

import argparse
import contextlib
import subprocess
import sys
from collections.abc import Iterator

from bench_cases import CASES, FULL, HERE, MADE, QUICK, ROOT, Bench, python
from bench_page import Report, render, wrapped
from peers import GENERATED

PAGE = ROOT / "docs" / "performance.md"


@contextlib.contextmanager
def server() -> Iterator[str]:
    command = [sys.executable, str(HERE / "peer_server.py")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None  # noqa: S101 - both were asked for
        assert process.stdout is not None  # noqa: S101
        try:
            yield process.stdout.readline().strip()
        finally:
            process.stdin.close()


def generate() -> None:
    """Let openapi-python-client write a package from openapi.yaml, with its own templates and settings."""
    MADE.mkdir(exist_ok=True)
    settings = MADE / "config.yaml"
    settings.write_text(f"package_name_override: {GENERATED}\npost_hooks: []\n", encoding="utf-8")
    python(
        "-m", "openapi_python_client", "generate", "--path", str(ROOT / "openapi.yaml"), "--config", str(settings),
        "--meta", "none", "--output-path", str(MADE / GENERATED), "--overwrite",
    )  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="measure for a moment only, and print the page")
    parser.add_argument("--strict", action="store_true", help="exit with 1 where a goal is missed")
    parser.add_argument("--only", choices=CASES, action="append", help="run one case and print the page; repeatable")
    options = parser.parse_args()
    extent, report = QUICK if options.quick else FULL, Report()
    generate()
    with server() as url:
        bench = Bench(url, extent)
        for name, case in CASES.items():
            if not options.only or name in options.only:
                case(bench, report)
        bench.say("done")
    page = wrapped(render(report, extent.processes, extent.rounds))
    if options.quick or options.only:
        print(f"\n{page}")
    else:
        PAGE.write_text(page, encoding="utf-8")
        print(f"Wrote {PAGE.relative_to(ROOT)}.")
    missed = [goal for goal in report.goals if not goal.met]
    for goal in missed:
        print(f"GOAL MISSED: {goal.about}: {goal.text}: {goal.figure}", flush=True)
    return int(bool(missed) and options.strict)


if __name__ == "__main__":
    sys.exit(main())
