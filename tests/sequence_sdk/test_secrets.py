"""The API key is sent to the API, and shown nowhere."""

from __future__ import annotations

import copy
import io
import json
import logging
import pickle
import re
import traceback
from collections.abc import Iterator
from typing import Any

import attrs
import pytest

from sequence_sdk import APIError, ConfigurationError, PlatformClient, SequenceClient, SequenceError

from ..conftest import API_KEY, Reply, Server
from ..contract.apis import API

SECRET = API_KEY

NUMBER = "021000021987"
"""Of an account."""


def texts(thing: object, depth: int = 6) -> Iterator[str]:
    """What a curious program may print of a thing: repr, str, vars(), attributes in slots, and theirs."""
    yield repr(thing)
    yield str(thing)
    if depth == 0 or isinstance(thing, str | bytes | int | float | type | None):
        return
    members: list[object] = list(getattr(thing, "__dict__", {}).values())
    if attrs.has(type(thing)):
        members += [getattr(thing, field.name) for field in attrs.fields(type(thing)) if field.name != "connection"]
    members += [getattr(thing, name) for name in getattr(thing, "__struct_fields__", ())]
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
async def test_no_repr_or_attribute_shows_the_key(either: Any, api: API, server: Server) -> None:
    server.reply(json.dumps(api.example("getAccount")))
    response = await either.accounts.get.with_response(api.account)
    options = either.with_options(headers={"X-A": "b"})
    things = [either, options, either.accounts, either.accounts.get, transfers_of(either, api), response]
    for thing in things:
        assert not [text for text in texts(thing) if SECRET in text]
    assert not [text for text in texts(either._session.connection.transport.http, 2) if SECRET in text]


def transfers_of(client: Any, api: API) -> Any:
    """The list of an account's transfers."""
    of = {"account_id": api.account} if api.name == "v1" else {"account_ids": [api.account]}
    return client.transfers.list(**of)


@pytest.mark.anyio
async def test_no_log_record_shows_the_key(
    either: Any, api: API, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logging.getLogger().addHandler(handler)
    caplog.set_level(logging.DEBUG)
    try:
        server.reply(json.dumps(api.example("getAccount")))
        await either.accounts.get(api.account)
        server.reply("", 500)
        with pytest.raises(SequenceError):
            await either.accounts.get(api.account)
    finally:
        logging.getLogger().removeHandler(handler)
    assert any(record.name.startswith("httpcore") for record in caplog.records)
    assert SECRET not in stream.getvalue()
    assert not [record for record in caplog.records if SECRET in f"{record.getMessage()}{vars(record)}"]


@pytest.mark.anyio
@pytest.mark.parametrize(
    "case", ["status", "forbidden", "response", "argument", "timeout", "connection", "page", "closed"]
)
async def test_no_exception_or_traceback_shows_the_key(anyio_backend: str, case: str, api: API, server: Server) -> None:
    base_url = "http://127.0.0.1:1" if case == "connection" else server.origin + api.base_path
    async with api.client(API_KEY, base_url=base_url, timeout=0.2 if case == "timeout" else 5) as client:
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
                await transfers_of(client, api).collect()
            else:
                await client.accounts.get("" if case == "argument" else api.account)
    error = caught.value
    # The frames of this test itself are left out: it holds the key in a global, as programs do in a variable.
    shown = "".join(part for part in traceback_of(error).split("File ") if "tests/sequence_sdk" not in part)
    assert "sequence_sdk" in shown or "_client/" in shown
    assert SECRET not in shown
    assert not [text for text in texts(error, 3) if SECRET in text]
    assert SECRET.encode() not in pickle.dumps(error)


@pytest.mark.anyio
async def test_no_text_shows_an_account_number(
    either: Any, api: API, server: Server, caplog: pytest.LogCaptureFixture
) -> None:
    """Its owner's bank knows it, and logs need not."""
    caplog.set_level(logging.DEBUG)
    payload = api.example("getAccount")
    for name in ("routing_number", "bank_account_number", "routingNumber", "bankAccountNumber"):
        if name in payload["data"]:
            payload = {**payload, "data": {**payload["data"], name: f"{NUMBER} of {name}"}}
    server.reply(json.dumps(payload))
    response = await either.accounts.get.with_response(api.account)
    assert NUMBER in response.data.bank_account_number
    shown = [repr(response), str(response), repr(response.data), str(response.data), caplog.text]
    for reply in (
        Reply(re.sub(r'("created_?at": )"[^"]*"', r'\g<1>"soon"', json.dumps(payload), flags=re.IGNORECASE)),
        Reply(json.dumps(payload), content_type="text/plain"),
        Reply(json.dumps(payload), 500),
        Reply(json.dumps(payload).replace(api.account, "another")),
        Reply(json.dumps(payload)[:-1]),
    ):
        server.replies.append(reply)
        with pytest.raises(APIError) as caught:
            await either.accounts.get(api.account)
        assert NUMBER.encode() in caught.value.content  # type: ignore[attr-defined]
        frames = [part for part in traceback_of(caught.value).split("File ") if "tests/sequence_sdk" not in part]
        shown += [str(caught.value), repr(caught.value), *frames]
    assert caplog.records
    assert not [text for text in [*shown, caplog.text] if NUMBER in text]


BAD_ARGUMENTS: list[dict[str, Any]] = [
    {"api_key": f"{SECRET}\n"},
    {"api_key": f"ApiKey {SECRET}"},
    {"api_key": f"Bearer {SECRET}"},
    {"api_key": SECRET, "base_url": "http://example.com"},
    {"api_key": SECRET, "base_url": "nonsense"},
    {"api_key": SECRET, "timeout": -1},
    {"api_key": SECRET, "permissions": []},
    {"api_key": SECRET, "http_client": "http"},
    {"api_key": SECRET, "clock": 5},
    {"base_url": "nonsense"},
    {"timeout": -1},
]
BAD_ARGUMENTS_OF_PLATFORM: list[dict[str, Any]] = [
    {"api_key": SECRET, "reason": "two\nlines"},
    {"api_key": SECRET, "reason": 5},
    {"api_key": SECRET, "simulation": "yes"},
    {"reason": ""},
]


@pytest.mark.parametrize(
    ("client", "arguments"),
    [(SequenceClient, arguments) for arguments in BAD_ARGUMENTS]
    + [(PlatformClient, arguments) for arguments in BAD_ARGUMENTS + BAD_ARGUMENTS_OF_PLATFORM],
)
def test_a_client_that_cannot_be_made_does_not_show_the_key(
    client: type[Any], arguments: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEQUENCE_API_KEY", SECRET)
    with pytest.raises(ConfigurationError) as caught:
        client(**arguments)
    report = traceback_of(caught.value)
    frames = [part for part in report.split("File ") if "tests/sequence_sdk" not in part]
    assert len(frames) > 1
    assert SECRET not in "".join(frames)


@pytest.mark.parametrize("cls", [SequenceClient, PlatformClient])
def test_a_client_is_neither_pickled_nor_copied(cls: type[Any]) -> None:
    client = cls(API_KEY)
    for attempt in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(TypeError, match="cannot be pickled"):
            attempt(client)
    with pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(client._session)


@pytest.mark.anyio
async def test_the_key_goes_to_the_configured_origin_only(either: Any, api: API, server: Server) -> None:
    elsewhere = Server()
    try:
        server.reply("", 308, headers={"Location": f"{elsewhere.origin}{api.base_path}/accounts/{api.account}"})
        with pytest.raises(SequenceError):
            await either.accounts.get(api.account)
        assert elsewhere.asked == []
    finally:
        elsewhere.stop()
