"""PlatformClient: what it sends, what it makes of responses, and what it does not do."""

from __future__ import annotations

import inspect
import json
import pickle
import traceback
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from msgspec.structs import replace

from sequence_platform_client import api
from sequence_sdk import (
    APIResponseValidationError,
    APITimeoutError,
    ConfigurationError,
    ConflictError,
    IdempotencyKey,
    IdempotencyKeyMismatchError,
    InvalidArgumentError,
    NotFoundError,
    OutcomeUnknownError,
    PermissionDeniedError,
    Permissions as PermissionsV1,
    PlatformClient,
    RateLimit,
    SequenceClient,
    TransferFailedError,
    TruncatedListWarning,
    UnprocessableEntityError,
    UnsupportedResourceError,
    to_builtins,
)
from sequence_sdk.platform import Permissions

from ..clocks import SkippingClock
from ..conftest import API_KEY, Asked, Reply, Server

pytestmark = pytest.mark.anyio

POD, OTHER, RULE = "a2f4d9c1-6e0b-47d8-8f5a-1be93c0d7742", "e81d3a57-92c4-4b1f-b6a9-0d54c7f2ae63", "07c6e2b9"
CREATE: dict[str, Any] = {"source_account_id": POD, "destination_account_id": OTHER, "amount_in_cents": 500}


def party(id: str) -> dict[str, object]:
    return {"id": id, "name": "Boat repairs", "type": "POD", "isDeleted": False}


def transfer(**other: object) -> dict[str, object]:
    return {
        "id": "6d19b8e4-a07f-43c2-8b54-e7f301c92da8",
        "amountInCents": 500,
        "direction": "INTERNAL",
        "origin": "USER",
        "source": party(POD),
        "destination": party(OTHER),
        "status": "PROCESSING",
        "executionMode": "LIVE",
        "ruleId": None,
        "ruleExecutionId": None,
        "errorCode": None,
        "createdAt": "2026-07-15T09:02:34Z",
        "completedAt": None,
    } | other


def account(id: str = POD, **other: object) -> dict[str, object]:
    return {
        "id": id,
        "name": "Boat repairs",
        "type": "POD",
        "description": None,
        "externalAccountType": None,
        "beneficiaryName": "Kim",
        "institutionName": None,
        "canBeSource": True,
        "canBeDestination": True,
        "linkedAccount": None,
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
        "deletedAt": None,
    } | other


def in_full(id: str = POD, balance: dict[str, object] | None = None, **other: object) -> dict[str, object]:
    held = None if balance is None else dict.fromkeys(BALANCE) | balance
    numbers = {"routingNumber": "110000000", "bankAccountNumber": "000123456789"}
    return account(id, **numbers, balance=held, savingsTargetInCents=None) | other


BALANCE = (
    "balanceInCents",
    "availableBalanceInCents",
    "lastStatementBalanceInCents",
    "nextPaymentMinimumInCents",
    "nextPaymentDueDate",
    "balanceLastUpdatedAt",
    "error",
)


def rule_execution(**other: object) -> dict[str, object]:
    return {
        "id": "f3a97d10",
        "ruleId": RULE,
        "status": "EXECUTED",
        "executionMode": "LIVE",
        "createdAt": "2026-07-15T09:10:00Z",
        "triggerDetails": {"type": "SEQUENCE_API", "amountInCents": None},
        "stepIndexMatched": 0,
        "conditionsNotMet": False,
        "transfersAttempted": 0,
        "transfersCompleted": 0,
        "transfersFailed": 0,
        "transfersPending": 0,
        "transferIds": list[str](),
        "errorMessage": None,
        "nextAttemptAt": None,
    } | other


def body(data: object) -> str:
    return json.dumps({"data": data, "requestId": "req-5001"})


def page(items: list[dict[str, object]], *, more: bool | None = False, number: int = 1, **other: object) -> str:
    pagination: dict[str, object] = {"page": number, "pageSize": 100}
    if more is not None:
        pagination["hasNextPage"] = more
    return body({"items": items, "pagination": pagination} | other)


def fault(code: str, status: int, message: str = "No.", **other: object) -> Reply:
    return Reply(json.dumps({"error": {"code": code, "message": message}} | other), status)


def query(asked: Asked) -> dict[str, list[str]]:
    return parse_qs(urlsplit(asked.target).query)


@pytest.fixture
async def platform(anyio_backend: str, server: Server) -> AsyncIterator[PlatformClient]:
    async with PlatformClient(
        API_KEY, base_url=server.base_url, max_retries=0, rate_limit=None, clock=SkippingClock()
    ) as client:
        yield client


@pytest.fixture
async def patient(anyio_backend: str, server: Server) -> AsyncIterator[PlatformClient]:
    async with PlatformClient(API_KEY, base_url=server.base_url, rate_limit=None, clock=SkippingClock()) as client:
        yield client


# ------------------------------------------------------------------------------------------------ how it is configured


def test_the_key_and_the_address_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEQUENCE_API_KEY", "sk_1")
    monkeypatch.delenv("SEQUENCE_BASE_URL", raising=False)
    assert PlatformClient().base_url == "https://api.getsequence.io/platform/v1"
    monkeypatch.setenv("SEQUENCE_PLATFORM_BASE_URL", "http://127.0.0.1:1/platform/v1/")
    assert PlatformClient().base_url == "http://127.0.0.1:1/platform/v1"


