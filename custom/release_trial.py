"""Runs where the distribution was installed with some of its extras: everything public is there, and calls work.

python -P release_trial.py import EXTRA…    import every public module and name that needs no other extra
python -P release_trial.py call EXTRA…      list accounts over each HTTP library that is there
python -P release_trial.py serve            serve a sandbox until standard input ends; print its clients' variables

It imports only what the distribution and its extras bring. `-P` keeps the source beside it out.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
from collections.abc import Collection, Iterator
from importlib import metadata
from typing import Any

EXTRAS = {
    "cli": {"cyclopts", "rich"},
    "sandbox": {"starlette", "uvicorn", "yaml"},
    "aiohttp": {"aiohttp"},
    "httpx2": {"httpx2"},
    "redis": {"redis"},
    "otel": {"opentelemetry"},
}
"""What each extra brings, as it is imported."""
OF_EXTRAS = {
    "sequence_cli": "cli",
    "sequence_sandbox": "sandbox",
    "sequence_sdk.aiohttp_transport": "aiohttp",
    "sequence_sdk.telemetry.opentelemetry": "otel",
}
"""The packages and modules that can only be imported with an extra: all others need none."""
APART = {"sitecustomize", "pytest_plugin"}
"""Modules that only other programs import, with what they have."""
CLIENTS = {"httpx2": "AsyncClient", "aiohttp": "ClientSession"}
"""What a client can be given instead of httpx."""


def public_modules(files: Collection[str], extras: Collection[str]) -> Iterator[str]:
    """The modules in some files of a distribution that can be imported with these extras.

    Those that are run, and those with an underscore, are left out.
    """
    absent = tuple(f"{name}." for name, extra in OF_EXTRAS.items() if extra not in extras)
    for file in files:
        *folders, last = file.removesuffix(".py").split("/")
        parts = folders if last == "__init__" else [*folders, last]
        private = last in APART or any(part.startswith("_") for part in parts)
        if file.endswith(".py") and folders and not private and not f"{'.'.join(parts)}.".startswith(absent):
            yield ".".join(parts)


def import_all(extras: Collection[str]) -> int:
    """Import all that is public, and give the number of modules.

    Raises:
        ModuleNotFoundError: Something is missing that these extras bring, or that needs none.
    """
    for extra in extras:
        for root in EXTRAS[extra]:
            importlib.import_module(root)
    names = list(public_modules([str(file) for file in metadata.files("sequence-sdk") or ()], extras))
    for name in names:
        module = importlib.import_module(name)
        for public in getattr(module, "__all__", ()):
            getattr(module, public)
    return len(names)


async def call_over(library: str) -> int:
    """List the accounts over an HTTP library."""
    from sequence_sdk import PlatformClient  # noqa: PLC0415 - to serve, it is not needed

    http_client: Any = getattr(importlib.import_module(library), CLIENTS[library])()
    async with http_client, PlatformClient(http_client=http_client) as platform:
        return len(await platform.accounts.list().collect())


def serve() -> None:
    """Serve a sandbox until standard input ends."""
    from sequence_sandbox import Sandbox  # noqa: PLC0415 - it needs an extra

    sandbox = Sandbox()
    with sandbox.serve() as base_url:
        key = sandbox.create_key()
        urls = {"SEQUENCE_BASE_URL": base_url, "SEQUENCE_PLATFORM_BASE_URL": sandbox.platform_url}
        print(json.dumps({"SEQUENCE_API_KEY": key, **urls}), flush=True)
        sys.stdin.read()


def main(command: str, *extras: str) -> None:
    if command == "serve":
        serve()
    elif command == "call":
        for library in CLIENTS.keys() & set(extras):
            if not asyncio.run(call_over(library)):
                sys.exit(f"over {library} no account is listed")
    else:
        print(f"{import_all(extras)} modules")


if __name__ == "__main__":
    main(*sys.argv[1:])
