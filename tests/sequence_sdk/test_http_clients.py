"""An HTTP client that others use as well, with hooks, cookies and headers: what only the SDK sets stays as it is."""

from __future__ import annotations

import asyncio
import json
import uuid
import warnings
from typing import Any

import aiohttp
import httpx
import httpx2
import pytest
from msgspec.structs import replace

from sequence_api_client import api
from sequence_sdk import APIError, APITimeoutError, ConfigurationError, SequenceClient
from sequence_sdk.session import shared

from ..conftest import API_KEY, Reply, Server
from ..contract.contract import SUCCESSES
from ..sequence_sandbox.test_writes import A_TRANSFER

RESPONSES = {name: json.dumps(payload) for name, payload in SUCCESSES}

pytestmark = pytest.mark.asyncio


def by_name(server: Server) -> str:
    """The server's URL by the name of its host: for addresses, aiohttp keeps no cookies."""
    return server.base_url.replace("127.0.0.1", "localhost")


@pytest.mark.parametrize("own", [{}, {"Cookie": "of=the session"}])
async def test_cookies_of_one_key_do_not_go_along_with_another(own: dict[str, str], server: Server) -> None:
    server.response = lambda asked: Reply(
        RESPONSES["listAccounts"], headers={"Set-Cookie": f"sid={asked.headers['Authorization'].split()[-1]}; Path=/"}
    )
    async with aiohttp.ClientSession(headers=own) as session:
        for key in ("key_of_alice", "key_of_bob"):
            await SequenceClient(key, base_url=by_name(server), http_client=session).accounts.list()
    assert [asked.headers.get("Cookie") for asked in server.asked] == [own.get("Cookie")] * 2


async def pays_with_one_key(server: Server, http: Any) -> None:
    server.reply("<html>", 502)
    server.reply(RESPONSES["createTransfer"], 201)
    client = SequenceClient(API_KEY, base_url=server.base_url, http_client=http)
    response = await client.transfers.create.with_response(**A_TRANSFER)
    sent = [asked.headers.get_all("Idempotency-Key") for asked in server.asked]
    assert sent == [[response.idempotency_key]] * 2
    assert len({asked.headers["X-Request-ID"] for asked in server.asked}) == 1


