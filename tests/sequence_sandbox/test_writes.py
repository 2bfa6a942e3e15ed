"""Transfers and rules: money moves when it is due, once, and only as far as keys and balances allow."""

from __future__ import annotations

import json
from typing import Any

import anyio
import httpx
import pytest

from sequence_sandbox import Sandbox
from sequence_sdk import (
    BadRequestError,
    ConflictError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    RateLimitError,
    SequenceClient,
)

from ..validated import in_contract, validated_client

POD, CARD, PAYROLL = "acc_01HDEF0123", "acc_01HGHI7890", "acc_01HABC4567"
A_TRANSFER: dict[str, Any] = {"source_account_id": POD, "destination_account_id": CARD, "amount_in_cents": 5000}

pytestmark = pytest.mark.anyio


@pytest.fixture
def sandbox(anyio_backend: str) -> Sandbox:
    return Sandbox()


@pytest.fixture
def client(sandbox: Sandbox) -> SequenceClient:
    """Every exchange of it is held against openapi.yaml."""
    return validated_client(sandbox, sandbox.create_key())


async def cents(client: SequenceClient, account_id: str) -> int:
    balance = (await client.accounts.get(account_id)).balance
    assert balance is not None
    assert balance.balance_in_cents is not None
    return balance.balance_in_cents


async def test_a_transfer_is_processed_then_submitted_then_complete(sandbox: Sandbox, client: SequenceClient) -> None:
    pod, owed, total = await cents(client, POD), await cents(client, CARD), sandbox.organization.total()
    transfer = await client.transfers.create(**A_TRANSFER)
    assert (transfer.status, transfer.origin, transfer.direction) == ("processing", "user", "money_out")
    assert (await cents(client, POD), await cents(client, CARD)) == (pod, owed)
    sandbox.advance(1)
    assert (await client.transfers.get(transfer.id)).status == "pending"
    assert (await cents(client, POD), await cents(client, CARD)) == (pod - 5000, owed)
    sandbox.advance(3)
    done = await client.transfers.get(transfer.id)
    assert (done.status, done.error_code) == ("complete", None)
    assert done.completed_at is not None
    assert (done.completed_at - done.created_at).total_seconds() == 4
    assert (await cents(client, POD), await cents(client, CARD)) == (pod - 5000, owed - 5000)
    assert sandbox.organization.total() == total


async def test_without_enough_money_a_transfer_is_incomplete(sandbox: Sandbox, client: SequenceClient) -> None:
    pod = await cents(client, POD)
    transfers = [await client.transfers.create(**{**A_TRANSFER, "amount_in_cents": pod - 1000}) for _ in range(2)]
    sandbox.advance(5)
    first, second = [await client.transfers.get(transfer.id) for transfer in transfers]
    assert (first.status, second.status, second.error_code) == ("complete", "incomplete", "INSUFFICIENT_FUNDS")
    assert second.completed_at is None
    assert await cents(client, POD) == 1000


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"amount_in_cents": 99}, "100 cents at least"),
        ({"destination_account_id": POD}, "must be different accounts"),
    ],
)
async def test_transfers_that_make_no_sense(change: dict[str, Any], message: str, sandbox: Sandbox) -> None:
    routes = [{"source": POD, "target": target} for target in (POD, CARD)]
    client = sandbox.client([{"scope": "MANUAL_TRANSFER", "resources": routes}])
    with pytest.raises(BadRequestError, match=message):
        await client.transfers.create(**{**A_TRANSFER, **change})


@pytest.mark.parametrize(
    ("source", "target", "problem"),
    [
        (CARD, POD, "cannot be the source"),
        (POD, PAYROLL, "cannot be the destination"),
        (POD, "acc_nope", "cannot be the"),
    ],
)
async def test_accounts_that_cannot_be_one_end_of_a_transfer(
    source: str, target: str, problem: str, sandbox: Sandbox
) -> None:
    client = sandbox.client([{"scope": "MANUAL_TRANSFER", "resources": [{"source": source, "target": target}]}])
    with pytest.raises(BadRequestError, match=problem):
        await client.transfers.create(source_account_id=source, destination_account_id=target, amount_in_cents=500)


async def test_a_transfer_needs_its_route_and_stays_below_its_limit(sandbox: Sandbox) -> None:
    route = {"source": POD, "target": CARD, "max_amount": 5000}
    client = sandbox.client([{"scope": "MANUAL_TRANSFER", "resources": [route]}])
    assert (await client.transfers.create(**A_TRANSFER)).status == "processing"
    with pytest.raises(PermissionDeniedError) as caught:
        await client.transfers.create(**{**A_TRANSFER, "amount_in_cents": 5001})
    assert (caught.value.code, caught.value.missing) == ("MAXIMUM_AMOUNT_EXCEEDED", "amount")
    with pytest.raises(PermissionDeniedError) as caught:
        await client.transfers.create(**{**A_TRANSFER, "source_account_id": PAYROLL})
    assert caught.value.code == "forbidden"
    with pytest.raises(PermissionDeniedError, match="MANUAL_TRANSFER"):
        await sandbox.client([]).transfers.create(**A_TRANSFER)


