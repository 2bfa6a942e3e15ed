"""What happened is kept, in order, those exchanges that a fault ended among them."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import Any

import anyio
import httpx
import pytest

from sequence_sandbox import Sandbox
from sequence_sandbox.faults import KINDS
from sequence_sdk import OutcomeUnknownError, PermissionDeniedError, SequenceClient, SequenceError

from .asking import CARD_DEBT, NOBODYS, POD, Platform
from .test_writes import A_TRANSFER

pytestmark = pytest.mark.anyio


STATUSES = {
    "reset_before": None,
    "reset_after": None,
    "reset_body": 201,
    "status": 503,
    "html": 503,
    "truncated": 201,
    "malformed": 201,
    "content_type": 201,
    "drip": 201,
    "latency": 201,
    "slow": 201,
    "rate_limit": 429,
}
"""What is seen of a transfer's creation that each kind of fault meets."""


@pytest.fixture
def sandbox(anyio_backend: str) -> Sandbox:
    return Sandbox()


@pytest.fixture(params=["in process", "over a socket"])
async def client(request: pytest.FixtureRequest, sandbox: Sandbox) -> AsyncIterator[SequenceClient]:
    if request.param == "in process":
        async with sandbox.client(max_retries=0) as client:
            yield client
    else:
        with sandbox.serve() as base_url:
            key = sandbox.create_key(label="an app")
            async with SequenceClient(key, base_url=base_url, timeout=5, max_retries=0) as client:
                yield client


@pytest.mark.parametrize(("kind", "status"), STATUSES.items())
async def test_what_a_fault_ended_is_kept_with_what_was_seen_of_it(
    kind: Any, status: int | None, sandbox: Sandbox, client: SequenceClient
) -> None:
    sandbox.fail(kind, "createTransfer")
    try:
        await client.transfers.create(**A_TRANSFER, idempotency_key="k")
    except SequenceError:
        await client.transfers.create(**A_TRANSFER, idempotency_key="k")
    first, *others = sandbox.requests
    with anyio.fail_after(30):
        while first.duration is None:  # a client that leaves is ahead of the server that drips
            await anyio.sleep(0.01)
    assert (first.operation, first.fault, first.status, first.idempotency_key) == ("createTransfer", kind, status, "k")
    assert first.key_id is not None
    assert b"5000" in first.body
    assert [(one.fault, one.status) for one in others] in ([], [(None, 201)])
    assert sandbox.requests.where(fault=kind)[0] is first


def test_every_kind_of_fault_is_covered_here() -> None:
    assert {*STATUSES, "refuse"} == {*KINDS}


async def test_a_refused_connection_is_kept_in_process(sandbox: Sandbox) -> None:
    sandbox.fail("refuse")
    async with sandbox.client(max_retries=1) as client:
        await client.transfers.create(**A_TRANSFER)
    assert [(one.fault, one.status) for one in sandbox.requests] == [("refuse", None), (None, 201)]
    assert sandbox.requests[0].body == sandbox.requests[1].body


async def test_a_retry_is_asserted_by_its_idempotency_key(sandbox: Sandbox, client: SequenceClient) -> None:
    sandbox.fail("reset_after", "createTransfer")
    retrying = client.with_options(max_retries=1)
    await retrying.transfers.create(**A_TRANSFER)
    lost, found = sandbox.requests.where(operation="createTransfer")
    assert lost.idempotency_key == found.idempotency_key != None  # noqa: E711 - both, and there is one
    assert (lost.fault, lost.is_repeat, lost.permission) == ("reset_after", False, "granted")
    assert (found.fault, found.is_repeat, found.permission) == (None, True, None)
    assert repr(sandbox.requests) == "[<createTransfer reset_after>, <createTransfer 201 again>]"


async def test_a_platform_transfer_without_any_grant_says_which_one_it_needs(sandbox: Sandbox) -> None:
    ends = {"source_account_id": POD, "destination_account_id": CARD_DEBT, "amount_in_cents": 5000}
    async with sandbox.platform_client([{"scope": "READ_RULES", "resources": "*"}]) as platform:
        assert await platform.rules.list().collect()
        with pytest.raises(PermissionDeniedError):
            await platform.transfers.create(**ends)
    route = {"source": POD, "target": CARD_DEBT, "max_amount": 5000}
    assert sandbox.requests[-1].grant == {"scope": "MANUAL_TRANSFER", "resources": [route]}


