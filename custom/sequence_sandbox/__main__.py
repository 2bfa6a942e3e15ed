"""`sequence-sandbox`: serves a sandbox on this machine until it is stopped."""

from __future__ import annotations

import argparse
import contextlib
import json
import secrets
import sys
from importlib.metadata import version
from pathlib import Path
from typing import Any

try:
    from . import Sandbox
except ModuleNotFoundError as error:
    sys.exit(str(error))
from .clock import FARTHEST
from .control import CONTROL_PATH
from .control.actions import ACTIONS
from .control.guard import is_loopback
from .faults import EXPLANATIONS
from .keys import check_permissions
from .server import Server, listen

FAULTS = "\n".join(f"  {kind:13} {explanation}" for kind, explanation in EXPLANATIONS.items())

ACTS = "\n".join(
    f"  {one.method:6} {CONTROL_PATH}{one.path:11} {one.summary}"
    + ("" if not one.example else f"\n{'':30}{json.dumps(one.example)}")
    for one in ACTIONS
)

RESTRICTED = "\n# The key may do everything but read acc_01HABC4567; --permissions gives it others."

EPILOG = f"""\
The key may do everything but read one account, acc_01HABC4567, unless it is given other permissions: so there is a
refusal to look at. With a seed, the key is the seed's first one, or one that may do everything.

A running sandbox is controlled below {CONTROL_PATH}, with JSON; GET {CONTROL_PATH}/openapi.json describes all of it:

{ACTS}

Kinds of faults:

{FAULTS}
"""


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(
        prog="sequence-sandbox",
        description="Serve a local Sequence API that keeps state, enforces permissions and moves pretend money.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    found.add_argument("--version", action="version", version=f"%(prog)s {version('sequence-sdk')}")
    found.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    found.add_argument("--port", type=int, default=0, help="the port to listen on (default: a free one)")
    found.add_argument(
        "--allow-remote", action="store_true", help="listen on an address that other machines can reach, too"
    )
    found.add_argument(
        "--control-token",
        metavar="TOKEN",
        help=f"what control below {CONTROL_PATH} needs, as `Authorization: Bearer TOKEN` "
        "(default: nothing; a new one where other machines can reach it)",
    )
    found.add_argument("--key", help="the API key to accept (default: a new one)")
    found.add_argument(
        "--permissions",
        type=Path,
        metavar="FILE",
        help='the key\'s permission entries: a JSON list for v1, or {"v1": [...], "platform": [...]} '
        "(default: everything but to read acc_01HABC4567)",
    )
    found.add_argument(
        "--seed", type=Path, metavar="FILE", help="the data, as JSON or YAML (default: the documented ones, and more)"
    )
    found.add_argument("--transfers", type=int, metavar="N", help="make up so many (default: 250, with a seed none)")
    found.add_argument(
        "--card-transactions", type=int, metavar="N", help="make up so many (default: 250, with a seed none)"
    )
    found.add_argument(
        "--rule-executions", type=int, metavar="N", help="make up so many (default: 50, with a seed none)"
    )
    found.add_argument(
        "--external-transactions", type=int, metavar="N", help="make up so many (default: 120, with a seed none)"
    )
    found.add_argument("--days", type=float, metavar="N", help="how long ago the oldest of them are")
    found.add_argument(
        "--recent",
        type=float,
        default=0.1,
        metavar="SHARE",
        help="how many of them are in the last tenth of --days (default: %(default)s, evenly spread)",
    )
    found.add_argument("--variation", type=int, default=0, metavar="N", help="vary them (default: %(default)s)")
    found.add_argument(
        "--rate-limit",
        type=int,
        metavar="N",
        help="refuse more than N requests a minute with 429 (default: no limit)",
    )
    found.add_argument(
        "--latency",
        type=float,
        default=0.0,
        metavar="SECONDS",
        help="wait before every response (default: %(default)s)",
    )
    found.add_argument(
        "--clock",
        choices=["running", "still"],
        default="running",
        help="time runs with the wall clock, or stands still until it is advanced (default: %(default)s)",
    )
    found.add_argument(
        "--clock-speed",
        type=float,
        default=1.0,
        metavar="N",
        help="let N seconds pass in a second (default: %(default)s)",
    )
    found.add_argument(
        "--without-coming-soon", action="store_true", help="leave out the operations that are not available yet"
    )
    return found


def _key(sandbox: Sandbox, key: str | None, permissions: Any, *, is_seeded: bool) -> str:
    """The key to say: the one that was asked for, or the seed's first one, or a new one."""
    if permissions is None and is_seeded:
        known = next(iter(sandbox.keys), None) if key is None else key
        return known if known in sandbox.keys else sandbox.create_key(key=key)
    but = ["acc_01HABC4567"] if permissions is None else []  # so that there is a refusal to look at
    return sandbox.create_key(permissions, key=key, label="command", but=but)


def _check(command: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """End with what is wrong about the options by themselves."""
    if not is_loopback(options.host) and not options.allow_remote:
        command.error(f"--host {options.host}: other machines could reach it; add --allow-remote if they are to")
    if options.latency < 0:
        command.error("--latency cannot be below 0")
    if not 0 <= options.port <= 65_535:
        command.error(f"--port {options.port}: ports are 0 to 65535")
    if not 0 < options.clock_speed <= FARTHEST:
        command.error("--clock-speed must be above 0")
    if options.rate_limit is not None and options.rate_limit < 1:
        command.error("--rate-limit cannot be below 1")
    if options.control_token == "":
        command.error("--control-token must not be empty")


def main(arguments: list[str] | None = None) -> None:
    command = parser()
    options = command.parse_args(arguments)
    try:
        permissions = options.permissions and check_permissions(json.loads(options.permissions.read_text()))
    except (OSError, ValueError) as error:
        command.error(f"--permissions {options.permissions}: {error}")
    _check(command, options)
    token = options.control_token
    if token is None and not is_loopback(options.host):
        token = secrets.token_urlsafe(24)
    try:
        sandbox = Sandbox(
            seed=options.seed,
            transfers=options.transfers,
            card_transactions=options.card_transactions,
            rule_executions=options.rule_executions,
            external_transactions=options.external_transactions,
            days=options.days,
            recent=options.recent,
            variation=options.variation,
            rate_limit=options.rate_limit,
            coming_soon=not options.without_coming_soon,
            running_clock=options.clock == "running",
            clock_speed=options.clock_speed,
            latency=options.latency,
            control_token=token,
        )
    except ValueError as error:
        command.error(str(error))
    try:
        listener = listen(options.host, options.port)
    except OSError as error:
        command.error(f"--host {options.host} --port {options.port}: {error}")
    with listener, contextlib.suppress(KeyboardInterrupt):  # Ctrl-C, once the server has shut down
        key = _key(sandbox, options.key, permissions, is_seeded=options.seed is not None)
        restricted = permissions is None and options.seed is None
        host, port = listener.getsockname()[:2]
        sandbox.origin = f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
        greeting = (
            f"Sequence sandbox at {sandbox.base_url} and {sandbox.platform_url}; Ctrl-C stops it. To use it:\n"
            f"export SEQUENCE_BASE_URL={sandbox.base_url}\nexport SEQUENCE_API_KEY={key}\n"
            f"export SEQUENCE_PLATFORM_BASE_URL={sandbox.platform_url}"
            + ("" if token is None else f"\nexport SEQUENCE_SANDBOX_TOKEN={token}")
            + f"\n# To look at it: {sandbox.page_url}"
            + (RESTRICTED if restricted else "")
        )
        Server(sandbox, (host, port), lambda: print(greeting, flush=True)).run([listener])


if __name__ == "__main__":
    main()