@pytest.mark.parametrize(
    ("client", "alone", "missing"),
    [
        (PlatformClient, "SEQUENCE_BASE_URL", "SEQUENCE_PLATFORM_BASE_URL"),
        (SequenceClient, "SEQUENCE_PLATFORM_BASE_URL", "SEQUENCE_BASE_URL"),
    ],
)
def test_a_program_that_is_pointed_at_a_sandbox_does_not_reach_production_by_the_other_client(
    client: Any, alone: str, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(alone, "http://127.0.0.1:1")
    monkeypatch.delenv(missing, raising=False)
    with pytest.raises(ConfigurationError, match=f"{alone} is set, and {missing} is not"):
        client("sk_1")
    assert client("sk_1", base_url=client.contract.base_url).base_url == client.contract.base_url
    monkeypatch.setenv(missing, "http://127.0.0.1:2")
    assert client("sk_1").base_url == "http://127.0.0.1:2"


def test_a_key_with_the_word_before_it_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="has the word Bearer before it"):
        PlatformClient("Bearer sk_1")


def test_no_traceback_shows_the_key() -> None:
    with pytest.raises(ConfigurationError) as caught:
        PlatformClient("sk_very_secret", timeout=-1)
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "sk_very_secret" not in shown.replace('PlatformClient("sk_very_secret"', "")


@pytest.mark.parametrize("simulation", [None, 1, 0, "yes"])
def test_whether_a_client_only_simulates_is_a_yes_or_no(simulation: Any) -> None:
    with pytest.raises(ConfigurationError, match="simulation must be True or False, not") as caught:
        PlatformClient("sk_very_secret", simulation=simulation)
    shown = "".join(traceback.TracebackException.from_exception(caught.value, capture_locals=True).format())
    assert "sk_very_secret" not in shown.replace('PlatformClient("sk_very_secret"', "")


@pytest.mark.parametrize("reason", ["a\nb", "", " a", "für Kim", 5])
def test_a_reason_that_no_header_can_hold_is_refused(reason: Any) -> None:
    with pytest.raises(ConfigurationError, match="reason"):
        PlatformClient("sk_1", reason=reason)


async def test_the_reason_goes_out_with_every_request_and_a_calls_own_in_its_place(
    anyio_backend: str, server: Server
) -> None:
    server.response = lambda _: Reply(page([]))
    async with PlatformClient(API_KEY, base_url=server.base_url, reason="monthly close") as client:
        await client.beneficiaries.list().collect()
        await client.with_options(reason="audit").rules.list().collect()
        await client.with_options(timeout=5).rules.list(called_reason="once").collect()
    assert [asked.headers.get_all("x-called-reason") for asked in server.asked] == [
        ["monthly close"],
        ["audit"],
        ["once"],
    ]
    assert {asked.headers["Authorization"] for asked in server.asked} == {f"Bearer {API_KEY}"}
    assert {asked.headers["X-Request-ID"] for asked in server.asked} == {None}


TABLE = {
    "accounts": ["balances", "create", "get", "get_many", "list", "list_transfers"],
    "beneficiaries": ["list"],
    "transfers": ["create", "create_and_wait", "get", "get_many", "list", "since", "wait"],
    "rules": ["create", "get", "get_many", "list", "trigger", "trigger_and_wait", "update"],
    "rule_executions": ["get", "list", "wait"],
    "external_transactions": ["get", "list"],
    "card_transactions": ["get", "list"],
    "audit_logs": ["list"],
}


def test_the_resources_are_these() -> None:
    client = PlatformClient("sk_1", base_url="http://127.0.0.1:1")
    found = {
        name: sorted(one for one in dir(resource) if not one.startswith("_"))
        for name, resource in vars(client).items()
        if not name.startswith("_")
    }
    assert found == TABLE
    for name in ("create", "list"):
        assert "idempotency_key" in inspect.signature(client.transfers.create).parameters
        assert "Args:" in (getattr(client.transfers, name).__doc__ or "")
    assert "page_size" in inspect.signature(client.accounts.list).parameters
    assert "page" not in inspect.signature(client.accounts.list).parameters


# --------------------------------------------------------------------------------------------------------- what is sent


@pytest.mark.parametrize("id", ["acc_01HDEF0123", "txr_1", "rule_9", "", "..", "a b", 5])
async def test_ids_of_the_other_api_and_what_no_path_can_hold_are_refused(
    id: Any, platform: PlatformClient, server: Server
) -> None:
    for call in (platform.accounts.get, platform.transfers.get):
        with pytest.raises(InvalidArgumentError, match="id"):
            await call(id)
    with pytest.raises(InvalidArgumentError, match=r"account_ids\[1\]"):
        platform.transfers.list(account_ids=[POD, id])
    assert server.asked == []


def test_no_accounts_or_one_as_a_string_is_refused() -> None:
    client = PlatformClient("sk_1", base_url="http://127.0.0.1:1")
    with pytest.raises(InvalidArgumentError, match="account_ids has 0 items"):
        client.transfers.list(account_ids=[])
    with pytest.raises(InvalidArgumentError, match="account_ids must be a list, not str"):
        client.external_transactions.list(account_ids=POD)  # one that is taken for its characters
    with pytest.raises(InvalidArgumentError, match="page cannot be given"):
        client.transfers.list(account_ids=[POD], page=2)


async def test_several_accounts_are_a_parameter_each_in_brackets(platform: PlatformClient, server: Server) -> None:
    server.reply(page([]))
    await platform.transfers.list(account_ids=[POD, OTHER], status="COMPLETE").collect()
    assert query(server.asked[0]) == {"accountIds[]": [POD, OTHER], "status": ["COMPLETE"], "pageSize": ["100"]}


