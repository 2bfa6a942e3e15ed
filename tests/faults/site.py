"""Shows what all cells stand on: a sandbox that is served, the gate before it, and certificates."""

from __future__ import annotations

import socket
import ssl
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import trustme
from attrs import frozen

from sequence_sandbox import Sandbox

from .servers import Door, Gate, Thread, Way, port_of, threaded

OPERATIONS = ("getAccount", "listTransfers", "createTransfer", "triggerRule")

LISTED = "acc_01HABC4567"
"""The account whose transfers are listed: no cell moves money to it or from it."""

PAGE = 8
"""How many transfers of the list a page holds."""


def host_of(operation: str) -> str:
    """A name that leads to the gate where the resolver of the matrix says so, and nowhere else."""
    return f"{operation.lower()}.invalid"


class Names:
    """A resolver of the names that lead to the gate, which fails to as often as it is told to."""

    def __init__(self) -> None:
        self.left: dict[str, float] = {}
        """How often it still fails, by operation."""
        self.failed: Counter[str] = Counter()
        self._others = socket.getaddrinfo

    def resolve(self, host: Any, *arguments: Any, **options: Any) -> Any:
        """What stands for `socket.getaddrinfo`: the resolvers of the wild may take their time to find no such name."""
        name = host.decode() if isinstance(host, bytes) else host
        operation = next((one for one in OPERATIONS if host_of(one) == name), None)
        if operation is None:
            return self._others(host, *arguments, **options)
        numeric = options.get("flags", arguments[4] if len(arguments) > 4 else 0) & socket.AI_NUMERICHOST
        if numeric:  # trio's way of asking whether this is a name at all
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if self.left.get(operation, 0) < 1:
            return self._others("127.0.0.1", *arguments, **options)
        self.left[operation] -= 1
        self.failed[operation] += 1
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@frozen(kw_only=True)
class Site:
    """A sandbox behind a gate."""

    sandbox: Sandbox
    gate: Gate
    thread: Thread
    base_url: str
    """Of the gate."""
    ports: dict[Way, int]
    """Of the gate behind TLS: with a certificate that is trusted, and with another."""
    authority: Path
    """The certificate that clients trust."""
    names: Names
    listed: list[str]
    """The transfers of the list, newest first."""

    @contextmanager
    def door(self) -> Generator[tuple[Door, int]]:
        """A door, and its port."""
        door = Door(self.ports)
        server = self.thread.listen(door.serve)
        try:
            yield door, port_of(server)
        finally:
            self.thread.loop.call_soon_threadsafe(server.close)


@contextmanager
def open_site(folder: Path) -> Generator[Site]:
    """Make a site; certificates are kept in the folder."""
    trusted, untrusted = (make_certificate(folder / name) for name in ("trusted", "untrusted"))
    sandbox = Sandbox()
    with sandbox.serve() as upstream, threaded() as thread:
        parts = urlsplit(upstream)
        gate = Gate((str(parts.hostname), int(parts.port or 0)))
        plain = thread.listen(gate.serve)
        yield Site(
            sandbox=sandbox,
            gate=gate,
            thread=thread,
            base_url=f"http://127.0.0.1:{port_of(plain)}{parts.path}",
            ports={
                "on": port_of(thread.listen(gate.serve, trusted[1])),
                "untrusted": port_of(thread.listen(gate.serve, untrusted[1])),
            },
            authority=trusted[0],
            names=Names(),
            listed=list_transfers(upstream, sandbox.create_key()),
        )


def make_certificate(folder: Path) -> tuple[Path, ssl.SSLContext]:
    """The certificate of an authority, and what a server needs to show one that it signed."""
    folder.mkdir(parents=True)
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", *map(host_of, OPERATIONS)).configure_cert(context)
    return folder / "authority.pem", context


def list_transfers(base_url: str, key: str) -> list[str]:
    """The list as the server gives it, asked for without the SDK."""
    query: dict[str, str] = {"account_id": LISTED, "first": str(PAGE)}
    found: list[str] = []
    with httpx.Client(headers={"Authorization": f"ApiKey {key}"}) as http:
        while True:
            answer = http.get(f"{base_url}/transfers", params=query).json()
            found += [transfer["id"] for transfer in answer["data"]]
            if not answer["page_info"]["has_next_page"]:
                return found
            query["after"] = answer["page_info"]["end_cursor"]