async def test_a_rule_makes_an_execution_and_its_transfers(sandbox: Sandbox, client: SequenceClient) -> None:
    triggered = await client.rules.trigger("rule_01GSBX0000001")
    execution = await client.rule_executions.get(triggered.execution_id)
    assert (execution.status, execution.trigger_type, execution.step_index_matched) == ("in_progress", "manual", None)
    sandbox.advance(1)
    execution = await client.rule_executions.get(triggered.execution_id)
    assert (execution.status, execution.step_index_matched, execution.transfers_pending) == ("in_progress", 0, 1)
    sandbox.advance(5)
    execution = await client.rule_executions.get(triggered.execution_id)
    assert (execution.status, execution.transfers_completed, execution.transfers_pending) == ("executed", 1, 0)
    transfer = await client.transfers.get((execution.transfer_ids or [""])[0])
    assert (transfer.amount_in_cents, transfer.origin, transfer.status) == (5000, "rule", "complete")
    assert (transfer.rule_id, transfer.rule_execution_id) == ("rule_01GSBX0000001", execution.id)
    newest = await client.rule_executions.list(rule_id="rule_01GSBX0000001", status="executed").collect(1)
    assert [one.id for one in newest] == [execution.id]


async def test_the_amount_of_a_manual_rule_can_be_given(sandbox: Sandbox, client: SequenceClient) -> None:
    triggered = await client.rules.trigger("rule_01GSBX0000001", manual_execute_amount=1234)
    sandbox.advance(10)
    execution = await client.rule_executions.get(triggered.execution_id)
    assert (await client.transfers.get((execution.transfer_ids or [""])[0])).amount_in_cents == 1234


async def test_a_rule_whose_transfer_fails_has_failed(sandbox: Sandbox, client: SequenceClient) -> None:
    triggered = await client.rules.trigger("rule_01GSBX0000001", manual_execute_amount=99_999_999)
    sandbox.advance(10)
    execution = await client.rule_executions.get(triggered.execution_id)
    assert (execution.status, execution.transfers_failed) == ("failed", 1)
    assert execution.error_message == "INSUFFICIENT_FUNDS"


def action(kind: str, destination: str = CARD, **more: Any) -> dict[str, Any]:
    ends = {
        "source": {"id": POD, "name": "", "type": "pod"},
        "destination": {"id": destination, "name": "", "type": ""},
    }
    return {"type": kind, **ends, **more}


@pytest.mark.parametrize(
    ("steps", "status", "amounts", "error"),
    [
        (
            [{"actions": [action("FIXED", amount_in_cents=700), action("NEXT_PAYMENT_MINIMUM")]}],
            "executed",
            [700, 3500],
            None,
        ),
        (
            [
                {
                    "actions": [
                        action("FIXED", amount_in_cents=700),
                        action("ROULETTE"),
                        action("FIXED", amount_in_cents=1),
                    ]
                }
            ],
            "partial",
            [700],
            "PAYMENT_NOT_SUPPORTED",
        ),
        (
            [{"actions": [action("FIXED", amount_in_cents=10**9), action("FIXED", amount_in_cents=700)]}],
            "failed",
            [10**9],
            "INSUFFICIENT_FUNDS",
        ),
        ([{"actions": [action("TOP_UP", POD, amount_in_cents=1)]}], "executed", [], None),
        ([{"conditions": {"any": []}, "actions": [action("FIXED", amount_in_cents=700)]}], "executed", [], None),
    ],
)
async def test_the_actions_of_a_step_are_done_one_after_the_other_until_one_fails(
    steps: Any, status: str, amounts: list[int], error: str | None, sandbox: Sandbox, client: SequenceClient
) -> None:
    sandbox.organization.rules["rule_01GSBX0000001"]["steps"] = steps
    total = sandbox.organization.total()
    triggered = await client.rules.trigger("rule_01GSBX0000001")
    sandbox.advance(60)
    execution = await client.rule_executions.get(triggered.execution_id)
    assert (execution.status, execution.error_message) == (status, error)
    assert [(await client.transfers.get(one)).amount_in_cents for one in execution.transfer_ids or ()] == amounts
    assert execution.conditions_not_met is ("conditions" in steps[0])
    assert sandbox.organization.total() == total