async def test_the_identifier_of_a_request_is_the_one_in_the_body(platform: PlatformClient, server: Server) -> None:
    server.reply(page([account()]))
    server.replies.append(fault("ACCOUNT_NOT_FOUND", 404, requestId="broker-1"))
    server.replies.append(fault("ACCOUNT_NOT_FOUND", 404))
    server.replies.append(fault("ACCOUNT_NOT_FOUND", 404, requestId=API_KEY))
    assert (await platform.accounts.list.with_response()).request_id == "req-5001"
    for request_id, shown in (("broker-1", " (request broker-1)"), ("", "No."), ("", "No.")):
        with pytest.raises(NotFoundError) as caught:
            await platform.accounts.get(POD)
        assert caught.value.request_id == request_id
        assert str(caught.value).endswith(shown)


async def test_a_response_that_cannot_be_read_says_of_which_request_it_is(
    platform: PlatformClient, server: Server
) -> None:
    server.reply(body({"id": 5}))
    with pytest.raises(APIResponseValidationError, match=r"\(request req-5001\)") as caught:
        await platform.accounts.get(POD)
    assert caught.value.request_id == "req-5001"


# -------------------------------------------------------------------------------------------------------------- lists


async def test_a_page_that_does_not_say_whether_another_follows_has_one_if_it_is_full(
    platform: PlatformClient, server: Server
) -> None:
    items = [account(f"id{n}") for n in range(3)]
    server.reply(page(items, more=None))
    assert len(await platform.accounts.list().collect()) == 3
    assert len(server.asked) == 1
    server.response = lambda asked: Reply(
        page(items[2:] if query(asked).get("page") == ["2"] else items[:2], more=None)
    )
    assert [one.id for one in await platform.accounts.list(page_size=2).collect()] == ["id0", "id1", "id2"]


async def test_a_list_by_time_goes_on_by_time(platform: PlatformClient, server: Server) -> None:
    moment = datetime(2026, 7, 15, 9, 2, 34, tzinfo=UTC)
    items = [transfer(id=f"t{n}", createdAt=(moment - timedelta(minutes=n)).isoformat()) for n in range(5)]
    server.reply(page(items[:3], more=True))
    server.reply(page(items[2:], more=False))
    found = await platform.transfers.list(account_ids=[POD], page_size=3, from_=moment - timedelta(days=1)).collect()
    assert [one.id for one in found] == ["t0", "t1", "t2", "t3", "t4"]
    first, second = map(query, server.asked)
    assert "to" not in first
    assert datetime.fromisoformat(second["to"][0]) == moment - timedelta(minutes=2) + timedelta(seconds=1)
    assert (second["page"], second["from"]) == (["1"], first["from"])


async def test_what_the_api_does_not_keep_is_on_the_page_and_warned_of_once(
    platform: PlatformClient, server: Server
) -> None:
    window = {"from": "2026-04-16T09:30:00Z", "to": "2026-07-15T09:30:00Z", "truncated": True}
    server.response = lambda _: Reply(page([], window=window))
    listed = platform.external_transactions.list(account_ids=[POD], from_=datetime(2020, 1, 1, tzinfo=UTC))
    with pytest.warns(TruncatedListWarning, match="begins at 2026-04-16T09:30:00") as warned:
        (found,) = [one async for one in listed.pages()]
    assert found.window is not None
    assert (found.window.truncated, found.window.from_) == (True, datetime(2026, 4, 16, 9, 30, tzinfo=UTC))
    assert len(warned) == 1
    assert found.end_cursor is None


async def test_a_list_without_window_is_read_as_well(platform: PlatformClient, server: Server) -> None:
    server.reply(page([]))
    (found,) = [one async for one in platform.audit_logs.list().pages()]
    assert found.window is None


async def test_lists_that_cannot_be_divided_are_not_read_concurrently(platform: PlatformClient) -> None:
    with pytest.raises(InvalidArgumentError, match="from_ must be given"):
        platform.transfers.list(account_ids=[POD]).concurrently(2)


# -------------------------------------------------------------------------------------------------------- permissions


async def test_a_refusal_names_every_account(platform: PlatformClient, server: Server) -> None:
    server.replies.append(fault("ACCESS_DENIED", 403))
    with pytest.raises(PermissionDeniedError) as caught:
        await platform.transfers.list(account_ids=[POD, OTHER]).collect()
    assert (caught.value.scope, caught.value.resources) == ("READ_TRANSFERS", (POD, OTHER))
    assert f"on {POD}, on {OTHER}, not all of which this API key grants" in str(caught.value)
    assert json.loads(caught.value.grant or "") == {"scope": "READ_TRANSFERS", "resources": [POD, OTHER]}


async def test_a_scope_of_the_whole_organization_is_granted_as_such(platform: PlatformClient, server: Server) -> None:
    server.replies += [fault("ACCESS_DENIED", 403), fault("ACCESS_DENIED", 403)]
    with pytest.raises(PermissionDeniedError) as caught:
        await platform.audit_logs.list().collect()
    assert json.loads(caught.value.grant or "") == {"scope": "READ_AUDIT_LOGS", "resources": ["*"]}
    with pytest.raises(PermissionDeniedError, match="or else the beneficiary is of another organization"):
        await platform.accounts.create(type="POD", name="x")


@pytest.mark.parametrize(
    ("code", "error"),
    [("RULE_DEACTIVATED", PermissionDeniedError), ("INVALID_RULE", UnsupportedResourceError)],
)
async def test_what_is_no_missing_permission_does_not_look_like_one(
    code: str, error: type[PermissionDeniedError], platform: PlatformClient, server: Server
) -> None:
    server.replies.append(fault(code, 403, "It is switched off."))
    with pytest.raises(error, match=r"not for a missing permission\. The server says: It is switched off") as caught:
        await platform.rules.trigger(RULE)
    assert type(caught.value) is error
    assert (caught.value.scope, caught.value.grant, caught.value.missing) == (None, None, None)


