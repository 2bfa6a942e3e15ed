"""A program as a type checker sees it: read by mypy and pyright, and never run.

Where a line has an ignore comment, that line is wrong on purpose: both checkers report ignore comments without need.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import assert_never, assert_type

import aiohttp
import httpx
import httpx2

from sequence_platform_client.models import (
    AccountSummary as PlatformAccountSummary,
    CardTransaction as PlatformCardTransaction,
    ExternalTransaction,
    Transfer as PlatformTransfer,
    WebhookEventType,
)
from sequence_sdk import (
    APIResponse,
    Changes,
    Clock,
    IdempotencyKey,
    Many,
    ManyError,
    OutcomeUnknownError,
    Page,
    Pager,
    PermissionDeniedError,
    Permissions,
    PlatformClient,
    RateLimit,
    RedisRateLimit,
    ResponseLimits,
    SequenceClient,
    TransferFailedError,
    WaitTimeoutError,
    idempotency_key_for,
    webhooks,
)
from sequence_sdk.models import (
    Account,
    AccountBalance,
    AccountSummary,
    Card,
    CardTransaction,
    ConditionTree,
    PercentageAction,
    Rule,
    RuleExecution,
    RuleExecutionSummary,
    RuleSummary,
    RuleTrigger,
    Transfer,
    TransferStatus,
    TriggeredRule,
)


def enums_are_open(transfer: Transfer) -> int:
    if transfer.status == "approved":  # which this version does not list
        return 0
    match transfer.status:
        case TransferStatus.COMPLETE:
            return 1
        case TransferStatus.PENDING | TransferStatus.PROCESSING | TransferStatus.PENDING_APPROVAL:
            return 2
        case TransferStatus.CANCELLED | TransferStatus.ERROR | TransferStatus.INCOMPLETE:
            return 3
        case another:
            assert_never(another)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def calls(client: SequenceClient) -> None:
    assert_type(await client.accounts.list(type="pod"), list[AccountSummary])
    assert_type(await client.accounts.get("acc_1"), Account)
    assert_type((await client.accounts.get("acc_1")).balance, AccountBalance | None)
    assert_type(await client.cards.list(account_id="acc_1"), list[Card])
    assert_type(await client.cards.get("card_1"), Card)
    assert_type(client.cards.list_transactions("card_1", first=10), Pager[CardTransaction])
    assert_type(client.transfers.list(account_id="acc_1", from_=datetime.now(UTC)), Pager[Transfer])
    assert_type(await client.transfers.get("txr_1"), Transfer)
    assert_type((await client.transfers.get("txr_1")).status, TransferStatus)
    created = await client.transfers.create(
        source_account_id="acc_1", destination_account_id="acc_2", amount_in_cents=100, idempotency_key="k"
    )
    assert_type(created, Transfer)
    assert_type(await client.rules.list(source_id="acc_1"), list[RuleSummary])
    assert_type(await client.rules.get("rule_1"), Rule)
    assert_type(await client.rules.trigger("rule_1", manual_execute_amount=5), TriggeredRule)
    assert_type(client.rule_executions.list(rule_id="rule_1"), Pager[RuleExecutionSummary])
    assert_type(await client.rule_executions.get("rex_1"), RuleExecution)


async def lists(client: SequenceClient) -> None:
    pager = client.transfers.list(account_id="acc_1", status=TransferStatus.COMPLETE)
    async for transfer in pager:
        assert_type(transfer, Transfer)
    async for page in pager.pages():
        assert_type(page, Page[Transfer])
        assert_type(page.end_cursor, str | None)
    assert_type(await pager.collect(limit=5), list[Transfer])
    assert_type(pager.__aiter__(), AsyncIterator[Transfer])


async def responses(client: SequenceClient) -> None:
    assert_type(await client.accounts.get.with_response("acc_1"), APIResponse[Account])
    assert_type(await client.accounts.list.with_response(), APIResponse[list[AccountSummary]])
    assert_type(await client.transfers.list.with_response(account_id="acc_1"), APIResponse[Page[Transfer]])
    response = await client.rules.get.with_response("rule_1", request_id="req_1")
    assert_type(response.data, Rule)
    assert_type(response.content, bytes)
    assert_type(response.elapsed, float)


async def open_objects(client: SequenceClient) -> None:
    rule = await client.rules.get("rule_1")
    assert_type(rule.trigger, RuleTrigger)
    for step in rule.steps:
        assert_type(step.conditions, ConditionTree | None)
        for action in step.actions or ():
            if isinstance(action, PercentageAction):
                assert_type(action.percentage, float | None)
            print(action.amount)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]


async def mistakes(client: SequenceClient) -> None:
    await client.accounts.get()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await client.accounts.get(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.accounts.list(kind="pod")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.transfers.list()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    client.transfers.list(account_id="acc_1", first="9")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    client.transfers.list(account_id="acc_1", from_="today")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.transfers.list.with_response(acount_id="a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    account = await client.accounts.get("acc_1")
    account.name = "other"  # type: ignore[misc]  # pyright: ignore[reportAttributeAccessIssue]
    print(account.nmae)  # type: ignore[attr-defined]  # pyright: ignore[reportAttributeAccessIssue]
    SequenceClient(timeout="5")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    SequenceClient(http_client=httpx.Client())  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def configuration() -> None:
    async with SequenceClient("sk_1", http_client=httpx.AsyncClient(), permissions=Permissions.recording()) as client:
        assert_type(client, SequenceClient)
    SequenceClient("sk_1", http_client=httpx2.AsyncClient(), permissions=Permissions.from_json("[]"))
    assert_type(client.with_options(timeout=5, headers={"X-A": "b"}), SequenceClient)
    try:
        await client.accounts.list()
    except PermissionDeniedError as error:
        assert_type(error.status_code, int)
        assert_type(error.scope, str | None)
        assert_type(error.grant, str | None)
        assert_type(error.request_id, str)


async def resilience(client: SequenceClient) -> None:
    assert_type(await client.transfers.wait("txr_1", timeout=None, raise_on_failure=True), Transfer)
    assert_type(await client.rule_executions.wait("rex_1"), RuleExecution)
    assert_type(await client.rules.trigger_and_wait("rule_1", manual_execute_amount=5), RuleExecution)
    await client.transfers.create_and_wait("a", "b", 5)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    SequenceClient("sk_1", rate_limit=None, max_retries=0, response_limits=ResponseLimits(body=5))
    SequenceClient("sk_1", deadline=5)
    SequenceClient("sk_1", rate_limit=RedisRateLimit(100, per=60, url="redis://localhost", name="payments"))
    SequenceClient(rate_limit=100)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    RedisRateLimit(5, url="", name="", on_failure="no")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    assert_type(RateLimit(100, per=60).per, float)
    assert_type(idempotency_key_for("invoice"), IdempotencyKey)
    SequenceClient(http_client=aiohttp.ClientSession(), clock=Clock())
    SequenceClient(http_client=5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    try:
        await client.transfers.create(source_account_id="a", destination_account_id="b", amount_in_cents=5)
    except OutcomeUnknownError as error:
        assert_type(error.idempotency_key, str | None)
        assert_type(error.remembered_until, datetime | None)
        assert_type(error.retryable, bool)
        assert_type(await error.resume(client, key_first_used=datetime.now(UTC)), Transfer | TriggeredRule)
        assert_type(await error.candidates(client), list[Transfer] | list[RuleExecutionSummary])
    except WaitTimeoutError as error:
        assert_type(error.last, object)
    except TransferFailedError as error:
        assert_type(error.transfer, Transfer | PlatformTransfer)


async def many_and_changes(client: SequenceClient) -> None:
    try:
        assert_type(await client.accounts.get_many(["acc_1"], concurrency=2), list[Account])
        assert_type(await client.cards.get_many({"card_1"}), list[Card])
        assert_type(await client.transfers.get_many(("txr_1",)), list[Transfer])
        assert_type(await client.rules.get_many(id for id in ["rule_1"]), list[Rule])
        assert_type(await client.rule_executions.get_many([]), list[RuleExecution])
    except ManyError as error:
        for result in error.results.values():
            assert_type(result, object)
        assert_type([failure.request_id for failure in error.failures.values()], list[str])
    some = await client.cards.get_many.with_failures(["card_1"], concurrency=2)
    assert_type(some, Many[Card])
    assert_type(some.results["card_1"], Card)
    assert_type(some.failures["card_1"].request_id, str)
    async for transfer in client.transfers.list(account_id="acc_1").concurrently(2, after="…"):
        assert_type(transfer, Transfer)
    async for page in client.transfers.list(account_id="acc_1").concurrently().pages():
        assert_type(page, Page[Transfer])
    await client.accounts.get_many([5])  # type: ignore[list-item]  # pyright: ignore[reportArgumentType]
    await client.accounts.get_many(5)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    changes = await client.transfers.since(datetime.now(UTC), account_id="acc_1", overlap=timedelta(hours=6))
    assert_type(changes, Changes[Transfer])
    assert_type(changes.requests, int)
    assert_type((await client.transfers.since(changes.token, account_id="acc_1")).data, list[Transfer])
    await client.transfers.since(changes, account_id="a")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await client.transfers.since(changes.token)  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]


async def the_other_api(platform: PlatformClient) -> None:
    assert_type(await platform.accounts.list(type="POD", page_size=50).collect(), list[PlatformAccountSummary])
    transfers = platform.transfers.list(account_ids=["a"], status="COMPLETE")
    assert_type(transfers, Pager[PlatformTransfer])
    assert_type(await platform.transfers.get("a2f4d9c1"), PlatformTransfer)
    assert_type(
        await platform.transfers.create.with_response(
            source_account_id="a", destination_account_id="b", amount_in_cents=100, simulation=True
        ),
        APIResponse[PlatformTransfer],
    )
    assert_type((await platform.accounts.balances()).total_in_cents, int | None)
    assert_type(platform.with_options(reason="close", simulation=True), PlatformClient)
    assert_type(await platform.transfers.since("since3_", account_ids=["a"]), Changes[PlatformTransfer])
    platform.transfers.list()  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    await platform.transfers.create("a")  # type: ignore[call-arg]  # pyright: ignore[reportCallIssue]
    platform.with_options(simulation="yes")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]


async def webhook_events(platform: PlatformClient, client: SequenceClient, body: bytes, headers: httpx.Headers) -> None:
    event = webhooks.verify(body, headers, ["whsec_new", b"whsec_old"], tolerance=None)
    assert_type(event, webhooks.WebhookEvent)
    assert_type(event.type, WebhookEventType)
    assert_type(await event.fetch(platform), PlatformTransfer | PlatformCardTransaction | ExternalTransaction)
    webhooks.verify("{}", headers, "whsec")  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
    await event.fetch(client)  # type: ignore[arg-type]  # pyright: ignore[reportArgumentType]
