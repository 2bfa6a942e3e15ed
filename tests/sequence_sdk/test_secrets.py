"""The API key is sent to the API, and shown nowhere."""

from __future__ import annotations

import copy
import io
import json
import logging
import pickle
import traceback
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from sequence_sdk import ConfigurationError, SequenceClient, SequenceError

from ..conftest import API_KEY, Server
from ..contract.contract import SEEDS

SECRET = API_KEY


def texts(thing: object, depth: int = 6) -> Iterator[str]:
    """What a curious program may print of a thing: repr, str, vars(), attributes in slots, and theirs."""
    yield repr(thing)
    yield str(thing)
    if depth == 0 or isinstance(thing, str | bytes | int | float | type | None):
        return
    members: list[object] = list(getattr(thing, "__dict__", {}).values())
    if attrs.has(type(thing)):
        members += [getattr(thing, field.name) for field in attrs.fields(type(thing)) if field.name != "connection"]
    if isinstance(thing, dict):
        members += [*thing.keys(), *thing.values()]
    if isinstance(thing, list | tuple | set):
        members += list(thing)
    for member in members:
        yield from texts(member, depth - 1)


def traceback_of(error: BaseException) -> str:
    """A traceback as tools such as Sentry make one: with the locals of every frame."""
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


@pytest.mark.anyio
async def test_no_repr_or_attribute_shows_the_key(client: SequenceClient, server: Server) -> None:
    server.reply(json.dumps(SEEDS["getAccount"]["200"]))
    response = await client.accounts.get.with_response("acc_01HGHI7890")
    options = client.with_options(headers={"X-A": "b"})
    things = [
        client,
        options,
        client.accounts,
        client.accounts.get,
        client.transfers.list(account_id="acc_01HGHI7890"),
        response,
    ]
    for thing in things:
        assert not [text for text in texts(thing) if SECRET in text]
    assert not [text for text in texts(client._session.connection.transport.http, 2) if SECRET in text]


@pytest.mark.anyio
async def test_no_log_record_shows_the_key(
    client: SequenceClient, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    caplog.set_level(logging.DEBUG)
    try:
        server.reply(json.dumps(SEEDS["getAccount"]["200"]))
        await client.accounts.get("acc_01HGHI7890")
        server.reply("", 500)
        with pytest.raises(SequenceError):
            await client.accounts.get("acc_01HGHI7890")
    finally:
        logging.getLogger().removeHandler(handler)
    assert any(record.name.startswith("httpcore") for record in caplog.records)
    assert SECRET not in stream.getvalue()
    assert not [record for record in caplog.records if SECRET in f"{record.getMessage()}{vars(record)}"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "case", ["status", "forbidden", "response", "argument", "timeout", "connection", "page", "closed"]
)
async def test_no_exception_or_traceback_shows_the_key(anyio_backend: str, case: str, server: Server) -> None:
    base_url = "http://127.0.0.1:1" if case == "connection" else server.base_url
    async with SequenceClient(API_KEY, base_url=base_url, timeout=0.2 if case == "timeout" else 5) as client:
        match case:
            case "status":
                server.reply('{"error": {"code": "unauthorized", "message": "No."}}', 401)
            case "forbidden":
                server.reply('{"error": {"code": "forbidden", "message": "No."}}', 403)
            case "response":
                server.reply("{}")
            case "timeout":
                server.reply("{}", before=lambda: __import__("time").sleep(0.5))
            case "page":
                server.reply("", 500)
            case "closed":
                await client.aclose()
        with pytest.raises(ValueError if case == "argument" else SequenceError) as caught:
            if case == "page":
                await client.transfers.list(account_id="acc_01HGHI7890").collect()
            else:
                await client.accounts.get("" if case == "argument" else "acc_01HGHI7890")
    error = caught.value
    # The frames of this test itself are left out: it holds the key in a global, as programs do in a variable.
    shown = "".join(part for part in traceback_of(error).split("File ") if "tests/sequence_sdk" not in part)
    assert "sequence_sdk" in shown or "sequence_api_client" in shown
    assert SECRET not in shown
    assert not [text for text in texts(error, 3) if SECRET in text]
    assert SECRET.encode() not in pickle.dumps(error)


@pytest.mark.parametrize(
    "arguments",
    [
        {"api_key": f"{SECRET}\n"},
        {"api_key": f"ApiKey {SECRET}"},
        {"api_key": SECRET, "base_url": "http://example.com"},
        {"api_key": SECRET, "base_url": "nonsense"},
        {"api_key": SECRET, "timeout": -1},
        {"api_key": SECRET, "permissions": []},
        {"base_url": "nonsense"},
        {"timeout": -1},
    ],
)
def test_a_client_that_cannot_be_made_does_not_show_the_key(
    arguments: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQUENCE_API_KEY", SECRET)
    try:
        SequenceClient(**arguments)
    except ConfigurationError as error:
        report = traceback_of(error)
    frames = [part for part in report.split("File ") if "tests/sequence_sdk" not in part]
    assert len(frames) > 1
    assert SECRET not in "".join(frames)


def test_a_client_is_neither_pickled_nor_copied() -> None:
    client = SequenceClient(API_KEY)
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be pickled"):
            attempt(client)
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(client._session)


@pytest.mark.anyio
async def test_the_key_goes_to_the_configured_origin_only(client: SequenceClient, server: Server) -> None:
    elsewhere = Server()
    try:
        server.reply("", 308, headers={"Location": f"{elsewhere.base_url}/accounts/acc_01HGHI7890"})
        with pytest.raises(SequenceError):
            await client.accounts.get("acc_01HGHI7890")
        assert elsewhere.asked == []
    finally:
        elsewhere.stop()
