"""`make demo`: runs quickstart.py against a sandbox of its own, or against the real API if SEQUENCE_API_KEY is set."""

import os
import subprocess
import sys
from pathlib import Path

QUICKSTART = [sys.executable, str(Path(__file__).with_name("quickstart.py"))]


def main() -> int:
    if os.environ.get("SEQUENCE_API_KEY"):
        where = os.environ.get("SEQUENCE_BASE_URL") or "the real API, with your money: it only reads"
        print(f"SEQUENCE_API_KEY is set, so this talks to {where}.\n", flush=True)
        return subprocess.call(QUICKSTART)
    sandbox = [sys.executable, "-m", "sequence_sandbox"]
    with subprocess.Popen(sandbox, stdout=subprocess.PIPE, text=True) as server:
        try:
            greeting = [server.stdout.readline().strip() for _ in range(3)] if server.stdout else []
            settings = dict(line.removeprefix("export ").split("=", 1) for line in greeting[1:] if "=" in line)
            if "SEQUENCE_API_KEY" not in settings:
                print("the sandbox did not start", file=sys.stderr)
                return 1
            print(
                f"No SEQUENCE_API_KEY is set, so this talks to a sandbox at {settings['SEQUENCE_BASE_URL']}.\n",
                flush=True,
            )
            return subprocess.call(QUICKSTART, env={**os.environ, **settings})
        finally:
            server.terminate()


if __name__ == "__main__":
    sys.exit(main())