async def test_an_amount_above_the_cap_says_so(platform: PlatformClient, server: Server) -> None:
    server.replies.append(fault("MAXIMUM_AMOUNT_EXCEEDED", 403))
    with pytest.raises(PermissionDeniedError, match="the amount is above max_amount") as caught:
        await platform.transfers.create(**CREATE)
    assert caught.value.missing == "amount"


async def test_a_rule_that_cannot_be_shown_is_reported_beside_the_others(
    platform: PlatformClient, server: Server
) -> None:
    rule: dict[str, object] = {
        "id": "r1",
        "name": None,
        "description": None,
        "status": "ENABLED",
        "trigger": {"type": "MANUAL", "accountId": None},
        "steps": [],
        "createdAt": "2026-01-01T00:00:00Z",
        "updatedAt": "2026-01-01T00:00:00Z",
        "deletedAt": None,
    }
    server.response = lambda asked: Reply(body(rule)) if asked.target.endswith("r1") else fault("INVALID_RULE", 403)
    found = await platform.rules.get_many.with_failures(["r1", "r2"])
    assert (list(found.results), list(found.failures)) == (["r1"], ["r2"])
    assert isinstance(found.failures["r2"], UnsupportedResourceError)


BOTH = {
    "v1": [{"scope": "LIST_RULES"}],
    "platform": [
        {"scope": "READ_ACCOUNTS", "resources": [POD]},
        {"scope": "READ_TRANSFERS", "resources": [POD, OTHER]},
        {"scope": "READ_AUDIT_LOGS", "resources": "*"},
        {"scope": "CREATE_ACCOUNTS"},
    ],
}


@pytest.mark.parametrize("given", [BOTH, json.dumps(BOTH), BOTH["platform"]])
def test_permissions_of_a_file_for_both_apis_or_of_a_list(given: Any) -> None:
    permissions = Permissions.from_json(given)
    assert permissions.allows("listAccounts")
    assert permissions.allows("getAccount", id=POD)
    assert not permissions.allows("getAccount", id=OTHER)
    assert permissions.allows("listTransfers", account_ids=[POD, OTHER])
    assert not permissions.allows("listTransfers", account_ids=[POD, "else"])
    assert permissions.allows("listAuditLogs")
    assert permissions.allows("createAccount")
    assert permissions.allows("listBeneficiaries")
    assert not permissions.allows("listRules")


async def test_a_list_belongs_to_the_api_of_the_client_it_is_given_to(anyio_backend: str, server: Server) -> None:
    read = PermissionsV1.from_json(json.dumps(BOTH["platform"]))
    async with PlatformClient(API_KEY, base_url=server.base_url, permissions=read) as client:
        with pytest.raises(PermissionDeniedError, match="nothing was sent") as caught:
            await client.transfers.list(account_ids=[POD, "else"]).collect()
    assert (caught.value.local, caught.value.missing) == (True, "resource")
    for wrong in (PermissionsV1.recording(), PermissionsV1.from_json('{"v1": []}'), "[]"):
        with pytest.raises(ConfigurationError, match="permissions"):
            PlatformClient(API_KEY, base_url=server.base_url, permissions=wrong)  # type: ignore[arg-type]
    with pytest.raises(ConfigurationError, match="READ_AUDIT_LOGS is of the whole organization"):
        Permissions.from_json([{"scope": "READ_AUDIT_LOGS", "resources": [POD]}])


def test_uuids_are_granted_in_any_case() -> None:
    permissions = Permissions.from_json(
        [
            {"scope": "READ_ACCOUNTS", "resources": [POD.upper()]},
            {"scope": "MANUAL_TRANSFER", "resources": [{"source": POD, "target": OTHER.upper(), "max_amount": 5000}]},
        ]
    )
    assert permissions.allows("getAccount", id=POD)
    assert permissions.allows("createTransfer", **CREATE | {"source_account_id": POD.upper()})


async def test_a_recording_knows_what_a_program_needed(anyio_backend: str, server: Server) -> None:
    recording = Permissions.recording()
    server.reply(page([]))
    server.reply(body(transfer()))
    async with PlatformClient(API_KEY, base_url=server.base_url, permissions=recording) as client:
        await client.transfers.list(account_ids=[POD, OTHER]).collect()
        await client.transfers.create(**CREATE)
    assert json.loads(recording.to_json()) == [
        {"scope": "READ_TRANSFERS", "resources": [POD, OTHER]},
        {"scope": "MANUAL_TRANSFER", "resources": [{"source": POD, "target": OTHER, "max_amount": 500}]},
    ]


# -------------------------------------------------------------------------------------------------------------- money

UNREADABLE = Reply(b"<html>", 502, "text/html")


async def test_a_write_with_a_key_is_repeated_with_the_same(patient: PlatformClient, server: Server) -> None:
    server.replies += [UNREADABLE, fault("TRANSFER_IN_PROGRESS", 409), Reply(body(transfer()), 201)]
    assert (await patient.transfers.create(**CREATE)).amount_in_cents == 500
    assert len({asked.headers["idempotency-key"] for asked in server.asked}) == 1
    assert len(server.asked) == 3


WRITES: dict[str, tuple[Callable[[PlatformClient], Any], str]] = {
    "accounts.create": (lambda client: client.accounts.create(type="POD", name="Boat"), "POST"),
    "rules.create": (
        lambda client: client.rules.create(trigger={"type": "MANUAL", "accountId": POD}, steps=STEPS),
        "POST",
    ),
    "rules.update": (lambda client: client.rules.update(RULE, name="Other"), "PATCH"),
}
TRIGGER = {"type": "MANUAL", "accountId": POD}
STEPS: list[dict[str, object]] = [
    {
        "conditions": None,
        "actions": [
            {
                "type": "FIXED",
                "source": {"id": POD, "type": "POD"},
                "destination": {"id": OTHER, "type": "POD"},
                "groupIndex": 0,
                "upToEnabled": False,
                "isDirectDeposit": False,
                "amountInCents": 500,
            }
        ],
    }
]


