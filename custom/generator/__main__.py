"""The command: `python -m generator [--check]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from .document import Refused
from .package import write
from .settings import Settings

ROOT = Path(__file__).resolve().parent.parent.parent


def main() -> int:
    parser = argparse.ArgumentParser(prog="generator", description="Write the package of each contract.")
    parser.add_argument("--check", action="store_true", help="write nothing; fail where a package is out of date")
    parser.add_argument(
        "--config",
        type=Path,
        default=ROOT / "generator-config.yaml",
        help="which contracts there are; documents and packages are beside it (default: %(default)s)",
    )
    arguments = parser.parse_args()
    try:
        stale = write(Settings.read(arguments.config), arguments.config.resolve().parent, check=arguments.check)
    except Refused as refused:
        print(refused, file=sys.stderr)
        return 2
    root = arguments.config.resolve().parent
    for name in stale:
        gone = not (root / name.removesuffix("/all of it")).exists()
        print(f"{'out of date' if arguments.check else 'removed' if gone else 'written'}: {name}")
    if arguments.check:
        print("Run `make generate` and commit the result." if stale else "Every package is up to date.")
    return int(arguments.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