async def test_a_verdict_names_the_entry_that_was_needed(sandbox: Sandbox) -> None:
    route = {"source": "acc_01HDEF0123", "target": "acc_01HGHI7890", "max_amount": 5000}
    async with sandbox.client([{"scope": "MANUAL_TRANSFER", "resources": [route]}]) as client:
        await client.transfers.create(**A_TRANSFER)
        with pytest.raises(PermissionDeniedError):
            await client.transfers.create(**{**A_TRANSFER, "amount_in_cents": 5001})
        with pytest.raises(PermissionDeniedError):
            await client.accounts.get("acc_01HABC4567")
    granted, too_much, unread = sandbox.requests
    assert (granted.permission, granted.code) == ("granted", None)
    assert granted.grant == {"scope": "MANUAL_TRANSFER", "resources": [route]}
    assert (too_much.permission, too_much.code) == ("denied", "MAXIMUM_AMOUNT_EXCEEDED")
    assert too_much.grant == {"scope": "MANUAL_TRANSFER", "resources": [{**route, "max_amount": 5001}]}
    assert unread.grant == {"scope": "READ_ACCOUNTS", "resources": ["acc_01HABC4567"]}
    assert repr(unread) == "<getAccount 403 without READ_ACCOUNTS>"


def test_a_refusal_for_another_reason_is_not_a_verdict(running: Sandbox, platform: Platform) -> None:
    disabled = running.uuid("rule_01GSBX0000002")
    assert platform.refused("POST", f"/rules/{disabled}/trigger", {}) == (403, "RULE_DEACTIVATED")
    assert platform.refused("GET", f"/accounts/{NOBODYS}") == (404, "ACCOUNT_NOT_FOUND")
    assert platform.refused("GET", "/accounts/none")[0] == 400
    assert [one.permission for one in running.requests] == ["granted", "granted", None]
    assert all(one.request_id for one in running.requests)


def test_what_no_key_asked_and_what_is_not_there_are_kept_too(running: Sandbox) -> None:
    httpx.get(f"{running.base_url}/accounts")
    httpx.get(f"{running.platform_url}/nothing")
    httpx.get(f"{running.origin}/elsewhere")
    unknown, nothing = running.requests
    assert (unknown.status, unknown.code, unknown.key_id, unknown.permission) == (401, "unauthorized", None, None)
    assert (nothing.api, nothing.operation, nothing.status) == ("platform", None, 404)
    assert repr(nothing) == "<GET /platform/v1/nothing 404>"


def test_requests_are_found_by_what_they_were(running: Sandbox) -> None:
    app, other = running.create_key(label="an app"), running.create_key([])
    for key in (app, other):
        httpx.get(f"{running.base_url}/accounts", headers={"Authorization": f"ApiKey {key}"})
    httpx.get(f"{running.platform_url}/accounts", headers={"Authorization": f"Bearer {app}"})
    running.fail("status", status=500)
    httpx.post(f"{running.base_url}/transfers", headers={"Authorization": f"ApiKey {app}"}, json={})
    requests = running.requests
    assert [one.api for one in requests.where(operation="listAccounts", key=app)] == ["v1", "platform"]
    assert requests.where(key="an app")[:] == requests.where(key=requests[0].key_id)[:] == requests.where(key=app)[:]
    assert [one.status for one in requests.where(api="v1")] == [200, 403, 500]
    assert [one.operation for one in requests.where(method="POST")] == ["createTransfer"]
    assert requests.where(fault=True)[:] == requests.where(fault="status")[:] == requests[3:]
    assert len(requests.where(fault=False)) == 3
    assert requests.where(status=403, key="an app")[:] == []
    assert app not in repr(list(requests)) + str(requests[0].headers)
    assert requests.clear(status=403) == 1
    assert requests.clear() == 3
    assert not running.requests