@pytest.mark.parametrize("reply", [UNREADABLE, Reply(b"{}", 200), Reply(b"", 500)], ids=["502", "200", "500"])
@pytest.mark.parametrize("name", WRITES)
async def test_a_write_without_a_key_is_sent_once_and_its_outcome_is_unknown(
    name: str, reply: Reply, patient: PlatformClient, server: Server
) -> None:
    call, method = WRITES[name]
    server.replies.append(reply)
    with pytest.raises(OutcomeUnknownError, match="no idempotency key: look for what it did") as caught:
        await call(patient)
    assert [asked.method for asked in server.asked] == [method]
    assert server.asked[0].headers["idempotency-key"] is None
    error: OutcomeUnknownError = pickle.loads(pickle.dumps(caught.value))
    with pytest.raises(ConfigurationError, match="has no idempotency key"):
        await error.resume(patient)
    assert len(server.asked) == 1
    assert "error.candidates(client)" in str(error)


async def test_a_write_without_a_key_that_was_refused_was_not_done(patient: PlatformClient, server: Server) -> None:
    server.replies.append(fault("INVALID_RULE", 422, "No such trigger."))
    with pytest.raises(UnprocessableEntityError, match="No such trigger"):
        await WRITES["rules.create"][0](patient)


async def test_whether_a_repeat_may_help_is_told_by_the_clients_clock(anyio_backend: str, server: Server) -> None:
    clock = SkippingClock()
    clock.advance(-2 * 365 * 86_400)
    server.replies.append(UNREADABLE)
    async with PlatformClient(API_KEY, base_url=server.base_url, max_retries=0, clock=clock) as client:
        with pytest.raises(OutcomeUnknownError) as caught:
            await client.transfers.create(**CREATE, idempotency_key=IdempotencyKey("i", first_used=clock.now()))
    assert caught.value.retryable
    clock.advance(23 * 3600)
    assert not caught.value.retryable
    assert pickle.loads(pickle.dumps(caught.value)).idempotency_key == "i"


async def test_the_same_key_with_another_body_is_a_mismatch(platform: PlatformClient, server: Server) -> None:
    server.replies.append(fault("IDEMPOTENCY_KEY_MISMATCH", 400))
    with pytest.raises(IdempotencyKeyMismatchError):
        await platform.transfers.create(**CREATE, idempotency_key="invoice-17")


async def test_a_write_that_stays_in_progress_is_unknown(patient: PlatformClient, server: Server) -> None:
    server.response = lambda _: fault("RULE_EXECUTION_IN_PROGRESS", 409)
    with pytest.raises(OutcomeUnknownError) as caught:
        await patient.rules.trigger(RULE)
    assert isinstance(caught.value.__cause__, ConflictError)


async def test_what_was_just_made_is_waited_for_where_it_is_not_found(patient: PlatformClient, server: Server) -> None:
    missing = fault("TRANSFER_NOT_FOUND", 404)
    server.replies += [Reply(body(transfer()), 201), missing, missing, Reply(body(transfer()))]
    made = await patient.transfers.create(**CREATE)
    assert (await patient.transfers.get(made.id)).id == made.id
    server.replies += [missing]
    with pytest.raises(NotFoundError):
        await patient.transfers.get("another")
    patient._session.connection.clock.advance(60)  # type: ignore[attr-defined]
    server.replies += [missing]
    with pytest.raises(NotFoundError):
        await patient.transfers.get(made.id)
    assert server.replies == []


@pytest.mark.parametrize("letters", [str.upper, str.lower])
async def test_uuids_are_the_same_in_any_case(
    letters: Callable[[str], str], platform: PlatformClient, server: Server
) -> None:
    server.reply(body(transfer(source=party(letters(POD)))), 201)
    assert (await platform.transfers.create(**CREATE)).source


async def test_a_transfer_of_another_amount_is_none_that_was_asked_for(
    platform: PlatformClient, server: Server
) -> None:
    server.reply(body(transfer(amountInCents=501)), 201)
    with pytest.raises(OutcomeUnknownError, match=r"amount_in_cents was 500, and this is 501"):
        await platform.transfers.create(**CREATE)


# --------------------------------------------------------------------------------------------------------- simulation


@pytest.mark.parametrize(
    ("asked", "answered"), [(True, "LIVE"), (True, None), (None, "SIMULATION"), (False, "SIMULATION")]
)
async def test_a_response_of_another_mode_than_was_asked_for_leaves_it_open(
    asked: bool | None, answered: str | None, platform: PlatformClient, server: Server
) -> None:
    """One without a mode comes from a server that may not know of simulations."""
    server.reply(body(transfer(executionMode=answered)), 201)
    with pytest.raises(OutcomeUnknownError, match=r"it may have been done or not\. .*simulation was") as caught:
        await platform.transfers.create(**CREATE, simulation=asked)
    assert not caught.value.simulated
    assert isinstance(caught.value.__cause__, APIResponseValidationError)


@pytest.mark.parametrize(("asked", "answered"), [(True, "SIMULATION"), (None, "LIVE"), (False, None)])
async def test_a_response_of_the_mode_that_was_asked_for_is_taken(
    asked: bool | None, answered: str | None, platform: PlatformClient, server: Server
) -> None:
    server.reply(body(transfer(executionMode=answered)), 201)
    await platform.transfers.create(**CREATE, simulation=asked)
    assert json.loads(server.asked[0].body).get("simulation") is asked


@pytest.fixture
async def simulating(anyio_backend: str, server: Server) -> AsyncIterator[PlatformClient]:
    async with PlatformClient(API_KEY, base_url=server.base_url, simulation=True, clock=SkippingClock()) as client:
        yield client


