"""Many by ID: in order, each once, a few at a time, and one that fails does not fail the others."""

from __future__ import annotations

import json
import pickle
from collections.abc import AsyncIterator, Iterator
from typing import Any

import anyio
import httpx
import pytest
from hypothesis import given, strategies as st

from sequence_sandbox import Sandbox
from sequence_sdk import (
    APIConnectionError,
    APIError,
    AuthenticationError,
    ConfigurationError,
    InternalServerError,
    ManyError,
    NotFoundError,
    PermissionDeniedError,
    Permissions,
    SequenceClient,
)
from sequence_sdk.many.many import concerns_one

from ..conftest import API_KEY, Reply, Server
from ..contract.contract import SUCCESSES

pytestmark = pytest.mark.anyio

INCOME, POD, CARD_DEBT = "acc_01HABC4567", "acc_01HDEF0123", "acc_01HGHI7890"
ACCOUNTS = [INCOME, POD, CARD_DEBT]
NOT_FOUND = '{"error": {"code": "resource_not_found", "message": "No."}}'


def account(id: str) -> str:
    response = json.loads(json.dumps(dict(SUCCESSES)["getAccount"]))
    response["data"]["id"] = id
    return json.dumps(response)


class Slow(httpx.AsyncBaseTransport):
    """Responds when it is told to, and knows how many wait for that."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.waiting = self.most = 0
        self.go = anyio.Event()
        self.refused = ""
        """The ID that gets a 401 at once."""

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        id = request.url.path.rsplit("/", 1)[1]
        self.asked.append(id)
        self.waiting += 1
        self.most = max(self.most, self.waiting)
        try:
            if id == self.refused:
                await anyio.wait_all_tasks_blocked()
                return httpx.Response(401)
            await self.go.wait()
        finally:
            self.waiting -= 1
        return httpx.Response(200, content=account(id), headers={"Content-Type": "application/json"})


@pytest.fixture
def slow() -> Slow:
    return Slow()


@pytest.fixture
async def slow_client(anyio_backend: str, slow: Slow) -> AsyncIterator[SequenceClient]:
    async with (
        httpx.AsyncClient(transport=slow) as http,
        SequenceClient(API_KEY, base_url="http://localhost", http_client=http, rate_limit=None) as client,
    ):
        yield client


async def test_balances_of_all_accounts_come_in_the_order_of_the_ids(sandbox_client: SequenceClient) -> None:
    ids = [account.id for account in await sandbox_client.accounts.list()][::-1]
    accounts = await sandbox_client.accounts.get_many(ids)
    assert [account.id for account in accounts] == ids
    assert accounts == [await sandbox_client.accounts.get(id) for id in ids]
    assert all(account.balance for account in accounts)


async def test_everything_that_has_an_id_can_be_had_by_many(sandbox_client: SequenceClient) -> None:
    client = sandbox_client
    cards = await client.cards.list(account_id=POD)
    assert await client.cards.get_many(card.id for card in cards) == cards
    transfers = await client.transfers.list(account_id=POD).collect(limit=20)
    assert await client.transfers.get_many([transfer.id for transfer in transfers], concurrency=3) == transfers
    rules = await client.rules.list()
    assert [rule.id for rule in await client.rules.get_many([rule.id for rule in rules])] == [one.id for one in rules]
    executions = await client.rule_executions.list(rule_id="rule_01HXYZ1234").collect(limit=5)
    found = await client.rule_executions.get_many([execution.id for execution in executions])
    assert [one.id for one in found] == [one.id for one in executions]


async def test_an_id_given_twice_is_asked_for_once(client: SequenceClient, server: Server) -> None:
    server.response = lambda asked: Reply(account(asked.target.rsplit("/", 1)[1]))
    found = await client.accounts.get_many(["acc_1", "acc_2", "acc_1"])
    assert [one.id for one in found] == ["acc_1", "acc_2", "acc_1"]
    assert sorted(asked.target for asked in server.asked) == ["/api/v1/accounts/acc_1", "/api/v1/accounts/acc_2"]


async def test_no_ids_are_no_requests(client: SequenceClient, server: Server) -> None:
    assert await client.accounts.get_many([]) == []
    assert server.asked == []


@pytest.mark.parametrize(
    ("ids", "options", "message"),
    [
        ("acc_1", {}, r"ids must be a list of IDs, not str; for one ID there is get"),
        (5, {}, r"ids must be a list of IDs, not int"),
        (["acc_1", "txr_1"], {}, r"ids\[1\]: id 'txr_1' is the ID of something else"),
        (["acc_1", "acc_2", ""], {}, r"ids\[2\]: id is empty"),
        (["acc_1", ["acc_2"]], {}, r"ids\[1\]: id must be a string, not list"),
        ([None], {}, r"ids\[0\]: id must be a string, not NoneType"),
        (["acc_1"], {"concurrency": 0}, "concurrency is 0; it must be at least 1"),
        (["acc_1"], {"concurrency": 101}, "concurrency is 101; it must be at most 100"),
        (["acc_1"], {"concurrency": 2.0}, "concurrency must be an int, not float"),
        (["acc_1"], {"concurrency": True}, "concurrency must be an int, not bool"),
    ],
)
async def test_what_cannot_be_sent_is_refused_before_anything_is(
    ids: Any, options: dict[str, Any], message: str, client: SequenceClient, server: Server
) -> None:
    with pytest.raises(ValueError, match=message):
        await client.accounts.get_many(ids, **options)
    assert server.asked == []


async def test_one_that_fails_is_named_and_the_others_complete(client: SequenceClient, server: Server) -> None:
    def response(asked: Any) -> Reply:
        id = asked.target.rsplit("/", 1)[1]
        return Reply(NOT_FOUND, 404) if id == "acc_2" else Reply("", 500) if id == "acc_4" else Reply(account(id))

    server.response = response
    ids = [f"acc_{number}" for number in range(12)]
    with pytest.raises(ManyError, match=r"getAccount: 2 of 12 IDs failed; .*\nacc_2: 404 .*\nacc_4: 500: ") as caught:
        await client.accounts.get_many(ids, concurrency=3)
    error = caught.value
    assert list(error.results) == [id for id in ids if id not in {"acc_2", "acc_4"}]
    assert all(found.id == id for id, found in error.results.items())
    assert {id: type(failure) for id, failure in error.failures.items()} == {
        "acc_2": NotFoundError,
        "acc_4": InternalServerError,
    }
    assert error.operation == "getAccount"
    assert error.__cause__ is error.failures["acc_2"]
    assert len(server.asked) == 12
    again = pickle.loads(pickle.dumps(error))
    assert (again.results, list(again.failures), str(again)) == (error.results, ["acc_2", "acc_4"], str(error))


async def test_the_message_names_three_and_counts_the_rest(client: SequenceClient, server: Server) -> None:
    server.response = lambda _: Reply(NOT_FOUND, 404)
    with pytest.raises(ManyError) as caught:
        await client.accounts.get_many([f"acc_{number}" for number in range(20)])
    lines = str(caught.value).splitlines()
    assert [line.partition(":")[0] for line in lines] == ["getAccount", "acc_0", "acc_1", "acc_2", "and 17 more"]
    assert list(caught.value.failures) == [f"acc_{number}" for number in range(20)]
    assert caught.value.results == {}


async def test_failures_that_pass_are_repeated_for_each(anyio_backend: str) -> None:
    sandbox = Sandbox()
    sandbox.fail("status", "getAccount", times=2, status=503, retry_after=0)
    async with sandbox.client() as client:
        assert [one.id for one in await client.accounts.get_many(ACCOUNTS)] == ACCOUNTS


async def test_what_the_declared_permissions_refuse_is_a_failure_of_that_id(anyio_backend: str) -> None:
    sandbox = Sandbox()
    declared = Permissions.from_json(json.dumps([{"scope": "READ_ACCOUNTS", "resources": [INCOME, POD]}]))
    async with sandbox.client(declared=declared) as client:
        with pytest.raises(ManyError) as caught:
            await client.accounts.get_many(ACCOUNTS)
    assert list(caught.value.results) == [INCOME, POD]
    refused = caught.value.failures[CARD_DEBT]
    assert isinstance(refused, PermissionDeniedError)
    assert refused.local
    assert len(sandbox.requests) == 2


async def test_a_key_that_is_not_valid_ends_it_at_once(client: SequenceClient, server: Server) -> None:
    server.response = lambda _: Reply('{"error": {"code": "unauthorized", "message": "No."}}', 401)
    with pytest.raises(AuthenticationError):
        await client.accounts.get_many([f"acc_{number}" for number in range(100)], concurrency=4)
    assert len(server.asked) <= 4


async def test_an_invalid_key_ends_those_under_way_too(slow: Slow, slow_client: SequenceClient) -> None:
    slow.refused = "acc_3"
    with anyio.fail_after(5), pytest.raises(AuthenticationError):
        await slow_client.accounts.get_many([f"acc_{number}" for number in range(100)])
    assert (len(slow.asked), slow.waiting) == (8, 0)


async def test_a_closed_client_says_so_and_no_more(client: SequenceClient, server: Server) -> None:
    await client.aclose()
    with pytest.raises(ConfigurationError, match="this client is closed"):
        await client.accounts.get_many([f"acc_{number}" for number in range(100)])
    assert server.asked == []


async def test_closing_the_client_ends_it_as_it_ends_every_call(slow: Slow, slow_client: SequenceClient) -> None:
    async def close() -> None:
        await anyio.wait_all_tasks_blocked()
        await slow_client.aclose()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(close)
        with pytest.raises(APIConnectionError, match="the client was closed"):
            await slow_client.accounts.get_many([f"acc_{number}" for number in range(100)])
    assert len(slow.asked) == 8
    assert slow.waiting == 0


@pytest.mark.parametrize(("concurrency", "most"), [(1, 1), (8, 8), (50, 20)])
async def test_so_many_are_under_way_and_no_more(
    concurrency: int, most: int, slow: Slow, slow_client: SequenceClient
) -> None:
    async def release() -> None:
        await anyio.wait_all_tasks_blocked()
        slow.go.set()

    async with anyio.create_task_group() as tasks:
        tasks.start_soon(release)
        found = await slow_client.accounts.get_many([f"acc_{n}" for n in range(20)], concurrency=concurrency)
    assert [one.id for one in found] == [f"acc_{n}" for n in range(20)]
    assert slow.most == most
    assert len(slow.asked) == 20


async def test_cancelled_it_leaves_nothing_behind(slow: Slow, slow_client: SequenceClient) -> None:
    with anyio.move_on_after(0.05) as scope:
        await slow_client.accounts.get_many([f"acc_{n}" for n in range(20)])
    assert scope.cancelled_caught
    assert (len(slow.asked), slow.waiting) == (8, 0)


def failures() -> Iterator[APIError]:
    yield from (kind("no", operation="getAccount", request_id="req_1") for kind in (APIError, NotFoundError))
    yield APIConnectionError("no", operation="getAccount", request_id="req_1")


@given(st.sampled_from(list(failures())), st.booleans())
def test_only_an_invalid_key_and_a_closed_client_are_everybodys_failure(failure: APIError, closed: bool) -> None:
    assert concerns_one(failure, closed=closed) != (closed and isinstance(failure, APIConnectionError))
    invalid = AuthenticationError("no", operation="getAccount", request_id="req_1")
    assert not concerns_one(invalid, closed=closed)
