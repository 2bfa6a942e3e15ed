"""How much of a response is read, and what becomes of one that is too large."""

from __future__ import annotations

import gzip
import json
import sys
import tracemalloc
import zlib
from contextlib import suppress
from typing import Any

import httpx
import httpx2
import pytest
from hypothesis import given, strategies as st
from pytest_httpx import HTTPXMock

from sequence_sdk import APIResponseValidationError, ConfigurationError, ResponseLimits, SequenceClient
from sequence_sdk.bodies import Body

from ..conftest import API_KEY, Server
from ..contract.contract import SUCCESSES

ACCOUNTS = json.dumps(dict(SUCCESSES)["listAccounts"]).encode()
COMPRESSED = gzip.compress(ACCOUNTS, mtime=0)


def collect(data: bytes, headers: dict[str, str], *, limit: int = 10_000, step: int = 7) -> bytes:
    body = Body(ResponseLimits(body=limit))
    body.begin(len(headers), headers.get("content-encoding"), headers.get("content-length"))
    for start in range(0, len(data), step):
        body.feed(data[start : start + step])
    body.end()
    return body.so_far()


@given(st.lists(st.binary(max_size=500), min_size=1, max_size=4), st.integers(1, 600))
def test_what_was_compressed_comes_out_as_it_was_in_whatever_pieces(parts: list[bytes], step: int) -> None:
    compressed = b"".join(map(gzip.compress, parts))
    headers = {"content-encoding": "GZip", "content-length": str(len(compressed))}
    assert collect(compressed, headers, step=step) == b"".join(parts)


@given(st.binary(max_size=500), st.integers(1, 600))
def test_what_was_not_compressed_is_left_as_it_is(data: bytes, step: int) -> None:
    assert collect(data, {}, step=step) == collect(data, {"content-encoding": "identity"}, step=step) == data


@given(st.integers(0, 300), st.integers(1, 300), st.booleans(), st.integers(1, 50))
def test_a_body_is_read_up_to_the_limit_and_not_a_byte_further(
    size: int, limit: int, compressed: bool, step: int
) -> None:
    data = bytes(size)
    sent = gzip.compress(data) if compressed else data
    headers = {"content-encoding": "gzip"} if compressed else {}
    if size <= limit:
        assert collect(sent, headers, limit=limit, step=step) == data
    else:
        with pytest.raises(ValueError, match=f"more than the {limit} bytes"):
            collect(sent, headers, limit=limit, step=step)