async def test_a_client_that_only_simulates_simulates(simulating: PlatformClient, server: Server) -> None:
    server.reply(body(transfer(executionMode="SIMULATION")), 201)
    server.reply(body({"executionId": "f3a97d10"}), 202)
    server.response = None
    await simulating.transfers.create(**CREATE)
    await simulating.with_options(timeout=5).rules.trigger(RULE)
    assert [json.loads(asked.body)["simulation"] for asked in server.asked] == [True, True]


async def test_a_client_that_only_simulates_lists_what_was_simulated(
    simulating: PlatformClient, server: Server
) -> None:
    server.response = lambda _: Reply(page([]))
    await simulating.transfers.list(account_ids=[POD]).collect()
    await simulating.accounts.list_transfers(POD).collect()
    await simulating.rule_executions.list(RULE).collect()
    await simulating.transfers.since(datetime(2026, 1, 1, tzinfo=UTC), account_ids=[POD])
    await simulating.transfers.list(account_ids=[POD], execution_mode="LIVE").collect()
    await simulating.card_transactions.list(account_id=POD).collect()
    modes = [query(asked).get("executionMode") for asked in server.asked]
    assert modes == [["SIMULATION"]] * 4 + [["LIVE"], None]


async def test_nothing_switches_simulating_off(simulating: PlatformClient, server: Server) -> None:
    for_real: list[Callable[[PlatformClient], Any]] = [
        lambda client: client.transfers.create(**CREATE, simulation=False),
        lambda client: client.transfers.create_and_wait(**CREATE, simulation=False),
        lambda client: client.rules.trigger(RULE, simulation=False),
        lambda client: api.create_transfer(**CREATE).send(client),
        *(call for call, _ in WRITES.values()),
    ]
    for derived in (simulating, simulating.with_options(max_retries=1), simulating.with_options(simulation=True)):
        with pytest.raises(ConfigurationError, match="only simulates"):
            derived.with_options(simulation=False)
        for call in for_real:
            with pytest.raises(ConfigurationError, match="nothing was sent"):
                await call(derived)
    assert server.asked == []


HAND_MADE: dict[str, Callable[[Any, Any], Any]] = {
    "arguments that are changed": lambda live, _: replace(live, arguments={**live.arguments, "simulation": True}),
    "another body": lambda live, dry: replace(dry, content=live.content),
    "the name of a list": lambda live, _: replace(live, operation="listTransfers"),
    "the name of a read": lambda live, _: replace(live, operation="listBeneficiaries"),
    "another path": lambda _, dry: replace(dry, path="/rules"),
    "another method": lambda _, dry: replace(dry, method="DELETE"),
    "another host": lambda _, dry: replace(dry, path="@127.0.0.1:1/transfers"),
}


@pytest.mark.parametrize("how", HAND_MADE)
async def test_no_request_of_ones_own_makes_a_client_that_only_simulates_do_something(
    how: str, simulating: PlatformClient, server: Server
) -> None:
    live, dry = (api.create_transfer(**CREATE, simulation=simulation).request for simulation in (None, True))
    with pytest.raises((ConfigurationError, InvalidArgumentError)):
        await simulating.send(HAND_MADE[how](live, dry))
    assert server.asked == []


async def test_a_request_of_ones_own_is_one_of_its_operation(platform: PlatformClient, server: Server) -> None:
    made = api.create_transfer(**CREATE, idempotency_key="invoice-17").request
    with pytest.raises(InvalidArgumentError, match="listTransfers is GET /transfers, and not POST /transfers"):
        await platform.send(replace(made, operation="listTransfers"))
    server.reply(body(transfer()), 201)
    await platform.send(replace(made, headers={"Idempotency-KEY": "invoice-17"}))
    assert server.asked[0].headers.get_all("idempotency-key") == ["invoice-17"]


async def test_a_live_write_is_not_resumed_by_a_client_that_only_simulates(
    platform: PlatformClient, simulating: PlatformClient, server: Server
) -> None:
    server.replies.append(UNREADABLE)
    with pytest.raises(OutcomeUnknownError) as caught:
        await platform.transfers.create(**CREATE)
    with pytest.raises(ConfigurationError, match="only simulates"):
        await caught.value.resume(simulating)
    assert len(server.asked) == 1


async def test_the_key_of_a_simulation_is_another_one(platform: PlatformClient, server: Server) -> None:
    """So the same program goes live with the same keys: no mismatch, and no replay of what was simulated."""
    server.replies += [Reply(body(transfer(executionMode="SIMULATION")), 201) for _ in range(3)]
    server.replies += [UNREADABLE, Reply(body(transfer(executionMode="SIMULATION")), 201)]
    server.replies += [Reply(body(transfer()), 201)]
    key = IdempotencyKey("invoice-17")
    await platform.transfers.create(**CREATE, idempotency_key=key, simulation=True)
    await platform.with_options(simulation=True).transfers.create(**CREATE, idempotency_key="invoice-17")
    await platform.transfers.create(**CREATE, idempotency_key="invoice-18", simulation=True)
    with pytest.raises(OutcomeUnknownError) as caught:
        await platform.transfers.create(**CREATE, idempotency_key=key, simulation=True)
    assert caught.value.simulated
    assert "it may have been simulated or not" in str(caught.value)
    await caught.value.resume(platform, key_first_used=datetime.now(UTC))
    await platform.transfers.create(**CREATE, idempotency_key=key)
    server.replies += [Reply(body(transfer(executionMode="SIMULATION")), 201)]
    odd = f"sim:{'x' * 32}"
    await platform.transfers.create(**CREATE, idempotency_key=odd, simulation=True)
    assert server.asked.pop().headers["idempotency-key"] != odd
    first, second, other, again, resumed, live = [asked.headers["idempotency-key"] for asked in server.asked]
    assert first == second == again == resumed
    assert len({first, other, live}) == 3
    assert live == "invoice-17"
    assert len(first) <= 36


