"""`make demo`: shows both clients with a sandbox of its own: quickstart.py, pay.py and both.py.

If SEQUENCE_API_KEY is set, it runs quickstart.py against the real API instead, and leaves out what moves money.
"""

import logging
import os
import runpy
import subprocess
import sys
from pathlib import Path

import httpx

from sequence_sandbox import Sandbox
from sequence_sdk import SequenceError

# Its time runs faster, so that nobody has to wait for money to arrive.
SANDBOX = [sys.executable, "-m", "sequence_sandbox", "--clock-speed", "10"]
POD, CREDIT_CARD = Sandbox.uuid("acc_01HDEF0123"), Sandbox.uuid("acc_01HGHI7890")


def run(name: str, *arguments: str) -> int:
    sys.argv = [name, *arguments]
    try:
        runpy.run_path(str(Path(__file__).with_name(name)), run_name="__main__")
    except SequenceError as error:
        print(f"\n{error}\nUnset SEQUENCE_API_KEY to see the example with a sandbox.", file=sys.stderr)
        return 1
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


def title(text: str) -> None:
    print(f"\n--- {text}", flush=True)


def lose_a_response(base_url: str) -> None:
    """Let the sandbox make the next transfer that is not simulated, and break the connection instead of saying so."""
    control = base_url.removesuffix("/platform/v1") + "/_sandbox/faults"
    httpx.post(control, json={"kind": "reset_after", "operation": "createTransfer", "after": 1}).raise_for_status()


def main() -> int:
    if os.environ.get("SEQUENCE_API_KEY"):
        where = os.environ.get("SEQUENCE_PLATFORM_BASE_URL") or "the real API, with your money: it only reads"
        print(f"SEQUENCE_API_KEY is set, so this talks to {where}.\n", flush=True)
        return run("quickstart.py")
    with subprocess.Popen(SANDBOX, stdout=subprocess.PIPE, text=True) as server:
        try:
            greeting = [server.stdout.readline().strip() for _ in range(4)] if server.stdout else []
            os.environ |= dict(line.removeprefix("export ").split("=", 1) for line in greeting if "=" in line)
            print(f"No SEQUENCE_API_KEY is set, so this talks to a {greeting[0].split(';')[0]}.", flush=True)
            title("PlatformClient reads (quickstart.py)")
            if failed := run("quickstart.py"):
                return failed
            title("PlatformClient pays, and the response gets lost: it asks again, with the same key (pay.py)")
            lose_a_response(os.environ["SEQUENCE_PLATFORM_BASE_URL"])
            if failed := run("pay.py", POD, CREDIT_CARD, "2500", "invoice-17"):
                return failed
            logging.getLogger("sequence_sdk").setLevel(logging.WARNING)  # pay.py lowered it
            title("Both clients, one organization (both.py)")
            if failed := run("both.py"):
                return failed
            title(
                "To look at it: .venv/bin/sequence-sandbox serves a sandbox until Ctrl-C; open the page that it names"
            )
            return 0
        finally:
            server.terminate()


if __name__ == "__main__":
    sys.exit(main())
