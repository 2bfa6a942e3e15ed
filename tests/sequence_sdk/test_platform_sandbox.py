"""PlatformClient and the sandbox: every call of every resource, each exchange held against openapi-platform.yaml."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import anyio
import pytest

from sequence_platform_client.models import (
    AccountType,
    FixedAction,
    NewFixedAction,
    NewManualTrigger,
    NewRuleAccount,
    NewRuleStep,
)
from sequence_sandbox import Sandbox
from sequence_sdk import (
    BadRequestError,
    IdempotencyKeyMismatchError,
    ManyError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    PlatformClient,
    RateLimit,
    UnsupportedResourceError,
)
from sequence_sdk.platform import Permissions

from ..clocks import SkippingClock
from ..validated import validated_platform

pytestmark = pytest.mark.anyio

EARLY = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def sandbox() -> Sandbox:
    return Sandbox(transfers=250, rule_executions=30, external_transactions=240, card_transactions=130)


POD, CARD, PAYROLL = map(Sandbox.uuid, ("acc_01HDEF0123", "acc_01HGHI7890", "acc_01HABC4567"))
SAVE, PAY, DISABLED = map(Sandbox.uuid, ("rule_01HXYZ1234", "rule_01GSBX0000001", "rule_01GSBX0000002"))


@pytest.fixture
async def platform(anyio_backend: str, sandbox: Sandbox) -> AsyncIterator[PlatformClient]:
    async with validated_platform(sandbox, sandbox.create_key(), clock=SkippingClock()) as client:
        yield client


async def listed(platform: PlatformClient) -> dict[str, list[Any]]:
    """What each list of every resource holds, by its name."""
    accounts = await platform.accounts.list().collect()
    ids = [one.id for one in accounts]
    external = [one.id for one in accounts if one.type == "EXTERNAL_ACCOUNT"]
    return {
        "accounts": accounts,
        "beneficiaries": await platform.beneficiaries.list().collect(),
        "transfers": await platform.transfers.list(account_ids=ids).collect(),
        "transfers of one": await platform.accounts.list_transfers(POD).collect(),
        "rules": await platform.rules.list().collect(),
        "rule_executions": await platform.rule_executions.list(SAVE).collect(),
        "external_transactions": await platform.external_transactions.list(account_ids=external).collect(),
        "card_transactions": await platform.card_transactions.list(account_id=POD).collect(),
        "audit_logs": await platform.audit_logs.list().collect(),
    }


async def test_every_list_is_read_whole_and_once(platform: PlatformClient, sandbox: Sandbox) -> None:
    found = await listed(platform)
    for name, items in found.items():
        assert items, name
        assert len({one.id for one in items}) == len(items), name
    assert len(found["transfers"]) >= 250
    assert 80 < len(found["external_transactions"]) < 100  # one a day, and 90 days of them are kept
    assert len(found["card_transactions"]) == 130
    moments = [one.created_at for one in found["transfers"]]
    assert moments == sorted(moments, reverse=True)


@pytest.mark.parametrize("page_size", [1, 7, 100])
async def test_pages_of_any_size_hold_the_same(page_size: int, platform: PlatformClient) -> None:
    whole = [one.id for one in await platform.rules.list().collect()]
    assert [one.id for one in await platform.rules.list(page_size=page_size).collect()] == whole
    executions = [one.id for one in await platform.rule_executions.list(SAVE).collect()]
    assert [one.id async for one in platform.rule_executions.list(SAVE, page_size=page_size)] == executions
    assert [one.id for one in await platform.rule_executions.list(SAVE).collect(limit=5)] == executions[:5]


async def test_what_leaves_a_list_while_it_is_read_takes_nothing_else_along(
    platform: PlatformClient, sandbox: Sandbox
) -> None:
    """Of those that are still being processed some end between two pages: by page numbers, others would be lost."""
    made = [await _move(platform, sandbox, seconds=one % 3) for one in range(40)]
    found = list[str]()
    listed = platform.transfers.list(account_ids=[POD], status="PROCESSING", page_size=6)
    async for page in listed.pages():
        found += [one.id for one in page.data]
        sandbox.advance(0.4)
    left = await listed.collect()
    assert 0 < len(left) < len(made)
    assert {one.id for one in left} <= set(found)
    assert len(set(found)) == len(found)


async def _move(platform: PlatformClient, sandbox: Sandbox, *, seconds: float) -> str:
    sandbox.advance(seconds / 10)
    made = await platform.transfers.create(source_account_id=PAYROLL, destination_account_id=POD, amount_in_cents=700)
    return made.id


async def test_a_list_read_concurrently_is_the_same(platform: PlatformClient) -> None:
    ids = [one.id for one in await platform.accounts.list().collect()]
    for pager in (
        platform.transfers.list(account_ids=ids, from_=EARLY, page_size=20),
        platform.accounts.list_transfers(POD, from_=EARLY, page_size=10),
    ):
        whole = [one.id async for one in pager]
        assert [one.id async for one in pager.concurrently(8)] == whole
        cursors = [page.end_cursor async for page in pager.concurrently(4).pages() if page.end_cursor]
        rest = [one.id async for one in pager.concurrently(4, after=cursors[1])]
        assert whole[-len(rest) :] == rest
    window = platform.external_transactions.list(account_ids=[CARD], from_=EARLY, page_size=20)
    with pytest.warns(UserWarning, match="keeps nothing older"):
        pages = [page async for page in window.concurrently(4).pages()]
    with pytest.warns(UserWarning, match="keeps nothing older"):
        assert sum(len(page.data) for page in pages) == len(await window.collect())
    assert all(page.window is not None and page.window.truncated for page in pages)


async def test_what_is_listed_can_be_got(platform: PlatformClient) -> None:
    found = await listed(platform)
    gets: dict[str, Callable[[str], Awaitable[Any]]] = {
        "accounts": platform.accounts.get,
        "transfers": platform.transfers.get,
        "external_transactions": platform.external_transactions.get,
        "card_transactions": platform.card_transactions.get,
    }
    for name, get in gets.items():
        one = found[name][-1]
        assert (await get(one.id)).id == one.id
    execution = found["rule_executions"][0]
    assert (await platform.rule_executions.get(SAVE, execution.id)).id == execution.id
    ids = [one.id for one in found["accounts"]]
    assert [one.id for one in await platform.accounts.get_many(ids)] == ids
    some = [one.id for one in found["transfers"][:20]]
    assert [one.id for one in await platform.transfers.get_many(some)] == some
    for get in gets.values():
        with pytest.raises(NotFoundError, match="_NOT_FOUND"):
            await get("5ea90c37-f41b-4d82-9b06-c2d7e8a1603f")


async def test_all_rules_but_those_that_the_api_cannot_show(platform: PlatformClient) -> None:
    rules = await platform.rules.list().collect()
    with pytest.raises(ManyError, match="1 of 4 IDs failed") as caught:
        await platform.rules.get_many([one.id for one in rules])
    (failure,) = caught.value.failures.values()
    assert isinstance(failure, UnsupportedResourceError)
    assert {one.id for one in rules if not one.is_supported} == set(caught.value.failures)


async def test_money_is_moved_once_and_seen_through_the_other_api(platform: PlatformClient, sandbox: Sandbox) -> None:
    before = len(sandbox.organization.transfers)
    call: dict[str, Any] = {"source_account_id": PAYROLL, "destination_account_id": POD, "amount_in_cents": 700}
    made = await platform.transfers.create(**call, idempotency_key="invoice-17")
    assert (await platform.transfers.create(**call, idempotency_key="invoice-17")).id == made.id
    with pytest.raises(IdempotencyKeyMismatchError):
        await platform.transfers.create(**call | {"amount_in_cents": 701}, idempotency_key="invoice-17")
    assert len(sandbox.organization.transfers) == before + 1
    async with sandbox.client() as v1:
        seen = await v1.transfers.list(account_id="acc_01HDEF0123").collect(limit=1)
    assert [one.amount_in_cents for one in seen] == [700]


async def test_writes_that_wait(platform: PlatformClient, sandbox: Sandbox) -> None:
    async def days() -> None:
        while True:
            await anyio.sleep(0.005)
            sandbox.advance(86_400)

    async with anyio.create_task_group() as group:
        group.start_soon(days)
        transfer = await platform.transfers.create_and_wait(
            source_account_id=PAYROLL, destination_account_id=POD, amount_in_cents=700, timeout=None
        )
        assert transfer.status == "COMPLETE"
        assert (await platform.transfers.wait(transfer.id)).id == transfer.id
        execution = await platform.rules.trigger_and_wait(PAY, timeout=None)
        assert execution.status in {"EXECUTED", "PARTIAL", "FAILED"}
        assert (await platform.rule_executions.wait(PAY, execution.id)).id == execution.id
        group.cancel_scope.cancel()


async def test_what_is_not_found_for_a_moment_is_waited_for(platform: PlatformClient, sandbox: Sandbox) -> None:
    sandbox.settings.late_gets = 2
    made = await platform.transfers.create(source_account_id=PAYROLL, destination_account_id=POD, amount_in_cents=700)
    assert (await platform.transfers.get(made.id)).id == made.id
    triggered = await platform.rules.trigger(PAY)
    assert (await platform.rule_executions.get(PAY, triggered.execution_id)).rule_id == PAY


async def test_a_simulation_moves_nothing_and_the_same_key_goes_live(
    platform: PlatformClient, sandbox: Sandbox
) -> None:
    total, before = sandbox.organization.total(), len(await platform.transfers.list(account_ids=[POD]).collect())
    dry = platform.with_options(simulation=True)
    call: dict[str, Any] = {"source_account_id": PAYROLL, "destination_account_id": POD, "amount_in_cents": 700}
    simulated = await dry.transfers.create(**call, idempotency_key="invoice-17")
    assert simulated.execution_mode == "SIMULATION"
    execution = await dry.rules.trigger(DISABLED, execute_amount=100_000)
    sandbox.advance(10 * 86_400)
    assert (await dry.rule_executions.get(DISABLED, execution.execution_id)).execution_mode == "SIMULATION"
    assert len(await platform.transfers.list(account_ids=[POD]).collect()) == before
    assert simulated.id in {one.id for one in await dry.transfers.list(account_ids=[POD]).collect()}
    assert sandbox.organization.total() == total
    live = await platform.transfers.create(**call, idempotency_key="invoice-17")
    assert (live.execution_mode, live.id != simulated.id) == ("LIVE", True)
    with pytest.raises(PermissionDeniedError, match="RULE_DEACTIVATED"):
        await platform.rules.trigger(DISABLED)


def steps(amount: int) -> list[NewRuleStep]:
    action = NewFixedAction(
        type="FIXED",
        source=NewRuleAccount(id=PAYROLL, type=AccountType.INCOME_SOURCE),
        destination=NewRuleAccount(id=POD, type=AccountType.POD),
        group_index=0,
        up_to_enabled=False,
        is_direct_deposit=False,
        amount_in_cents=amount,
    )
    return [NewRuleStep(conditions=None, actions=[action])]


async def test_a_rule_is_made_changed_and_read(platform: PlatformClient) -> None:
    trigger = NewManualTrigger(type="MANUAL", account_id=PAYROLL)
    made = await platform.rules.create(trigger=trigger, steps=steps(5000), name="Boat")
    assert made.status == "DISABLED"
    changed = await platform.rules.update(made.id, name="Ship", steps=steps(7500))
    (action,) = changed.steps[0].actions
    assert isinstance(action, FixedAction)
    assert (changed.name, action.amount_in_cents) == ("Ship", 7500)
    assert (await platform.rules.get(made.id)).name == "Ship"


async def test_an_account_is_made_and_its_name_is_a_guard(platform: PlatformClient) -> None:
    made = await platform.accounts.create(type="POD", name="Boat", savings_target_in_cents=100_000)
    assert made.balance is not None
    assert made.balance.balance_in_cents == 0
    with pytest.raises(BadRequestError, match="INVALID_PARAMETERS"):
        await platform.accounts.create(type="POD", name="Boat")


async def test_a_write_without_a_key_whose_response_is_lost_can_be_looked_up(
    platform: PlatformClient, sandbox: Sandbox
) -> None:
    sandbox.advance((datetime.now(UTC) - sandbox.clock.now()).total_seconds())  # what is older is no candidate
    sandbox.fail("reset_after", operation="createAccount")
    with pytest.raises(OutcomeUnknownError) as caught:
        await platform.accounts.create(type="POD", name="Boat")
    (found,) = await caught.value.candidates(platform)
    assert getattr(found, "name", None) == "Boat"


async def test_a_write_with_a_key_whose_response_is_lost_is_done_once(
    platform: PlatformClient, sandbox: Sandbox
) -> None:
    before = len(sandbox.organization.transfers)
    sandbox.fail("reset_after", operation="createTransfer")
    await platform.transfers.create(source_account_id=PAYROLL, destination_account_id=POD, amount_in_cents=700)
    assert len(sandbox.organization.transfers) == before + 1


async def test_changes_come_once(platform: PlatformClient, sandbox: Sandbox) -> None:
    ids = [PAYROLL, POD]
    first = await platform.transfers.since(EARLY, account_ids=ids)
    assert len(first.data) == len(await platform.transfers.list(account_ids=ids).collect())
    assert (await platform.transfers.since(first.token, account_ids=ids)).data == []
    made = await platform.transfers.create(source_account_id=PAYROLL, destination_account_id=POD, amount_in_cents=700)
    second = await platform.transfers.since(first.token, account_ids=ids)
    assert [one.id for one in second.data] == [made.id]
    sandbox.advance(10 * 86_400)
    third = await platform.transfers.since(second.token, account_ids=ids)
    assert {one.id: one.status for one in third.data}[made.id] == "COMPLETE"


async def test_balances_are_those_of_every_account(platform: PlatformClient) -> None:
    balances = await platform.accounts.balances(stale_after=timedelta(days=36_500))
    ids = [one.id for one in await platform.accounts.list().collect()]
    assert [one.id for one in balances.accounts if one.id in ids] == ids
    assert len(balances.accounts) > len(ids)  # a loan belongs to a pod
    assert balances.missing
    assert balances.total_in_cents is None
    owed = {one.account.name: one.in_cents for one in balances.accounts if one.account.external_account_type}
    assert all(cents is None or cents < 0 for name, cents in owed.items() if "Loan" in name or "Amex" in name)


async def test_a_key_with_few_permissions(anyio_backend: str, sandbox: Sandbox) -> None:
    entries: list[dict[str, Any]] = [
        {"scope": "READ_ACCOUNTS", "resources": [POD]},
        {"scope": "READ_TRANSFERS", "resources": [POD]},
        {"scope": "MANUAL_TRANSFER", "resources": [{"source": PAYROLL, "target": POD, "max_amount": 500}]},
    ]
    key = sandbox.create_key({"v1": [], "platform": entries})
    declared = Permissions.from_json(json.dumps({"v1": [], "platform": entries}))
    for permissions in (None, declared):
        async with validated_platform(sandbox, key, permissions=permissions) as client:
            assert len(await client.accounts.list().collect()) > 1
            assert await client.beneficiaries.list().collect()
            await client.accounts.get(POD)
            refused: list[tuple[Any, str, str | None]] = [
                (lambda client: client.accounts.get(CARD), "READ_ACCOUNTS", "resource"),
                (lambda client: client.transfers.list(account_ids=[POD, CARD]).collect(), "READ_TRANSFERS", "resource"),
                (lambda client: client.rules.list().collect(), "READ_RULES", "scope"),
                (lambda client: client.audit_logs.list().collect(), "READ_AUDIT_LOGS", "scope"),
                (lambda client: client.accounts.create(type="POD", name="x"), "CREATE_ACCOUNTS", "scope"),
                (
                    lambda client: client.transfers.create(
                        source_account_id=PAYROLL, destination_account_id=POD, amount_in_cents=501
                    ),
                    "MANUAL_TRANSFER",
                    "amount",
                ),
            ]
            for call, scope, missing in refused:
                with pytest.raises(PermissionDeniedError) as caught:
                    await call(client)
                assert (caught.value.scope, caught.value.local) == (scope, permissions is not None)
                assert caught.value.missing == (missing if permissions or missing == "amount" else None)
            balances = await client.accounts.balances()
            assert {type(one) for one in balances.failures.values()} == {PermissionDeniedError}
            assert POD not in balances.failures


async def test_a_recording_gives_the_permissions_with_which_it_runs(anyio_backend: str, sandbox: Sandbox) -> None:
    recording = Permissions.recording()

    async def program(client: PlatformClient) -> None:
        await client.accounts.get(POD)
        one = (await client.transfers.list(account_ids=[POD, PAYROLL]).collect(limit=1))[0]
        await client.transfers.get(one.id)
        await client.audit_logs.list().collect(limit=1)
        await client.transfers.create(source_account_id=PAYROLL, destination_account_id=POD, amount_in_cents=700)

    async with validated_platform(sandbox, sandbox.create_key(), permissions=recording) as client:
        await program(client)
    assert recording.unresolved == ()
    entries = json.loads(recording.to_json())
    key = sandbox.create_key({"v1": [], "platform": entries})
    async with validated_platform(sandbox, key, permissions=Permissions.from_json(entries)) as client:
        await program(client)


async def test_the_rate_limit_is_kept(anyio_backend: str) -> None:
    sandbox = Sandbox()
    clock = SkippingClock()
    async with sandbox.platform_client(rate_limit=RateLimit(5, per=60), clock=clock) as client:
        for _ in range(7):
            await client.beneficiaries.list().collect()
    assert sum(clock.slept) > 0


async def test_why_a_call_was_made_is_in_the_audit_log(anyio_backend: str, sandbox: Sandbox) -> None:
    async with validated_platform(sandbox, sandbox.create_key(label="books"), reason="monthly close") as client:
        await client.accounts.get(POD)
        entry = (await client.audit_logs.list(action="GET_ACCOUNT").collect(limit=1))[0]
    assert (entry.reason, entry.api_key_name, entry.outcome) == ("monthly close", "books", "SUCCESS")
