"""Shows that clients use a rate limit up, and never run into it: a burst of calls at a sandbox that enforces it.

The sandbox is served by a process of its own, and its clock runs fast, so that a minute takes `60 / clock speed`
seconds. The calls are made by one process that keeps to a `RateLimit` of the same numbers, or by several that share a
`RedisRateLimit`, each with tasks that all ask at once.

The share is what the calls would have taken at the allowed rate, of what they took: the limit lets a bucketful pass at
once, and the others evenly. The time runs from the first call, of whichever process, to the last response.

The exit status is 1 where a call got a 429, or the share is too small.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import redis

from sequence_sdk import RateLimit, SequenceClient
from sequence_sdk.limits.redis_limit import RedisRateLimit


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    found.add_argument("--calls", type=int, default=1000, help="how many are made (default: %(default)s)")
    found.add_argument("--limit", type=int, default=100, help="requests in a minute (default: %(default)s)")
    found.add_argument("--clock-speed", type=int, default=60, help="how fast minutes pass (default: %(default)s)")
    found.add_argument("--processes", type=int, default=1, help="how many share the limit (default: %(default)s)")
    found.add_argument("--redis", metavar="URL", help="a Redis for the limit (default: a new one, for many processes)")
    found.add_argument("--least-share", type=float, default=0.95, help="of the allowed rate (default: %(default)s)")
    found.add_argument("--call", nargs=2, metavar=("BASE_URL", "KEY"), help=argparse.SUPPRESS)
    return found


def main() -> int:
    options = parser().parse_args()
    if options.call:
        limit = RateLimit(options.limit, per=60 / options.clock_speed)
        if options.redis:
            limit = RedisRateLimit(limit.requests, per=limit.per, url=options.redis, name="bench-rate-limit")
        asyncio.run(burst(*options.call, limit, options.calls))
        return 0
    if min(options.limit, options.clock_speed, options.processes) < 1 or options.calls <= options.limit:
        parser().error("needs 1 process, and more calls than the limit lets pass at once")
    with contextlib.ExitStack() as stack:
        url = options.redis
        if url is None and options.processes > 1:
            url = stack.enter_context(new_redis())
        base_url, key = stack.enter_context(sandbox(options.limit, options.clock_speed))
        common = ["--limit", str(options.limit), "--clock-speed", str(options.clock_speed), "--call", base_url, key]
        counts = [len(range(number, options.calls, options.processes)) for number in range(options.processes)]
        ended = run([[*common, "--calls", str(count), *(["--redis", url] if url else [])] for count in counts])
    seconds = max(one["end"] for one in ended) - min(one["begin"] for one in ended)
    again = sum(one["again"] for one in ended)
    share = (options.calls - options.limit) * 60 / options.clock_speed / options.limit / seconds
    kind = "RedisRateLimit" if url else "RateLimit"
    print(f"{options.calls:,} calls of {options.processes} process(es) with a {kind} of {options.limit} requests")
    print(f"in {60 / options.clock_speed:g} s: {seconds:.2f} s, {share:.1%} of the allowed rate; {again} 429s")
    return int(bool(again) or share < options.least_share)


@contextlib.contextmanager
def sandbox(limit: int, clock_speed: int) -> Iterator[tuple[str, str]]:
    """The base URL and the key of a sandbox in a process of its own."""
    command = [sys.executable, "-m", "sequence_sandbox", "--rate-limit", str(limit), "--clock-speed", str(clock_speed)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None  # noqa: S101 - it was asked for
            _, base_url, key = (process.stdout.readline().strip() for _ in range(3))
            yield base_url.split("=", 1)[1], key.split("=", 1)[1]
        finally:
            process.terminate()


@contextlib.contextmanager
def new_redis() -> Iterator[str]:
    """The URL of a Redis of our own, behind a socket in a folder that is gone afterwards."""
    executable = shutil.which("redis-server")
    if executable is None:
        sys.exit("redis-server is needed: `make redis` installs it; or give the URL of a Redis with --redis")
    with tempfile.TemporaryDirectory(prefix="redis-") as folder:
        path = Path(folder, "redis.sock")
        command = [executable, "--port", "0", "--unixsocket", str(path), "--save", "", "--dir", folder]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            try:
                while not responds(f"unix://{path}"):
                    if process.poll() is not None:
                        sys.exit(f"redis-server did not start: it ended with {process.returncode}")
                    time.sleep(0.05)
                yield f"unix://{path}"
            finally:
                process.terminate()


def responds(url: str) -> bool:
    with contextlib.suppress(redis.ConnectionError), redis.Redis.from_url(url) as client:
        return bool(client.ping())
    return False


def run(all_arguments: list[list[str]]) -> list[dict[str, float]]:
    """Let this program make calls, in a process for each list of arguments, and give what they say in the end.

    They begin together, as soon as all of them are ready.
    """
    with contextlib.ExitStack() as stack:
        processes = [
            stack.enter_context(
                subprocess.Popen(
                    [sys.executable, str(Path(__file__)), *arguments],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
            )
            for arguments in all_arguments
        ]
        for process in processes:
            assert process.stdout is not None  # noqa: S101 - it was asked for
            process.stdout.readline()
        for process in processes:
            assert process.stdin is not None  # noqa: S101 - it was asked for
            process.stdin.write("go\n")
            process.stdin.flush()
        said = [process.communicate()[0] for process in processes]
    if any(process.returncode for process in processes):
        sys.exit("A process that made calls failed.")
    return [json.loads(one) for one in said]


async def burst(base_url: str, key: str, limit: RateLimit, calls: int) -> None:
    """Make calls all at once when told to, and print when they began and ended, and how many 429s there were."""
    deadline = 60 + 10 * calls * limit.per / limit.requests  # so that this ends, whatever becomes of the limit
    async with SequenceClient(key, base_url=base_url, rate_limit=limit, deadline=deadline) as client:
        print("ready", flush=True)
        sys.stdin.readline()
        begin = time.monotonic()  # which is the same for all processes of a machine
        async with asyncio.TaskGroup() as tasks:
            made = [tasks.create_task(client.accounts.list.with_response()) for _ in range(calls)]
        end = time.monotonic()
        again = sum(task.result().attempts - 1 for task in made)  # nothing else fails here that is asked for again
    print(json.dumps({"begin": begin, "end": end, "again": again}))


if __name__ == "__main__":
    sys.exit(main())