async def test_a_deadline_that_ends_while_a_call_waits_for_its_turn_says_so(anyio_backend: str, server: Server) -> None:
    server.response = lambda _: Reply(page([]))
    limit = RateLimit(1, per=60)
    async with PlatformClient(API_KEY, base_url=server.base_url, deadline=0.2, rate_limit=limit) as client:
        with pytest.raises(APITimeoutError, match="waited for its turn, by the rate limit") as caught:
            for _ in range(9):
                await client.beneficiaries.list().collect()
    assert not caught.value.sent


# -------------------------------------------------------------------------------------------------------------- waits


async def test_a_transfer_is_created_and_waited_for(patient: PlatformClient, server: Server) -> None:
    done = transfer(status="COMPLETE", completedAt="2026-07-16T00:00:00Z")
    server.replies += [
        Reply(body(transfer()), 201),
        fault("TRANSFER_NOT_FOUND", 404),
        Reply(body(transfer())),
        Reply(body(done)),
    ]
    assert (await patient.transfers.create_and_wait(**CREATE)).status == "COMPLETE"
    server.reply(body(transfer(status="INCOMPLETE", errorCode="INSUFFICIENT_FUNDS")))
    with pytest.raises(TransferFailedError) as caught:
        await patient.transfers.wait("6d19b8e4-a07f-43c2-8b54-e7f301c92da8", raise_on_failure=True)
    assert caught.value.transfer.error_code == "INSUFFICIENT_FUNDS"


async def test_a_rule_is_triggered_and_waited_for(patient: PlatformClient, server: Server) -> None:
    server.replies += [
        Reply(body({"executionId": "f3a97d10"}), 202),
        fault("RULE_EXECUTION_NOT_FOUND", 404),
        Reply(body(rule_execution())),
    ]
    assert (await patient.rules.trigger_and_wait(RULE)).id == "f3a97d10"
    assert urlsplit(server.asked[-1].target).path.endswith(f"/rules/{RULE}/executions/f3a97d10")
    server.reply(body(rule_execution(status="FAILED")))
    assert (await patient.rule_executions.wait(RULE, "f3a97d10")).status == "FAILED"


@pytest.mark.parametrize("mode", ["LIVE", None])
async def test_an_execution_that_was_not_simulated_as_asked_is_no_success(
    mode: str | None, patient: PlatformClient, server: Server
) -> None:
    """It is told as soon as it shows, and not repeated: with a key that the SDK made, it would be done again."""
    running = rule_execution(status="IN_PROGRESS", executionMode=mode)
    server.replies += [Reply(body({"executionId": "f3a97d10"}), 202), Reply(body(running))]
    with pytest.raises(OutcomeUnknownError, match="not what was asked for: see what it did") as caught:
        await patient.rules.trigger_and_wait(RULE, simulation=True)
    error = caught.value
    assert (error.retryable, error.key_made_here) == (False, True)
    assert (error.request.content, getattr(error.last, "id", None)) == (server.asked[0].body, "f3a97d10")
    server.replies += [Reply(body({"executionId": "f3a97d10"}), 202)]
    await error.resume(patient)
    assert server.asked[2].headers["idempotency-key"] == server.asked[0].headers["idempotency-key"]
    assert server.asked[2].body == server.asked[0].body


# ----------------------------------------------------------------------------------------------------------- balances


async def test_balances_add_up_to_a_net_worth(platform: PlatformClient, server: Server) -> None:
    fresh = datetime.now(UTC).isoformat()
    loan = in_full("loan", {"balanceInCents": 700, "balanceLastUpdatedAt": fresh}, externalAccountType="LIABILITY")
    accounts = {
        "pod": in_full("pod", {"balanceInCents": 5000, "balanceLastUpdatedAt": fresh}, linkedAccount=loan),
        "card": in_full(
            "card",
            {"balanceInCents": 1200, "balanceLastUpdatedAt": "2026-01-01T00:00:00Z"},
            type="EXTERNAL_ACCOUNT",
            externalAccountType="LIABILITY",
        ),
    }

    def respond(asked: Asked) -> Reply:
        name = urlsplit(asked.target).path.rsplit("/", 1)[1]
        return Reply(page([account(id) for id in accounts]) if name == "accounts" else body(accounts[name]))

    server.response = respond
    balances = await platform.accounts.balances()
    assert [(one.id, one.in_cents) for one in balances.accounts] == [("pod", 5000), ("loan", -700), ("card", -1200)]
    assert balances.total_in_cents == 3100
    plain = to_builtins(balances)
    assert (plain["total_in_cents"], plain["accounts"][0]["id"]) == (3100, "pod")
    assert [one.id for one in balances.stale] == ["card"]
    assert "000123456789" not in repr(balances)

    accounts["card"]["balance"] = dict.fromkeys(BALANCE) | {"error": "CONNECTION_LOST", "balanceInCents": 5}
    balances = await platform.accounts.balances(stale_after=timedelta(days=400))
    assert [(one.id, one.error) for one in balances.missing] == [("card", "CONNECTION_LOST")]
    assert balances.total_in_cents is None

    server.response = lambda asked: fault("ACCESS_DENIED", 403) if asked.target.endswith("card") else respond(asked)
    balances = await platform.accounts.balances()
    assert isinstance(balances.failures["card"], PermissionDeniedError)
    assert [(one.id, one.error) for one in balances.missing] == [("card", "ACCESS_DENIED")]


