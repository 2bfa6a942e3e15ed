"""`python -m sequence_sdk`: what can be run from the command line."""

from __future__ import annotations

import argparse
import sys

from .doctor.command import add_to


def main(arguments: list[str] | None = None, *, program: str = "python -m sequence_sdk") -> int:
    """Run a command, and give its exit code.

    Args:
        arguments: The command and what it is given; None for those of the command line.
        program: What its help calls the program.
    """
    parser = argparse.ArgumentParser(prog=program, description="Commands of sequence-sdk.")
    add_to(parser.add_subparsers(required=True, metavar="command", title="commands"))
    given = parser.parse_args(arguments)
    found: int = given.run(given)
    return found


if __name__ == "__main__":
    sys.exit(main())
