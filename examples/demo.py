"""`make demo`: runs quickstart.py and pay.py against a sandbox of its own.

If SEQUENCE_API_KEY is set, it runs quickstart.py against the real API instead, and leaves out what moves money.
"""

import os
import runpy
import subprocess
import sys
from pathlib import Path

import httpx

from sequence_sdk import SequenceError

SANDBOX = [sys.executable, "-m", "sequence_sandbox"]


def run(*names: str) -> int:
    try:
        for name in names:
            runpy.run_path(str(Path(__file__).with_name(name)))
    except SequenceError as error:
        print(f"\n{error}\nUnset SEQUENCE_API_KEY to see the example with a sandbox.", file=sys.stderr)
        return 1
    return 0


def lose_an_response(base_url: str) -> None:
    """Let the sandbox make the next transfer, and break the connection instead of saying so."""
    control = base_url.removesuffix("/api/v1") + "/_sandbox/faults"
    httpx.post(control, json={"kind": "reset_after", "operation": "createTransfer"}).raise_for_status()
    print("\nThe response to the next transfer gets lost, so it is asked for again: with the same idempotency key.")


def main() -> int:
    if os.environ.get("SEQUENCE_API_KEY"):
        where = os.environ.get("SEQUENCE_BASE_URL") or "the real API, with your money: it only reads"
        print(f"SEQUENCE_API_KEY is set, so this talks to {where}.\n", flush=True)
        return run("quickstart.py")
    with subprocess.Popen(SANDBOX, stdout=subprocess.PIPE, text=True) as server:
        try:
            greeting = [server.stdout.readline().strip() for _ in range(3)] if server.stdout else []
            os.environ |= dict(line.removeprefix("export ").split("=", 1) for line in greeting if "=" in line)
            print(f"No SEQUENCE_API_KEY is set, so this talks to a {greeting[0].split(';')[0]}.\n", flush=True)
            if failed := run("quickstart.py"):
                return failed
            lose_an_response(os.environ["SEQUENCE_BASE_URL"])
            return run("pay.py")
        finally:
            server.terminate()


if __name__ == "__main__":
    sys.exit(main())
