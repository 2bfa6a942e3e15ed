"""Shows what all cells stand on: sandboxes that are served, the gates before them, and certificates."""

from __future__ import annotations

import asyncio
import re
import socket
import ssl
from collections import Counter
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias, get_args
from urllib.parse import urlsplit

import httpx
import trustme
from attrs import frozen

from sequence_sandbox import Sandbox

from .http2 import HTTP2Front, offer_http2
from .libraries import HTTP2, LIBRARIES, Library
from .servers import Door, Gate, Serve, Thread, Way, port_of, threaded

API: TypeAlias = Literal["v1", "platform"]
Spot: TypeAlias = tuple[API, Library]
"""What calls are made with: the client of an API, over a library."""

SPOTS: tuple[Spot, ...] = tuple((api, library) for api in get_args(API) for library in LIBRARIES)

BASE_PATHS: dict[API, str] = {"v1": "/api/v1", "platform": "/platform/v1"}

OPERATIONS = ("getAccount", "listTransfers", "createTransfer", "triggerRule", "createAccount")

LISTED = "acc_01HABC4567"
"""The account whose transfers are listed: no cell moves money to it or from it."""

PAGE = 8
"""How many transfers of the list a page holds."""


def host_of(spot: Spot, operation: str) -> str:
    """A name that leads to this machine where the resolver of the matrix says so, and nowhere else."""
    api, library = spot
    return f"{operation.lower()}.{'-'.join(re.findall('[a-z0-9]+', library.lower()))}.{api}.invalid"


HOSTS = [host_of(spot, operation) for spot in SPOTS for operation in OPERATIONS]


class Names:
    """A resolver of these names, which fails to as often as it is told to."""

    def __init__(self) -> None:
        self.left: dict[str, float] = {}
        """How often it still fails, by name."""
        self.failed: Counter[str] = Counter()
        self._others = socket.getaddrinfo

    def resolve(self, host: Any, *arguments: Any, **options: Any) -> Any:
        """What stands for `socket.getaddrinfo`: the resolvers of the wild may take their time to find no such name."""
        name = host.decode() if isinstance(host, bytes) else host
        if name not in HOSTS:
            return self._others(host, *arguments, **options)
        numeric = options.get("flags", arguments[4] if len(arguments) > 4 else 0) & socket.AI_NUMERICHOST
        if numeric:  # trio's way of asking whether this is a name at all
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        if self.left.get(name, 0) < 1:
            return self._others("127.0.0.1", *arguments, **options)
        self.left[name] -= 1
        self.failed[name] += 1
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


@frozen(kw_only=True)
class Site:
    """What a client's calls over one library are sent to: a sandbox behind a gate, and what speaks their HTTP."""

    api: API
    library: Library
    sandbox: Sandbox
    gate: Gate
    thread: Thread
    serve: Serve
    """Serves a connection of a client."""
    context: ssl.SSLContext | None
    """For TLS, where the library needs it."""
    port: int
    """Where clients are served."""
    ports: dict[Way, int]
    """Behind TLS: with a certificate that is trusted, and with another."""
    authority: Path
    """The certificate that clients trust."""
    names: Names
    listed: list[str]
    """The transfers of v1's list, newest first."""

    @property
    def base_path(self) -> str:
        return BASE_PATHS[self.api]

    def listen(self, held: socket.socket | None = None) -> asyncio.Server:
        """Serve clients on a port of their own, or on the one that a socket is bound to."""
        return self.thread.listen(self.serve, self.context, held)

    def url(self, port: int) -> str:
        """Where the API is for clients, by the port."""
        return f"http{'s' if self.context else ''}://127.0.0.1:{port}{self.base_path}"

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
def open_sites(folder: Path) -> Generator[dict[Spot, Site]]:
    """Make a site for each client and library; certificates are kept in the folder."""
    authorities = {way: trustme.CA() for way in ("on", "untrusted")}
    authority = folder / "authority.pem"
    authorities["on"].cert_pem.write_to_path(str(authority))
    names = Names()
    with threaded() as thread, ExitStack() as stack:
        sites: dict[Spot, Site] = {}
        for api, library in SPOTS:
            sandbox = Sandbox()
            sandbox.advance((datetime.now(UTC) - sandbox.clock.now()).total_seconds())  # candidates are of today
            upstream = stack.enter_context(sandbox.serve())
            gate = Gate(("127.0.0.1", urlsplit(upstream).port or 0))
            serve: Serve = gate.serve
            contexts = {way: certified(one) for way, one in authorities.items()}
            if library in HTTP2:
                serve = HTTP2Front(("127.0.0.1", port_of(thread.listen(gate.serve)))).serve
                contexts = {way: offer_http2(context) for way, context in contexts.items()}
            sites[api, library] = Site(
                api=api,
                library=library,
                sandbox=sandbox,
                gate=gate,
                thread=thread,
                serve=serve,
                context=contexts["on"] if library in HTTP2 else None,
                port=port_of(thread.listen(serve, contexts["on"] if library in HTTP2 else None)),
                ports={
                    "on": port_of(thread.listen(serve, contexts["on"])),
                    "untrusted": port_of(thread.listen(serve, contexts["untrusted"])),
                },
                authority=authority,
                names=names,
                listed=list_transfers(upstream, sandbox.create_key()) if api == "v1" else [],
            )
        yield sites


def certified(authority: trustme.CA) -> ssl.SSLContext:
    """What a server needs to show a certificate that an authority signed."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1", *HOSTS).configure_cert(context)
    return context


def list_transfers(base_url: str, key: str) -> list[str]:
    """The list as the server gives it, asked for without the SDK."""
    query: dict[str, str] = {"account_id": LISTED, "first": str(PAGE)}
    found: list[str] = []
    with httpx.Client(headers={"Authorization": f"ApiKey {key}"}) as http:
        while True:
            response = http.get(f"{base_url}/transfers", params=query).json()
            found += [transfer["id"] for transfer in response["data"]]
            if not response["page_info"]["has_next_page"]:
                return found
            query["after"] = response["page_info"]["end_cursor"]