@pytest.mark.parametrize(
    ("data", "problem"),
    [
        (b"plain", "content encoding is broken: .*incorrect header"),
        (COMPRESSED[:-5], "content encoding is broken: the end is missing"),
        (COMPRESSED[:40] + b"\xff" * 40, "content encoding is broken"),
        (COMPRESSED + b"more", "content encoding is broken"),
    ],
    ids=["no gzip", "cut", "damaged", "more"],
)
def test_broken_compression(data: bytes, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        collect(data, {"content-encoding": "gzip"})


def test_an_empty_body_is_empty_however_it_is_said_to_be_compressed() -> None:
    assert collect(b"", {"content-encoding": "gzip"}) == b""


@pytest.mark.parametrize("limits", [{"body": 0}, {"body": 1.5}, {"headers": 0}, {"headers": True}])
def test_limits_that_are_none_are_refused(limits: Any) -> None:
    with pytest.raises(ConfigurationError, match=f"ResponseLimits: {next(iter(limits))}"):
        ResponseLimits(**limits)
    with pytest.raises(ConfigurationError, match="response_limits must be a ResponseLimits"):
        SequenceClient(API_KEY, response_limits=limits)


@pytest.mark.anyio
@pytest.mark.parametrize("library", [httpx, httpx2])
async def test_compressed_responses_are_asked_for_and_read(anyio_backend: str, library: Any, server: Server) -> None:
    server.reply(gzip.compress(ACCOUNTS), headers={"Content-Encoding": "gzip"})
    async with (
        library.AsyncClient() as http,
        SequenceClient(API_KEY, base_url=server.base_url, http_client=http) as client,
    ):
        response = await client.accounts.list.with_response()
    assert response.content == ACCOUNTS
    assert server.asked[0].headers["Accept-Encoding"] == "gzip"


@pytest.mark.anyio
@pytest.mark.parametrize("library", [httpx, httpx2])
async def test_an_event_hook_may_have_read_the_response(anyio_backend: str, library: Any, server: Server) -> None:
    async def read(response: Any) -> None:
        await response.aread()

    server.reply(gzip.compress(ACCOUNTS), headers={"Content-Encoding": "gzip"})
    server.reply(ACCOUNTS)
    async with (
        library.AsyncClient(event_hooks={"response": [read]}) as http,
        SequenceClient(API_KEY, base_url=server.base_url, http_client=http) as client,
    ):
        assert (await client.accounts.list.with_response()).content == ACCOUNTS
        small = SequenceClient(
            API_KEY, base_url=server.base_url, http_client=http, response_limits=ResponseLimits(body=100)
        )
        with pytest.raises(APIResponseValidationError, match="more than the 100 bytes"):
            await small.accounts.list()


@pytest.mark.anyio
async def test_a_gzip_bomb_does_not_go_off(anyio_backend: str, server: Server) -> None:
    compressor = zlib.compressobj(wbits=31)
    bomb = b"".join(compressor.compress(bytes(2**20)) for _ in range(512)) + compressor.flush()
    server.reply(bomb, headers={"Content-Encoding": "gzip"})
    limits = ResponseLimits(body=2**20)
    async with SequenceClient(API_KEY, base_url=server.base_url, timeout=10, response_limits=limits) as client:
        tracemalloc.start()
        with pytest.raises(APIResponseValidationError, match="more than the 1048576 bytes") as caught:
            await client.accounts.list()
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < 16 * 2**20
    assert len(caught.value.content) == 2**20 + 1
    assert caught.value.attempts == 1


@pytest.mark.anyio
@pytest.mark.parametrize(("count", "fine"), [(40, True), (120, False)])
async def test_headers_are_counted(count: int, fine: bool, client: SequenceClient, server: Server) -> None:
    server.reply(ACCOUNTS, headers={f"X-{n}": "y" for n in range(count)})
    if fine:
        await client.accounts.list()
    else:
        with pytest.raises(APIResponseValidationError, match=r"it has 12\d headers, and 100 is the limit"):
            await client.accounts.list()


@pytest.mark.anyio
@pytest.mark.parametrize("read_by_a_hook", [False, True])
async def test_headers_of_the_same_name_are_each_counted(
    read_by_a_hook: bool, anyio_backend: str, httpx_mock: HTTPXMock
) -> None:
    async def read(response: httpx.Response) -> None:
        await response.aread()

    httpx_mock.add_response(content=ACCOUNTS, headers=[("Content-Type", "application/json"), *[("X-A", "y")] * 120])
    hooks = {"response": [read]} if read_by_a_hook else {}
    async with httpx.AsyncClient(event_hooks=hooks) as http:
        client = SequenceClient(API_KEY, http_client=http)
        with pytest.raises(APIResponseValidationError, match=r"it has 12\d headers, and 100 is the limit"):
            await client.accounts.list()


@pytest.mark.anyio
@pytest.mark.parametrize("depth", [5_000, 200_000])
@pytest.mark.parametrize(
    "place",
    [
        '{"request_id": "r", "data": %s, "page_info": null}',  # where a list is expected
        '{"request_id": "r", "data": [], "new": %s}',  # in what is not known, and skipped
    ],
)
async def test_json_that_is_nested_too_deeply(place: str, depth: int, client: SequenceClient, server: Server) -> None:
    """Python 3.14 and newer go as deep as the stack is large, and then skip what is not known."""
    nested = "[" * depth + "]" * depth
    server.reply(place % nested)
    if sys.version_info >= (3, 14) and "new" in place:
        with suppress(APIResponseValidationError):
            assert await client.accounts.list() == []
        return
    with pytest.raises(APIResponseValidationError) as caught:
        await client.accounts.list()
    assert caught.value.content == (place % nested).encode()


@pytest.mark.anyio
async def test_a_rule_that_is_nested_too_deeply(client: SequenceClient, server: Server) -> None:
    rule = json.dumps(dict(SUCCESSES)["getRule"])
    body = rule.replace('"steps": [', '"steps": [{"conditions": ' + '{"all": [' * 50_000 + "]}" * 50_000 + "},", 1)
    assert body != rule
    server.reply(body)
    with pytest.raises(APIResponseValidationError, match="nested too deeply"):
        await client.rules.get("rule_1")