async def test_rules_that_cannot_be_triggered(sandbox: Sandbox, client: SequenceClient) -> None:
    with pytest.raises(PermissionDeniedError) as caught:
        await client.rules.trigger("rule_01GSBX0000002")
    assert (caught.value.code, caught.value.scope) == ("RULE_DEACTIVATED", None)
    with pytest.raises(NotFoundError):
        await client.rules.trigger("rule_123")
    with pytest.raises(PermissionDeniedError, match="TRIGGER_RULES on rule_01HXYZ1234"):
        await sandbox.client([{"scope": "TRIGGER_RULES", "resources": ["rule_2"]}]).rules.trigger("rule_01HXYZ1234")


async def test_a_repeat_with_the_same_key_gets_the_first_response_and_does_nothing(
    sandbox: Sandbox, client: SequenceClient
) -> None:
    first = await client.transfers.create(**A_TRANSFER, idempotency_key="k")
    sandbox.advance(24 * 3600 - 1)
    again = await client.transfers.create.with_response(**A_TRANSFER, idempotency_key="k")
    assert again.data == first
    assert json.loads(again.content)["data"]["status"] == "processing"  # as it was then
    other = await client.transfers.create(**A_TRANSFER, idempotency_key="l")
    assert other.id != first.id
    sandbox.advance(1)
    assert (await client.transfers.create(**A_TRANSFER, idempotency_key="k")).id not in {first.id, other.id}


async def test_a_key_is_for_one_request(client: SequenceClient) -> None:
    await client.transfers.create(**A_TRANSFER, idempotency_key="k")
    with pytest.raises(BadRequestError) as caught:
        await client.transfers.create(**{**A_TRANSFER, "amount_in_cents": 6000}, idempotency_key="k")
    assert caught.value.code == "IDEMPOTENCY_KEY_MISMATCH"
    assert (await client.rules.trigger("rule_01GSBX0000001", idempotency_key="k")).execution_id  # another operation


async def test_a_write_that_was_refused_can_be_tried_again_with_its_key(sandbox: Sandbox) -> None:
    client = sandbox.client([{"scope": "MANUAL_TRANSFER", "resources": [{"source": POD, "target": CARD}]}])
    with pytest.raises(BadRequestError):
        await client.transfers.create(**{**A_TRANSFER, "amount_in_cents": 1}, idempotency_key="k")
    assert (await client.transfers.create(**A_TRANSFER, idempotency_key="k")).status == "processing"


async def test_a_repeat_while_the_first_is_still_running(sandbox: Sandbox, client: SequenceClient) -> None:
    sandbox.fail("slow", "createTransfer", seconds=0.3)
    first: list[Any] = []

    async def create() -> None:
        first.append(await client.transfers.create(**A_TRANSFER, idempotency_key="k"))

    async with anyio.create_task_group() as group:
        group.start_soon(create)
        await anyio.sleep(0.1)
        with pytest.raises(OutcomeUnknownError) as caught:
            await client.transfers.create(**A_TRANSFER, idempotency_key="k")
        assert isinstance(caught.value.__cause__, ConflictError)
        assert caught.value.__cause__.code == "TRANSFER_IN_PROGRESS"
    assert await client.transfers.create(**A_TRANSFER, idempotency_key="k") == first[0]


async def test_more_requests_than_the_rate_limit_allows(anyio_backend: str) -> None:
    sandbox = Sandbox(rate_limit=60)
    one, other = sandbox.client(max_retries=0), sandbox.client()
    for _ in range(60):
        await one.accounts.list()
    with pytest.raises(RateLimitError) as caught:
        await one.accounts.list()
    assert (caught.value.retry_after, caught.value.code) == (1, "RATE_LIMIT_EXCEEDED")
    await other.accounts.list()
    sandbox.advance(2)
    await one.accounts.list()
    await one.accounts.list()
    with pytest.raises(RateLimitError):
        await one.accounts.list()


def post(sandbox: Sandbox, body: bytes, path: str = "/transfers", **headers: str) -> httpx.Response:
    with sandbox.serve() as base_url:
        sent = {"Authorization": f"ApiKey {sandbox.create_key()}", "Content-Type": "application/json", **headers}
        return in_contract(httpx.post(f"{base_url}{path}", content=body, headers=sent))


VALID = json.dumps(A_TRANSFER).encode()


