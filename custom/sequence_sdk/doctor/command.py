"""The command `doctor`: its arguments, the environment, and what it prints."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import sys
from collections.abc import Mapping

from sequence_runtime import to_builtins

from .._version import __version__
from ..client import Client
from ..errors import ConfigurationError
from ..platform.client import PlatformClient
from ..v1.client import SequenceClient
from .differences import NOT_SHOWN
from .examination import examine
from .report import Examined, Skipped, lines, report

CLIENTS: Mapping[str, type[Client]] = {one.contract.short_name: one for one in (SequenceClient, PlatformClient)}
KEY = SequenceClient.contract.api_key_variable

PART = 8
"""How many letters and digits of the key, one after the other, are not shown."""

DESCRIPTION = f"""\
Say which APIs a key opens, which of its scopes answer, and what is unexpected. It only reads, and shows no value of the
organization's. The key is taken from the environment variable {KEY}; without one, each API is asked whether it lives.
"""
EPILOG = """\
It ends with 0 where an API accepts the key and nothing is broken (without a key: where an API lives), with 1 where none
does or something is broken, and with 2 where it was not asked rightly.
"""


def targets(
    api: str, options: Mapping[str, str | None], environment: Mapping[str, str]
) -> tuple[dict[str, str | None], list[Skipped]]:
    """Which APIs to examine, and where: None for where production is, or what the environment says; and which not.

    Where only one of both is pointed elsewhere, the key is meant for that: the other one would be production.

    Args:
        api: The name of one, or `both`.
        options: The addresses of the command line, by API.
        environment: Variables by name.
    """
    if api != "both":
        return {api: options[api]}, []
    variables = {name: client.contract.base_url_variable for name, client in CLIENTS.items()}
    pointed = [name for name in CLIENTS if options[name] or environment.get(variables[name])]
    chosen = pointed or list(CLIENTS)
    skipped = [
        Skipped(
            name,
            f"only {pointed[0]} is pointed elsewhere, and the key would go to production: set {variables[name]}, "
            f"or give {flag(name)}, or --api {name} with one of these",
        )
        for name in CLIENTS
        if name not in chosen
    ]
    return {name: options[name] for name in chosen}, skipped


def flag(api: str) -> str:
    """The option for an API's address."""
    return "--base-url" if api == next(iter(CLIENTS)) else f"--{api}-base-url"


def add_to(
    commands: argparse._SubParsersAction[argparse.ArgumentParser],  # pyright: ignore[reportPrivateUsage]
) -> None:
    """Add the command to a parser's."""
    says = "say which APIs a key opens, and what is unexpected"
    parser = commands.add_parser("doctor", help=says, description=DESCRIPTION, epilog=EPILOG)
    parser.add_argument("--api", choices=[*CLIENTS, "both"], default="both", help="what to examine (default: both)")
    for name, client in CLIENTS.items():
        variable = client.contract.base_url_variable
        where = f"where {name} is (default: {variable}, production)"
        parser.add_argument(flag(name), dest=f"address_{name}", metavar="URL", help=where)
    compare = "compare all that can be read with the contract, and list the differences, without any values"
    parser.add_argument("--contract", action="store_true", help=compare)
    parser.add_argument("--json", action="store_true", help="print the report as JSON")
    parser.set_defaults(run=run)


def run(given: argparse.Namespace) -> int:
    """Examine what was asked for, print the report, and give the exit code."""
    options = {name: getattr(given, f"address_{name}") for name in CLIENTS}
    addresses, skipped = targets(given.api, options, os.environ)
    key = os.environ.get(KEY) or None
    try:
        examined = asyncio.run(examine_all(addresses, key, contract=given.contract))
    except ConfigurationError as error:
        print(f"doctor: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    tell("")
    found = report(examined, skipped, key_given=key is not None, sdk_version=__version__)
    shown = json.dumps(to_builtins(found), indent=2) if given.json else "\n".join(lines(found))
    print(without(key or "", shown))
    return found.exit_code


def without(key: str, text: str) -> str:
    """A text without words that have a part of the key in them, however a server spells it."""
    plain = _plain(key)
    parts = {plain[begin : begin + PART] for begin in range(len(plain) - PART + 1)}
    return re.sub(
        r"[\w-]+", lambda found: NOT_SHOWN if any(part in _plain(found[0]) for part in parts) else found[0], text
    )


def _plain(text: str) -> str:
    return re.sub(r"[^a-z0-9]", "", text.lower())


async def examine_all(addresses: Mapping[str, str | None], key: str | None, *, contract: bool) -> list[Examined]:
    """What is found of some APIs, one after the other.

    Raises:
        ConfigurationError: The key or an address cannot be used.
    """
    found: list[Examined] = []
    for name, address in addresses.items():
        found.append(await examine(CLIENTS[name], address, key=key, contract=contract, tell=tell))
    return found


def tell(what: str) -> None:
    """On a terminal, say what is done, in place of what was said before."""
    if sys.stderr.isatty():
        print(f"\r\033[K{what}", end="", file=sys.stderr, flush=True)