LIABILITY: dict[str, object] = {"type": "EXTERNAL_ACCOUNT", "externalAccountType": "LIABILITY"}


@pytest.mark.parametrize(
    ("listed", "in_full_", "expected", "total"),
    [
        ({"linkedAccount": account("loan")}, {"linkedAccount": None}, {"a": 1000, "loan": None}, None),
        ({}, {"linkedAccount": in_full("loan", {"balanceInCents": 300})}, {"a": 1000, "loan": -300}, 700),
        ({}, {"deletedAt": "2026-01-01T00:00:00Z"}, {}, 0),
        ({}, LIABILITY, {"a": -1000}, -1000),
        ({}, LIABILITY | {"externalAccountType": "CREDIT_LINE"}, {"a": None}, None),
        ({}, LIABILITY | {"externalAccountType": None}, {"a": None}, None),
    ],
    ids=["a loan in short", "a loan of no kind", "deleted meanwhile", "owed", "of a new kind", "of no kind"],
)
async def test_what_nobody_can_count_is_missing(
    listed: dict[str, object],
    in_full_: dict[str, object],
    expected: dict[str, int | None],
    total: int | None,
    platform: PlatformClient,
    server: Server,
) -> None:
    server.reply(page([account("a") | listed]))
    server.reply(body(in_full("a", {"balanceInCents": 1000}) | in_full_))
    balances = await platform.accounts.balances()
    assert {one.id: one.in_cents for one in balances.accounts} == expected
    assert balances.total_in_cents == total
    assert {one.id for one in balances.missing} == {id for id, cents in expected.items() if cents is None}


async def test_a_loan_is_counted_once_however_its_id_is_spelt(platform: PlatformClient, server: Server) -> None:
    loan = in_full(OTHER.upper(), {"balanceInCents": 300}) | LIABILITY
    full = {"a": in_full("a", {"balanceInCents": 1000}, linkedAccount=loan), OTHER: {**loan, "id": OTHER}}
    server.response = lambda asked: (
        Reply(page([account("a"), account(OTHER)]))
        if "?" in asked.target
        else Reply(body(full[asked.target.rsplit("/", 1)[1]]))
    )
    assert (await platform.accounts.balances()).total_in_cents == 700


async def test_balances_refuse_what_cannot_be_used(platform: PlatformClient, server: Server) -> None:
    with pytest.raises(InvalidArgumentError, match="concurrency is 0"):
        await platform.accounts.balances(concurrency=0)
    with pytest.raises(InvalidArgumentError, match="stale_after must be a timedelta, not int"):
        await platform.accounts.balances(stale_after=5)  # type: ignore[arg-type]
    assert server.asked == []


# -------------------------------------------------------------------------------------------- what it may have made


async def test_a_list_of_another_mode_is_an_error(simulating: PlatformClient, server: Server) -> None:
    server.reply(page([transfer()]))
    with pytest.raises(APIResponseValidationError, match="execution_mode was 'SIMULATION', and this is 'LIVE'"):
        await simulating.transfers.list(account_ids=[POD]).collect()
    server.response = lambda _: Reply(page([transfer()]))
    assert await simulating.transfers.list(account_ids=[POD], execution_mode="ALL").collect()


async def test_what_a_write_may_have_made_can_be_listed(platform: PlatformClient, server: Server) -> None:
    now = datetime.now(UTC).isoformat()
    old = "2020-01-01T00:00:00Z"
    summary: dict[str, object] = {
        "description": None,
        "status": "DISABLED",
        "isSupported": True,
        "updatedAt": now,
        "deletedAt": None,
    }
    rules: list[dict[str, object]] = [
        {"id": "new", "name": None, "createdAt": now} | summary,
        {"id": "old", "name": None, "createdAt": old} | summary,
    ]
    named: list[dict[str, object]] = [account("old", name="Boat"), account("b", name="Boat ", createdAt=now)]
    replies: dict[str, tuple[str, list[str]]] = {
        "accounts.create": (page([*named, account("c", name="Car", createdAt=now)]), ["b"]),
        "rules.create": (page(rules), ["new"]),
    }
    for name, (reply, expected) in replies.items():
        server.replies += [UNREADABLE, Reply(reply)]
        with pytest.raises(OutcomeUnknownError) as caught:
            await WRITES[name][0](platform)
        found: list[Any] = await caught.value.candidates(platform)
        assert [one.id for one in found] == expected
    server.replies += [
        UNREADABLE,
        Reply(page([transfer(), transfer(id="x", amountInCents=501)])),
    ]
    with pytest.raises(OutcomeUnknownError) as caught:
        await platform.transfers.create(**CREATE)
    assert [one.id for one in await caught.value.candidates(platform)] == [transfer()["id"]]
    assert query(server.asked[-1])["executionMode"] == ["LIVE"]


# ------------------------------------------------------------------------------------------------------------ changes


async def test_changes_are_those_of_the_accounts(platform: PlatformClient, server: Server) -> None:
    server.response = lambda _: Reply(page([transfer()]))
    changes = await platform.transfers.since(datetime(2026, 7, 1, tzinfo=UTC), account_ids=[POD, OTHER])
    assert [one.id for one in changes.data] == [transfer()["id"]]
    again = await platform.transfers.since(changes.token, account_ids=(OTHER, POD))
    assert again.data == []
    with pytest.raises(InvalidArgumentError, match="the token is of the transfers of"):
        await platform.transfers.since(changes.token, account_ids=[POD])
    with pytest.raises(InvalidArgumentError, match="account_ids"):
        await platform.transfers.since(changes.token, account_ids=[])
    with pytest.raises(InvalidArgumentError, match="the token is of the transfers of"):  # what was not simulated
        await platform.with_options(simulation=True).transfers.since(changes.token, account_ids=[POD, OTHER])