@pytest.mark.parametrize(
    ("body", "headers", "message"),
    [
        (b"", {}, "not valid JSON"),
        (b"{", {}, "not valid JSON"),
        (b"[" * 50_000, {}, "not valid JSON"),
        (b"\xff", {}, "not valid JSON"),
        (b"[]", {}, "must be an object"),
        (b"{}", {}, "'source_account_id' must be a string"),
        (VALID.replace(b"5000", b'"5000"'), {}, "'amount_in_cents' must be a whole number"),
        (VALID.replace(b"5000", b"5000.0"), {}, "'amount_in_cents' must be a whole number"),
        (VALID.replace(b"5000", b"true"), {}, "'amount_in_cents' must be a whole number"),
        (VALID.replace(b"5000", b"-5"), {}, "'amount_in_cents' must be a whole number"),
        (VALID.replace(b"5000", b"1e400"), {}, "a number or a text that JSON cannot say"),
        (VALID.replace(b"}", b', "description": 5}'), {}, "'description' must be a string"),
        (VALID + b" " * 70_000, {}, "larger than 65536 bytes"),
        (VALID, {"Content-Type": "text/plain"}, "must be application/json"),
        (VALID, {"Idempotency-Key": "k" * 37}, "'Idempotency-Key' is not valid"),
        (VALID, {"Idempotency-Key": "k k"}, "'Idempotency-Key' is not valid"),
        (VALID, {"X-Request-ID": ""}, "'X-Request-ID' is not valid"),
        (VALID, {"X-Request-ID": "r" * 256}, "'X-Request-ID' is not valid"),
    ],
)
def test_requests_that_are_malformed(body: bytes, headers: dict[str, str], message: str) -> None:
    response = post(Sandbox(), body, **headers)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_request"
    assert message in response.json()["error"]["message"]
    assert response.headers["X-Request-ID"]


def test_triggering_with_a_body_that_is_wrong() -> None:
    for body in (b"[]", b'{"manual_execute_amount": 0}', b'{"manual_execute_amount": null}'):
        assert post(Sandbox(), body, "/rules/rule_01GSBX0000001/trigger").status_code == 400


async def test_what_was_asked_is_kept_for_assertions(sandbox: Sandbox, client: SequenceClient) -> None:
    await client.transfers.create(**A_TRANSFER, idempotency_key="k", request_id="req_mine")
    await client.transfers.list(account_id=POD).collect(1)
    create, listing = sandbox.requests
    assert (create.operation, create.method, create.path) == ("createTransfer", "POST", "/api/v1/transfers")
    assert json.loads(create.body) == A_TRANSFER
    assert (create.headers["idempotency-key"], create.headers["x-request-id"]) == ("k", "req_mine")
    assert "authorization" not in create.headers
    assert (listing.operation, listing.query) == ("listTransfers", {"account_id": POD, "first": "100"})


async def test_what_is_coming_soon_can_be_left_out(anyio_backend: str) -> None:
    client = Sandbox(coming_soon=False).client()
    with pytest.raises(NotFoundError, match="coming soon"):
        await client.cards.list(account_id=POD)
    assert len(await client.accounts.list()) == 3


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf"), 1e12])
def test_a_clock_goes_forward_only(seconds: float) -> None:
    with pytest.raises(ValueError, match="forward only"):
        Sandbox().advance(seconds)


async def test_a_clock_can_run_with_the_wall_clock(anyio_backend: str) -> None:
    client = Sandbox(running_clock=True).client()
    one, other = [await client.transfers.create(**A_TRANSFER) for _ in range(2)]
    assert other.created_at > one.created_at


async def test_a_clock_can_run_faster(anyio_backend: str) -> None:
    sandbox = Sandbox(running_clock=True, clock_speed=1000)
    transfer = await sandbox.client().transfers.create(**A_TRANSFER)
    await anyio.sleep(0.1)
    assert (await sandbox.client().transfers.get(transfer.id)).status == "complete"
    with pytest.raises(ValueError, match="speed"):
        Sandbox(running_clock=True, clock_speed=0)


@pytest.mark.parametrize(
    "permissions",
    [
        {},
        [5],
        [{"resources": []}],
        [{"scope": "LIST_ACOUNTS"}],
        [{"scope": "LIST_ACCOUNTS", "resources": ["acc_1"]}],
        [{"scope": "READ_ACCOUNTS"}],
        [{"scope": "READ_ACCOUNTS", "resources": "acc_1"}],
        [{"scope": "READ_ACCOUNTS", "resources": [{"source": "a", "target": "b"}]}],
        [{"scope": "MANUAL_TRANSFER", "resources": ["*"]}],
        [{"scope": "MANUAL_TRANSFER", "resources": [{"source": "a"}]}],
        [{"scope": "MANUAL_TRANSFER", "resources": [{"source": "a", "target": "b", "max_amount": "5"}]}],
    ],
)
def test_permissions_that_are_none(permissions: Any) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        Sandbox().create_key(permissions)
