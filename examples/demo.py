"""`make demo`: runs quickstart.py against a sandbox of its own, or against the real API if SEQUENCE_API_KEY is set."""

import os
import runpy
import subprocess
import sys
from pathlib import Path

from sequence_sdk import SequenceError

SANDBOX = [sys.executable, "-m", "sequence_sandbox"]


def quickstart() -> int:
    try:
        runpy.run_path(str(Path(__file__).with_name("quickstart.py")))
    except SequenceError as error:
        print(f"\n{error}\nUnset SEQUENCE_API_KEY to see the example with a sandbox.", file=sys.stderr)
        return 1
    return 0


def main() -> int:
    if os.environ.get("SEQUENCE_API_KEY"):
        where = os.environ.get("SEQUENCE_BASE_URL") or "the real API, with your money: it only reads"
        print(f"SEQUENCE_API_KEY is set, so this talks to {where}.\n", flush=True)
        return quickstart()
    with subprocess.Popen(SANDBOX, stdout=subprocess.PIPE, text=True) as server:
        try:
            greeting = [server.stdout.readline().strip() for _ in range(3)] if server.stdout else []
            os.environ |= dict(line.removeprefix("export ").split("=", 1) for line in greeting if "=" in line)
            print(f"No SEQUENCE_API_KEY is set, so this talks to a {greeting[0].split(';')[0]}.\n", flush=True)
            return quickstart()
        finally:
            server.terminate()


if __name__ == "__main__":
    sys.exit(main())
