"""Each operation sends exactly the documented request."""

from __future__ import annotations

import json

import pytest
from pytest_httpx import HTTPXMock

from sequence_api_client.api import OPERATIONS
from sequence_sdk import SequenceClient

from ..conftest import API_KEY, Server
from .contract import CALLS, SUCCESSES, Call, bound, perform

RESPONSES = dict(SUCCESSES)


@pytest.mark.anyio
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.operation)
async def test_every_parameter_goes_where_the_documentation_has_it(
    call: Call, client: SequenceClient, server: Server
) -> None:
    server.reply(json.dumps(RESPONSES[call.operation]))
    await perform(client, call, request_id="req_mine")
    (asked,) = server.asked
    assert f"{asked.method} {asked.target}" == f"{'POST' if call.body else 'GET'} /api/v1{call.target}"
    assert asked.headers.get_all("Authorization") == [f"ApiKey {API_KEY}"]
    assert asked.headers.get_all("X-Request-ID") == ["req_mine"]
    assert asked.headers["Accept"] == "application/json"
    assert asked.headers["User-Agent"].startswith("sequence-sdk/")
    for name, value in call.headers:
        assert asked.headers.get_all(name) == [value]
    if call.body is None:
        assert asked.body == b""
        assert "Content-Type" not in asked.headers
    else:
        assert json.loads(asked.body) == call.body


@pytest.mark.anyio
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.operation)
async def test_parameters_that_are_not_given_are_not_sent(call: Call, client: SequenceClient, server: Server) -> None:
    server.reply(json.dumps(RESPONSES[call.operation]))
    required = {
        name: value
        for name, value in call.keyword.items()
        if name in {"account_id", "rule_id", "source_account_id", "destination_account_id", "amount_in_cents"}
        and call.operation != "listRules"
    }
    await bound(client, call).with_response(*call.positional, **required)
    (asked,) = server.asked
    query = asked.target.partition("?")[2]
    sent = {part.split("=")[0] for part in query.split("&") if part}
    assert sent - {"first"} == {name for name in required if name in {"account_id", "rule_id"}}
    # A write has a key of its own all the same, and only that.
    assert ("Idempotency-Key" in asked.headers) == OPERATIONS[call.operation].idempotent
    assert set(json.loads(asked.body or "{}")) == {name for name in required if name not in {"account_id", "rule_id"}}


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
