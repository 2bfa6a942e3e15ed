"""`sequence`: runs the command line."""

from __future__ import annotations

import signal
import sys


def main() -> int:
    """Run what the command line says, and give the exit code."""
    try:
        try:
            from .app import run  # noqa: PLC0415 - what it needs may be missing

            return run(sys.argv[1:])
        finally:
            for one in (signal.SIGINT, signal.SIGTERM):  # it is decided how this ends
                signal.signal(one, signal.SIG_IGN)
    except KeyboardInterrupt:
        if sys.stderr is not None:
            print("sequence: interrupted", file=sys.stderr)
        return 130
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] not in {"cyclopts", "rich"}:
            raise
        needed = f"sequence needs {error.name}: install the extra, as in pip install 'sequence-sdk[cli]'"
        print(needed, file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