@pytest.mark.parametrize("change", ["set", "add", "remove"])
async def test_a_middleware_gives_no_attempt_of_a_payment_another_key(change: str, server: Server) -> None:
    async def stamp(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        for name in ("Idempotency-Key", "X-Request-ID"):
            match change:
                case "set":
                    request.headers[name] = str(uuid.uuid4())
                case "add":
                    request.headers.add(name.lower(), str(uuid.uuid4()))
                case _:
                    del request.headers[name]
        return await handler(request)

    async with aiohttp.ClientSession(middlewares=(stamp,)) as session:
        await pays_with_one_key(server, session)


@pytest.mark.parametrize("change", ["set", "add", "remove"])
@pytest.mark.parametrize("by", ["a trace", "a session whose request is wrapped"])
async def test_nothing_else_gives_an_attempt_of_a_payment_another_key(by: str, change: str, server: Server) -> None:
    def stamp(headers: Any) -> None:
        for name in ("Idempotency-Key", "X-Request-ID"):
            match change:
                case "set":
                    headers[name] = str(uuid.uuid4())
                case "add":
                    headers.add(name.lower(), str(uuid.uuid4()))
                case _:
                    del headers[name]

    async def begin(session: object, context: object, params: aiohttp.TraceRequestStartParams) -> None:
        stamp(params.headers)

    trace = aiohttp.TraceConfig()
    trace.on_request_start.append(begin)
    async with aiohttp.ClientSession(trace_configs=[trace] if by == "a trace" else []) as session:
        if by != "a trace":
            original: Any = session._request

            async def wrapped(*args: Any, **kwargs: Any) -> Any:
                stamp(kwargs["headers"])
                return await original(*args, **kwargs)

            vars(session)["_request"] = wrapped  # as tools do that measure
        await pays_with_one_key(server, session)


@pytest.mark.parametrize("library", [httpx, httpx2])
@pytest.mark.parametrize("change", ["set", "remove"])
async def test_an_event_hook_gives_no_attempt_of_a_payment_another_key(
    change: str, library: Any, server: Server
) -> None:
    async def stamp(request: Any) -> None:
        for name in ("Idempotency-Key", "X-Request-ID"):
            if change == "set":
                request.headers[name] = str(uuid.uuid4())
            else:
                del request.headers[name]

    async with library.AsyncClient(event_hooks={"request": [stamp]}) as http:
        await pays_with_one_key(server, http)


@pytest.mark.parametrize("library", [httpx, httpx2])
async def test_an_event_hook_gives_a_read_no_key_and_may_add_headers_of_its_own(library: Any, server: Server) -> None:
    async def stamp(request: Any) -> None:
        request.headers["Idempotency-Key"] = request.headers["X-Trace"] = "theirs"

    server.reply(RESPONSES["listAccounts"])
    async with library.AsyncClient(event_hooks={"request": [stamp]}) as http:
        await SequenceClient(API_KEY, base_url=server.base_url, http_client=http).accounts.list()
    assert (server.asked[0].headers.get("Idempotency-Key"), server.asked[0].headers["X-Trace"]) == (None, "theirs")


async def test_a_session_that_adds_to_the_headers_it_is_given_adds_no_key(server: Server) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # aiohttp advises against subclasses

        class Stamping(aiohttp.ClientSession):
            async def _request(self, *args: Any, **kwargs: Any) -> Any:
                kwargs["headers"]["Idempotency-Key"] = "theirs"
                return await super()._request(*args, **kwargs)

    server.reply(RESPONSES["listAccounts"])
    async with Stamping() as session:
        await SequenceClient(API_KEY, base_url=server.base_url, http_client=session).accounts.list()
    assert server.asked[0].headers.get("Idempotency-Key") is None


@pytest.mark.parametrize("name", ["Content-Length", "HOST", "transfer-encoding"])
async def test_a_session_that_would_frame_every_request_alike_is_refused(name: str) -> None:
    async with aiohttp.ClientSession(headers={name: "3"}) as session:
        with pytest.raises(ConfigurationError, match=f"(?i)whose headers set {name} for every request"):
            SequenceClient(API_KEY, http_client=session)


async def test_a_timeout_of_a_middleware_is_not_said_to_be_the_clients(server: Server) -> None:
    async def hurry(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        raise TimeoutError("the middleware's own")

    async with aiohttp.ClientSession(middlewares=(hurry,)) as session:
        client = SequenceClient(API_KEY, base_url=server.base_url, http_client=session, timeout=60, max_retries=0)
        with pytest.raises(APITimeoutError, match="the middleware's own") as caught:
            await client.accounts.list()
    assert "seconds" not in str(caught.value)


async def test_a_key_that_is_echoed_in_the_name_of_a_header_is_not_shown(server: Server) -> None:
    server.reply("{}", 404, headers={f"X-{API_KEY}": "1"})
    client = SequenceClient(API_KEY, base_url=server.base_url, max_retries=0)
    with pytest.raises(APIError) as caught:
        await client.accounts.list()
    await client.aclose()
    shown = repr(caught.value.headers)  # type: ignore[attr-defined]
    assert "x-…" in shown
    assert API_KEY.lower() not in shown


@pytest.mark.parametrize("library", [httpx, httpx2])
async def test_a_header_of_a_call_takes_the_place_of_the_clients(library: Any, server: Server) -> None:
    server.reply(RESPONSES["listAccounts"])
    request = replace(api.list_accounts().request, headers={"x-trace": "of the call", "user-agent": "me"})
    async with library.AsyncClient(headers={"X-Trace": "of the HTTP client"}) as http:
        await SequenceClient(API_KEY, base_url=server.base_url, http_client=http).send(request)
    asked = server.asked[0].headers
    assert (asked.get_all("X-Trace"), asked.get_all("User-Agent")) == (["of the call"], ["me"])


async def test_headers_that_somebody_has_chosen_are_gone_with_the_client(server: Server) -> None:
    shared.cache_clear()
    async with httpx.AsyncClient(headers={"X-Gateway": "secret of the gateway"}) as http:
        one = SequenceClient(API_KEY, base_url=server.base_url, http_client=http)
        one.with_options(headers={"X-Secret": "secret of ours"})
        await asyncio.sleep(0)
    async with httpx.AsyncClient() as http:
        SequenceClient(API_KEY, base_url=server.base_url, http_client=http)
        SequenceClient("another_key", base_url=server.base_url, http_client=http)
    assert shared.cache_info().currsize == 1