@pytest.mark.parametrize(
    "wanted", [{"operation": "createTransfers"}, {"api": "v2"}, {"method": "post"}, {"fault": "reset"}]
)
def test_a_filter_that_nothing_could_pass_is_refused(wanted: Any) -> None:
    with pytest.raises(ValueError, match=f"there is no {next(iter(wanted))} .*use one of"):
        Sandbox().requests.where(**wanted)


async def test_only_the_newest_are_kept(anyio_backend: str) -> None:
    sandbox = Sandbox(kept_requests=3)
    async with sandbox.client() as client:
        for _ in range(3):
            await client.accounts.list()
        await client.rules.list()
    assert [one.operation for one in sandbox.requests] == ["listAccounts", "listAccounts", "listRules"]


def test_who_leaves_during_a_latency_is_not_served(running: Sandbox) -> None:
    running.fail("latency", seconds=1)
    headers = {"Authorization": f"ApiKey {running.create_key()}"}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{running.base_url}/transfers", headers=headers, json=A_TRANSFER, timeout=0.2)
    deadline = time.monotonic() + 30
    while running.requests[0].duration is None and time.monotonic() < deadline:
        time.sleep(0.02)
    assert running.requests[0].duration is not None
    assert (running.requests[0].fault, running.requests[0].permission) == ("latency", None)
    assert len(running.organization.transfers) == 250


def test_of_a_body_that_is_too_large_the_beginning_is_kept(running: Sandbox) -> None:
    headers = {"Authorization": f"ApiKey {running.create_key()}", "Content-Type": "application/json"}
    response = httpx.post(f"{running.base_url}/transfers", headers=headers, content=b" " * 1_000_000)
    assert response.status_code == 400
    assert len(running.requests[0].body) == 65_536


@pytest.mark.parametrize("kind", ["status", "html", "rate_limit"])
def test_a_response_of_a_fault_has_the_callers_request_id(kind: Any, running: Sandbox) -> None:
    for given, shown in (("mine-1", "mine-1"), (None, "req_01SANDBOX")):
        running.fail(kind)
        headers = {} if given is None else {"X-Request-ID": given}
        response = httpx.get(f"{running.base_url}/accounts", headers=headers)
        assert response.headers["X-Request-ID"].startswith(shown)
        assert running.requests[-1].request_id == response.headers["X-Request-ID"]


def test_the_platform_apis_faults_have_a_request_id_in_the_body(platform: Platform, running: Sandbox) -> None:
    running.fail("status", status=500)
    response = platform.ask("GET", "/accounts")
    assert response.json()["requestId"] == running.requests[0].request_id
    assert "X-Request-ID" not in response.headers


async def test_an_unknown_outcome_and_what_was_done_are_told_apart(sandbox: Sandbox, client: SequenceClient) -> None:
    for kind in ("reset_before", "reset_after"):
        sandbox.fail(kind, "createTransfer")
        with pytest.raises(OutcomeUnknownError):
            await client.transfers.create(**A_TRANSFER)
    assert [one.permission for one in sandbox.requests] == [None, "granted"]


def test_parameters_that_are_given_twice_are_kept_twice() -> None:
    sandbox = Sandbox()
    with sandbox.serve():
        Platform(sandbox).ask("GET", "/transfers", params={"accountIds[]": [POD, CARD_DEBT], "page": "1"})
    assert sandbox.requests[-1].query == {"accountIds[]": [POD, CARD_DEBT], "page": "1"}


def test_the_bodies_that_are_kept_have_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sequence_sandbox.recorded.MOST_BYTES", 1000)
    sandbox = Sandbox(kept_requests=50)
    with sandbox.serve() as base_url, httpx.Client() as http:
        for number in range(30):
            http.post(f"{base_url}/transfers", content=b"x" * 100, headers={"cookie": f"session={number}"})
    assert len(sandbox.requests) == 10
    assert not any("cookie" in one.headers for one in sandbox.requests)
    assert sandbox.requests.clear() == 10
    assert sandbox.requests._bytes == 0
