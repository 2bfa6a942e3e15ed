"""`sequence-sandbox`: serves a sandbox on this machine until it is stopped."""

from __future__ import annotations

import argparse
import contextlib
import json
import socket
from pathlib import Path
from typing import Any, cast

import uvicorn

from .sandbox import BASE_PATH, Sandbox

HOST = "127.0.0.1"

# Everything but one account's balance, so that there is a refusal to look at.
DEMO_PERMISSIONS: list[dict[str, Any]] = [
    {"scope": "LIST_ACCOUNTS"},
    {"scope": "READ_ACCOUNTS", "resources": ["acc_01HDEF0123", "acc_01HGHI7890"]},
    {"scope": "READ_CARDS", "resources": ["*"]},
    {"scope": "READ_TRANSFERS", "resources": ["*"]},
    {"scope": "LIST_RULES"},
    {"scope": "READ_RULES", "resources": ["*"]},
    {"scope": "READ_RULE_EXECUTIONS", "resources": ["*"]},
]


def read_permissions(file: Path) -> list[dict[str, Any]]:
    """The permission entries in a file.

    Raises:
        OSError: The file cannot be read.
        ValueError: It holds no list of entries.
    """
    read: object = json.loads(file.read_text())
    entries = cast("list[object]", read) if isinstance(read, list) else [read]
    if not all(isinstance(entry, dict) and "scope" in entry for entry in entries):
        raise ValueError('it must hold a JSON list such as [{"scope": "READ_ACCOUNTS", "resources": ["*"]}]')
    return cast("list[dict[str, Any]]", entries)


class Server(uvicorn.Server):
    """A server that says where it is once it can be reached."""

    def __init__(self, config: uvicorn.Config, greeting: str) -> None:
        super().__init__(config)
        self._greeting = greeting

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        print(self._greeting, flush=True)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="sequence-sandbox",
        description="Serve a local Sequence API with the documented data, on the loopback interface only.",
    )
    parser.add_argument("--port", type=int, default=0, help="the port to listen on (default: a free one)")
    parser.add_argument("--key", help="the API key to accept (default: a new one)")
    parser.add_argument(
        "--permissions",
        type=Path,
        metavar="FILE",
        help="the key's permission entries, a JSON list (default: all that reads, but one account's balance)",
    )
    options = parser.parse_args(arguments)
    try:
        permissions = read_permissions(options.permissions) if options.permissions else DEMO_PERMISSIONS
    except (OSError, ValueError) as error:
        parser.error(f"--permissions {options.permissions}: {error}")
    try:
        listener = socket.create_server((HOST, options.port))
    except (OSError, OverflowError) as error:
        parser.error(f"--port {options.port}: {error}")
    sandbox = Sandbox()
    key = sandbox.create_key(permissions, key=options.key)
    with listener, contextlib.suppress(KeyboardInterrupt):  # Ctrl-C, once the server has shut down
        base_url = f"http://{HOST}:{listener.getsockname()[1]}{BASE_PATH}"
        greeting = (
            f"Sequence sandbox at {base_url}; Ctrl-C stops it. To use it:\n"
            f"export SEQUENCE_BASE_URL={base_url}\nexport SEQUENCE_API_KEY={key}"
        )
        Server(uvicorn.Config(sandbox.app, log_level="warning"), greeting).run([listener])


if __name__ == "__main__":
    main()
