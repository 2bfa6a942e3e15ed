"""Each operation sends exactly the documented request."""

from __future__ import annotations

import inspect
import json
from contextlib import suppress
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from pytest_httpx import HTTPXMock

from sequence_sdk import (
    APIResponseValidationError,
    BadRequestError,
    OutcomeUnknownError,
    PlatformClient,
    SequenceClient,
)

from ..conftest import API_KEY, Server
from .apis import API, PLATFORM, of_both
from .contract import SUCCESSES, Call, bound, perform
from .platform_contract import BODIES, EXECUTION, RULE, in_python
from .reading import snake_case

RESPONSES = dict(SUCCESSES)


@pytest.mark.anyio
@of_both("call", lambda api: api.calls)
async def test_every_parameter_goes_where_the_documentation_has_it(
    api: API, call: Call, anyio_backend: str, server: Server
) -> None:
    payload, named = api.example(call.operation), api.contract.request_id
    server.reply(json.dumps(payload))
    async with api.connect(server) as client:
        with suppress(APIResponseValidationError, OutcomeUnknownError):  # the example is about something else
            await perform(client, call, **({"request_id": "req_mine"} if named else {}))
    (asked,) = server.asked
    method, path, _ = api.documented[call.operation]
    assert f"{asked.method} {asked.target}" == f"{method} {api.base_path}{call.target}"
    assert path.count("/") == call.target.partition("?")[0].count("/")
    assert asked.headers.get_all("Authorization") == [f"{api.contract.auth_scheme} {API_KEY}"]
    assert asked.headers.get_all("X-Request-ID", []) == (["req_mine"] if named else [])
    assert asked.headers["Accept"] == "application/json"
    assert asked.headers["User-Agent"].startswith("sequence-sdk/")
    for name, value in call.headers:
        assert asked.headers.get_all(name) == [value]
    assert ("Idempotency-Key" in asked.headers) == api.contract.operations[call.operation].idempotent
    if call.body is None:
        assert asked.body == b""
        assert "Content-Type" not in asked.headers
    else:
        assert json.loads(asked.body) == call.body


@pytest.mark.anyio
@of_both("call", lambda api: api.calls)
async def test_parameters_that_are_not_given_are_not_sent(
    api: API, call: Call, anyio_backend: str, server: Server
) -> None:
    required = {name: call.keyword[name] for name in required_of(api, call) if name in call.keyword}
    server.reply(json.dumps(api.example(call.operation)))
    async with api.connect(server) as client:
        with suppress(APIResponseValidationError, OutcomeUnknownError):
            await bound(client, call).with_response(*call.positional, **required)
    (asked,) = server.asked
    query = parse_qs(urlsplit(asked.target).query)
    pages = api.contract.operations[call.operation].pages
    sent = {snake_case(name.removesuffix("[]")) for name in query if not pages or name != pages.size}
    # A write has a key of its own all the same, and only that.
    assert ("Idempotency-Key" in asked.headers) == api.contract.operations[call.operation].idempotent
    assert "x-called-reason" not in asked.headers
    assert sent | {snake_case(name) for name in json.loads(asked.body or "{}")} == set(required)


def required_of(api: API, call: Call) -> list[str]:
    """The arguments without which an operation cannot be called."""
    parameters = inspect.signature(bound(api.client(API_KEY), call)).parameters.values()
    return [one.name for one in parameters if one.default is one.empty]


@pytest.mark.anyio
@pytest.mark.parametrize(("operation", "name", "body"), BODIES, ids=[f"{one[0]}-{one[1]}" for one in BODIES])
async def test_a_documented_body_is_sent_as_it_is(
    operation: str, name: str, body: dict[str, Any], anyio_backend: str, server: Server
) -> None:
    call = PLATFORM.call(operation)
    server.reply('{"error": {"code": "INVALID_PARAMETERS", "message": "No."}}', 400)
    async with PLATFORM.connect(server) as client:
        with pytest.raises(BadRequestError, match="INVALID_PARAMETERS"):
            await bound(client, call)(*call.positional, **in_python(body))
    # An optional member that is null is the same as one that is not sent, but where a change is asked for.
    expected = {key: one for key, one in body.items() if one is not None or operation == "updateRule"}
    assert json.loads(server.asked[0].body) == expected


@pytest.mark.anyio
async def test_a_body_without_members_is_sent_where_one_is_required(anyio_backend: str, server: Server) -> None:
    server.reply(json.dumps(PLATFORM.example("triggerRule")), 202)
    async with PLATFORM.connect(server) as client:
        assert (await client.rules.trigger(RULE)).execution_id == EXECUTION
    assert server.asked[0].body == b"{}"
    assert server.asked[0].headers["Content-Type"] == "application/json"


@pytest.mark.asyncio
async def test_production_is_the_default_of_the_platform_api(
    httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("SEQUENCE_BASE_URL", "SEQUENCE_PLATFORM_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    url = f"https://api.getsequence.io/platform/v1/rules/{RULE}"
    httpx_mock.add_response(url=url, json=PLATFORM.example("getRule"))
    async with PlatformClient(API_KEY) as client:
        assert (await client.rules.get(RULE)).id == RULE


@pytest.mark.asyncio
async def test_production_is_the_default(httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEQUENCE_BASE_URL", raising=False)
    httpx_mock.add_response(url="https://api.getsequence.io/api/v1/accounts", json=RESPONSES["listAccounts"])
    async with SequenceClient(API_KEY) as client:
        assert (await client.accounts.list())[0].id == "acc_01HABC4567"


@pytest.mark.anyio
async def test_each_call_has_a_request_id_of_its_own(client: SequenceClient, server: Server) -> None:
    for _ in range(2):
        server.reply(json.dumps(RESPONSES["getAccount"]))
        await client.accounts.get("acc_01HGHI7890")
    first, second = (asked.headers["X-Request-ID"] for asked in server.asked)
    assert first != second


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("identifier", "segment"),
    [
        ("a/b", "a%2Fb"),
        ("a?b#c", "a%3Fb%23c"),
        ("a%2e", "a%252e"),
        ("…", "%E2%80%A6"),
        ("a..b", "a..b"),
        ("a&b=c", "a%26b%3Dc"),
    ],
)
async def test_an_id_stays_one_segment_of_the_path(
    identifier: str, segment: str, client: SequenceClient, server: Server
) -> None:
    server.reply(json.dumps(RESPONSES["getAccount"]).replace("acc_01HGHI7890", identifier))
    await client.accounts.get(identifier)
    assert server.asked[0].target == f"/api/v1/accounts/{segment}"


@pytest.mark.anyio
async def test_a_query_value_cannot_add_parameters(client: SequenceClient, server: Server) -> None:
    server.reply('{"request_id": "r", "data": []}')
    await client.cards.list(account_id="acc_1&type=physical#x+y")
    assert server.asked[0].target == "/api/v1/cards?account_id=acc_1%26type%3Dphysical%23x%2By"


@pytest.mark.anyio
async def test_triggering_a_rule_without_an_amount_has_no_body(client: SequenceClient, server: Server) -> None:
    server.reply(json.dumps(RESPONSES["triggerRule"]))
    assert (await client.rules.trigger("rule_1")).execution_id == "rex_01HABC4567"
    assert server.asked[0].body == b""
    assert "Content-Type" not in server.asked[0].headers
