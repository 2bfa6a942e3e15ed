"""What cancelled and late calls leave in the connection pools of httpx and httpx2: nothing, over TLS and HTTP/2 too."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import anyio
import anyio.lowlevel
import httpx
import httpx2
import pytest
import trustme
from attrs import frozen

from sequence_sandbox import Sandbox
from sequence_sdk import (
    APIConnectionError,
    APIResponseValidationError,
    OutcomeUnknownError,
    RateLimit,
    ResponseLimits,
    SequenceClient,
)

from ..conftest import API_KEY
from ..faults.cells import open_sockets
from ..faults.http2 import Forwarder, HTTP2Front, offer_http2
from ..faults.libraries import Connections
from ..faults.servers import Gate, port_of, threaded
from .test_lifetime import call_and_cancel
from .test_transports import Leaving

pytestmark = [pytest.mark.anyio, pytest.mark.long]

POD, CARD = "acc_01HDEF0123", "acc_01HGHI7890"
A_TRANSFER = {"source_account_id": POD, "destination_account_id": CARD, "amount_in_cents": 5000}


@frozen
class Site:
    """A sandbox behind TLS, over HTTP/1.1 and over HTTP/2."""

    sandbox: Sandbox
    ports: dict[bool, int]
    authority: Path


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    authority = trustme.CA()
    path = tmp_path_factory.mktemp("authority") / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    sandbox = Sandbox()
    with sandbox.serve() as upstream, threaded() as thread:
        gate = Gate(("127.0.0.1", int(upstream.split(":")[2].partition("/")[0])))
        front = HTTP2Front(("127.0.0.1", port_of(thread.listen(gate.serve))))
        contexts = []
        for _ in range(2):
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            authority.issue_cert("127.0.0.1").configure_cert(context)
            contexts.append(context)
        ports = {
            False: port_of(thread.listen(gate.serve, contexts[0])),
            True: port_of(thread.listen(front.serve, offer_http2(contexts[1]))),
        }
        yield Site(sandbox, ports, path)


@pytest.fixture(params=[httpx, httpx2], ids=["httpx", "httpx2"])
def library(request: pytest.FixtureRequest) -> Any:
    return request.param


def client_of(site: Site, library: Any, *, http2: bool, connections: int) -> tuple[Any, SequenceClient]:
    http = library.AsyncClient(
        verify=ssl.create_default_context(cafile=site.authority),
        http2=http2,
        limits=library.Limits(max_connections=connections),
    )
    client = SequenceClient(
        site.sandbox.create_key(),
        base_url=f"https://127.0.0.1:{site.ports[http2]}/api/v1",
        http_client=http,
        rate_limit=RateLimit(10**6),
        timeout=20,
    )
    return http, client


async def nothing_is_left(http: Any, client: SequenceClient, sockets: int) -> None:
    """See to it that the pool serves as many calls as ever, and that all sockets are closed in the end."""
    async with anyio.create_task_group() as group:
        for _ in range(10):
            group.start_soon(client.accounts.get, POD)
    assert Connections(http).in_use() == []
    await http.aclose()
    with anyio.move_on_after(5):
        while open_sockets() > sockets:
            await anyio.sleep(0.01)
    assert open_sockets() <= sockets


@pytest.mark.parametrize("http2", [False, True], ids=["HTTP/1.1", "HTTP/2"])
@pytest.mark.parametrize("way", ["timeout", "scope"])
async def test_a_pool_outlives_any_number_of_calls_that_end_early(
    way: str, http2: bool, library: Any, site: Site, anyio_backend: str
) -> None:
    sockets, chance = open_sockets(), random.Random(0)
    http, client = client_of(site, library, http2=http2, connections=4)

    async def some() -> None:
        for _ in range(40):
            seconds = chance.uniform(0.0001, 0.02)
            try:
                if way == "timeout":
                    await client.with_options(timeout=seconds, max_retries=0).accounts.get(POD)
                else:
                    with anyio.move_on_after(seconds):
                        await client.accounts.get(POD)
            except APIConnectionError:
                continue

    async with anyio.create_task_group() as group:
        for _ in range(8):
            group.start_soon(some)
    await nothing_is_left(http, client, sockets)


async def test_a_connection_that_is_made_after_goaway_and_given_up_meanwhile_is_closed(
    library: Any, tmp_path: Path, anyio_backend: str
) -> None:
    """httpcore makes another one for the same request, by itself, and that hangs in its TLS handshake."""
    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("127.0.0.1").configure_cert(context)
    authority.cert_pem.write_to_path(str(tmp_path / "authority.pem"))
    sockets, connected = open_sockets(), 0
    with threaded() as thread:
        forwarder = Forwarder(("127.0.0.1", port_of(thread.listen(Leaving().serve, offer_http2(context)))))

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal connected
            connected += 1
            if connected == 1:
                await forwarder.serve(reader, writer)
            else:
                await reader.read()  # and never respond
                writer.close()

        port = port_of(thread.listen(serve))
        http = library.AsyncClient(verify=ssl.create_default_context(cafile=tmp_path / "authority.pem"), http2=True)
        client = SequenceClient(API_KEY, base_url=f"https://127.0.0.1:{port}", http_client=http, max_retries=0)
        await client.accounts.list()
        with pytest.raises(OutcomeUnknownError):
            await client.with_options(timeout=0.5).transfers.create(**A_TRANSFER)
        await http.aclose()
        with anyio.move_on_after(5):
            while open_sockets() > sockets + 4:  # the servers' listening ones, and the loop's own pair
                await anyio.sleep(0.01)
        ours = open_sockets()
    assert connected == 2
    assert ours <= sockets + 4


async def test_calls_that_are_cancelled_over_http2_do_not_end_others(
    library: Any, site: Site, anyio_backend: str
) -> None:
    """A stream that is cancelled stays open for the server: after a hundred of them httpx could send nothing more."""
    sockets = open_sockets()
    http, client = client_of(site, library, http2=True, connections=10)
    done: list[str] = []

    async def live() -> None:
        while len(done) < 250:
            done.append((await client.accounts.get(POD)).id)

    async with anyio.create_task_group() as group:
        for _ in range(4):
            group.start_soon(live)
        for number in range(200):
            write = number % 3 == 0
            await call_and_cancel(
                (lambda: client.transfers.create(**A_TRANSFER)) if write else (lambda: client.accounts.get(POD)),
                number % 40,
            )
    assert len(done) >= 250
    await nothing_is_left(http, client, sockets)


@pytest.mark.parametrize("step", range(40, 130, 10))
async def test_a_call_that_is_cancelled_while_a_connection_is_set_up_for_it_does_not_end_the_next(
    step: int, library: Any, site: Site, anyio_backend: str
) -> None:
    """For each stream that the server has not allowed yet httpcore takes a permit, and can be cancelled at that."""
    sockets = open_sockets()
    http, client = client_of(site, library, http2=True, connections=1)
    async with anyio.create_task_group() as group:
        group.start_soon(call_and_cancel, lambda: client.accounts.get(POD), step)
        await anyio.lowlevel.checkpoint()
        # It may come just when the other's connection is closed, which another attempt mends.
        group.start_soon(client.with_options(max_retries=2).accounts.get, POD)
    with anyio.fail_after(15):  # less than the timeout, which would free the connection
        await nothing_is_left(http, client, sockets)


async def test_lists_that_are_left_early_do_not_use_a_connection_up(
    library: Any, site: Site, anyio_backend: str
) -> None:
    sockets = open_sockets()
    http, client = client_of(site, library, http2=True, connections=10)
    for _ in range(110):
        async for _ in client.transfers.list(account_id=POD, first=5):
            break  # the next page is on its way
    await nothing_is_left(http, client, sockets)


async def test_a_body_that_is_not_read_to_its_end_does_not_use_a_connection_up(
    library: Any, site: Site, anyio_backend: str
) -> None:
    """What still arrives for it would use up what may arrive over the connection at all."""
    sockets = open_sockets()
    http, client = client_of(site, library, http2=True, connections=10)
    small = SequenceClient(
        site.sandbox.create_key(),
        base_url=client.base_url,
        http_client=http,
        response_limits=ResponseLimits(body=100),
        max_retries=0,
    )
    for _ in range(30):
        with pytest.raises(APIResponseValidationError, match="bytes that are the limit"):
            await small.transfers.list(account_id=POD).collect()
    await nothing_is_left(http, client, sockets)
