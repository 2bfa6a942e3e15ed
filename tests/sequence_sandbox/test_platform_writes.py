"""The platform API of the sandbox: transfers and accounts are made once, as far as keys and names allow."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from sequence_sandbox import Sandbox

from .asking import CAR_FUND, CARD_DEBT, INVESTMENTS, NOBODYS, OLD_POD, PAYROLL, POD, SAVINGS, Platform

A_TRANSFER: dict[str, Any] = {"sourceAccountId": POD, "destinationAccountId": CARD_DEBT, "amountInCents": 5000}
A_POD = {"type": "POD", "name": "Boat repairs"}


def cents(platform: Platform, account: str) -> int:
    balance: int = platform.get(f"/accounts/{account}")["balance"]["balanceInCents"]
    return balance


def test_a_transfer_is_processed_then_submitted_then_complete(running: Sandbox, platform: Platform) -> None:
    pod, owed, total = cents(platform, POD), cents(platform, CARD_DEBT), running.organization.total()
    response = platform.send("POST", "/transfers", {**A_TRANSFER, "description": "Visa July"})
    made = response.json()["data"]
    assert response.status_code == 201
    assert (made["status"], made["origin"], made["direction"]) == ("PROCESSING", "USER", "MONEY_OUT")
    assert (made["executionMode"], made["description"]) == ("LIVE", "Visa July")
    statuses = []
    for seconds in (0, 1, 3):
        running.advance(seconds)
        shown = platform.get(f"/transfers/{made['id']}")
        statuses.append((shown["status"], cents(platform, POD), cents(platform, CARD_DEBT)))
    assert statuses == [
        ("PROCESSING", pod, owed),
        ("PENDING", pod - 5000, owed),
        ("COMPLETE", pod - 5000, owed - 5000),
    ]
    assert running.organization.total() == total


@pytest.mark.parametrize(
    ("source", "amount", "end"),
    [
        (CAR_FUND, 120_001, ("INCOMPLETE", "INSUFFICIENT_FUNDS")),
        (CAR_FUND, 120_000, ("COMPLETE", None)),
        (SAVINGS, 500, ("ERROR", "NULL_BALANCE")),
    ],
)
def test_what_becomes_of_a_transfer_depends_on_its_source(
    source: str, amount: int, end: Any, running: Sandbox, platform: Platform
) -> None:
    body = {"sourceAccountId": source, "destinationAccountId": POD, "amountInCents": amount}
    made = platform.made("POST", "/transfers", body)
    assert made["origin"] == ("USER_PULL" if source == SAVINGS else "USER")
    running.advance(10)
    shown = platform.get(f"/transfers/{made['id']}")
    assert (shown["status"], shown["errorCode"]) == end


def test_money_for_an_account_whose_balance_nobody_knows_is_not_lost(running: Sandbox, platform: Platform) -> None:
    total = running.organization.total()
    body = {"sourceAccountId": POD, "destinationAccountId": INVESTMENTS, "amountInCents": 5000}
    made = platform.made("POST", "/transfers", body)
    running.advance(10)
    assert platform.get(f"/transfers/{made['id']}")["status"] == "COMPLETE"
    assert running.organization.total() == total


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"amountInCents": 99}, "INVALID_PARAMETERS"),
        ({"amountInCents": 2**53}, "INVALID_PARAMETERS"),
        ({"amountInCents": "100"}, "INVALID_PARAMETERS"),
        ({"amountInCents": None}, "INVALID_PARAMETERS"),
        ({"description": "eleven char"}, "INVALID_PARAMETERS"),
        ({"description": "a-b"}, "INVALID_PARAMETERS"),
        ({"description": "line\n"}, "INVALID_PARAMETERS"),
        ({"description": None}, "INVALID_PARAMETERS"),
        ({"simulation": "yes"}, "INVALID_PARAMETERS"),
        ({"destinationAccountId": POD}, "INVALID_PARAMETERS"),
        ({"sourceAccountId": CARD_DEBT, "destinationAccountId": POD}, "INVALID_PARAMETERS"),
        ({"destinationAccountId": PAYROLL}, "INVALID_PARAMETERS"),
        ({"sourceAccountId": NOBODYS}, "TRANSFER_SOURCE_NOT_FOUND"),
        ({"sourceAccountId": "acc_1"}, "TRANSFER_SOURCE_NOT_FOUND"),
        ({"destinationAccountId": NOBODYS}, "TRANSFER_DESTINATION_NOT_FOUND"),
        ({"destinationAccountId": OLD_POD}, "TRANSFER_DESTINATION_NOT_FOUND"),
    ],
)
def test_transfers_that_are_refused(change: dict[str, Any], code: str, running: Sandbox, platform: Platform) -> None:
    before = len(running.organization.transfers)
    assert platform.refused("POST", "/transfers", {**A_TRANSFER, **change}) == (400, code)
    assert len(running.organization.transfers) == before


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'{"amountInCents": NaN}'])
def test_a_body_that_is_none(body: bytes, platform: Platform) -> None:
    headers = {"Content-Type": "application/json"}
    assert platform.refused("POST", "/transfers", content=body, headers=headers) == (400, "INVALID_PARAMETERS")


def test_a_transfer_needs_its_route_and_stays_below_its_limit(running: Sandbox) -> None:
    route = {"source": POD, "target": CARD_DEBT, "max_amount": 5000}
    app = Platform(running, [{"scope": "MANUAL_TRANSFER", "resources": [route]}])
    assert app.send("POST", "/transfers", A_TRANSFER).status_code == 201
    for change, code in (
        ({"amountInCents": 5001}, "MAXIMUM_AMOUNT_EXCEEDED"),
        ({"amountInCents": 5001, "simulation": True}, "MAXIMUM_AMOUNT_EXCEEDED"),
        ({"sourceAccountId": CAR_FUND}, "ACCESS_DENIED"),
    ):
        assert app.refused("POST", "/transfers", {**A_TRANSFER, **change}) == (403, code)
    assert Platform(running, []).refused("POST", "/transfers", A_TRANSFER) == (403, "ACCESS_DENIED")


def test_a_simulated_transfer_is_kept_and_moves_nothing(running: Sandbox, platform: Platform) -> None:
    pod, before = cents(platform, POD), platform.items(f"/accounts/{POD}/transfers")
    made = platform.made("POST", "/transfers", {**A_TRANSFER, "simulation": True})
    too_much = platform.made("POST", "/transfers", {**A_TRANSFER, "amountInCents": pod + 1, "simulation": True})
    assert (made["status"], made["executionMode"]) == ("PROCESSING", "SIMULATION")
    running.advance(10)
    ends = [platform.get(f"/transfers/{one['id']}")["status"] for one in (made, too_much)]
    assert (ends, cents(platform, POD)) == (["COMPLETE", "INCOMPLETE"], pod)
    for path, query in ((f"/accounts/{POD}/transfers", {}), ("/transfers", {"accountIds[]": POD})):
        assert platform.items(path, **query) == before
        simulated = platform.items(path, **query, executionMode="SIMULATION")
        assert [one["id"] for one in simulated] == [too_much["id"], made["id"]]
        assert platform.items(path, **query, executionMode="ALL") == [*simulated, *before]


def test_a_repeat_with_the_same_key_gets_the_first_response_for_a_day(running: Sandbox, platform: Platform) -> None:
    first = platform.send("POST", "/transfers", A_TRANSFER, idempotency_key="k")
    running.advance(24 * 3600 - 1)
    again = platform.send("POST", "/transfers", A_TRANSFER, idempotency_key="k")
    assert (again.status_code, again.json()) == (201, first.json())
    other = {**A_TRANSFER, "amountInCents": 5001}
    mismatch = platform.refused("POST", "/transfers", other, headers={"idempotency-key": "k"})
    assert mismatch == (400, "IDEMPOTENCY_KEY_MISMATCH")
    of_another = Platform(running).made("POST", "/transfers", A_TRANSFER, idempotency_key="k")
    assert of_another["id"] != first.json()["data"]["id"]
    running.advance(1)
    new = platform.made("POST", "/transfers", A_TRANSFER, idempotency_key="k")
    assert new["id"] not in {first.json()["data"]["id"], of_another["id"]}


@pytest.mark.parametrize("key", ["", "a" * 37, "a b", "ä"])
def test_idempotency_keys_that_are_none(key: str, platform: Platform) -> None:
    headers = {"idempotency-key": key.encode()}
    refused = httpx.post(
        f"{platform.url}/transfers", json=A_TRANSFER, headers={"Authorization": f"Bearer {platform.key}", **headers}
    )
    assert (refused.status_code, refused.json()["error"]["code"]) == (400, "INVALID_PARAMETERS")


@pytest.mark.parametrize(
    ("operation", "path", "body", "code"),
    [
        ("createTransfer", "/transfers", A_TRANSFER, "TRANSFER_IN_PROGRESS"),
        ("triggerRule", f"/rules/{Sandbox.uuid('rule_01GSBX0000001')}/trigger", {}, "RULE_EXECUTION_IN_PROGRESS"),
    ],
)
def test_a_repeat_of_what_is_still_in_flight_is_a_conflict(
    operation: str, path: str, body: Any, code: str, running: Sandbox, platform: Platform
) -> None:
    running.fail("slow", operation, seconds=2.0)
    with ThreadPoolExecutor() as threads:
        first = threads.submit(platform.send, "POST", path, body, idempotency_key="k")
        while not running.requests:
            assert not first.done()
        assert platform.refused("POST", path, body, headers={"idempotency-key": "k"}) == (409, code)
        made = first.result()
    assert made.is_success
    assert platform.send("POST", path, body, idempotency_key="k").json() == made.json()


def test_the_other_writes_know_no_idempotency_keys(platform: Platform) -> None:
    platform.made("POST", "/accounts", A_POD, idempotency_key="k")
    repeated = platform.refused("POST", "/accounts", A_POD, headers={"idempotency-key": "k"})
    assert repeated == (400, "INVALID_PARAMETERS")  # for its name
    platform.made("POST", "/accounts", {**A_POD, "name": "Sails"}, idempotency_key="k")


def test_new_ids_are_found_late_if_so_set(running: Sandbox, platform: Platform) -> None:
    running.settings.late_gets = 2
    transfer = platform.made("POST", "/transfers", A_TRANSFER)["id"]
    rule = Sandbox.uuid("rule_01GSBX0000001")
    execution = platform.made("POST", f"/rules/{rule}/trigger", {})["executionId"]
    for path, code in (
        (f"/transfers/{transfer}", "TRANSFER_NOT_FOUND"),
        (f"/rules/{rule}/executions/{execution}", "RULE_EXECUTION_NOT_FOUND"),
    ):
        for _ in range(2):
            assert platform.refused("GET", path) == (404, code)
        platform.get(path)
    running.settings.late_gets = 0
    platform.get(f"/transfers/{platform.made('POST', '/transfers', A_TRANSFER)['id']}")


def test_a_new_account_holds_nothing_and_takes_money(running: Sandbox, platform: Platform) -> None:
    response = platform.send("POST", "/accounts", {**A_POD, "icon": "⛵", "savingsTargetInCents": 900000})
    made = response.json()["data"]
    assert (response.status_code, made["type"], made["name"]) == (201, "POD", "Boat repairs")
    assert (made["beneficiaryName"], made["savingsTargetInCents"]) == ("John Smith", 900000)
    assert made["balance"]["balanceInCents"] == 0
    assert platform.get(f"/accounts/{made['id']}") == made
    assert platform.items("/accounts")[0]["id"] == made["id"]
    platform.made("POST", "/transfers", {**A_TRANSFER, "destinationAccountId": made["id"]})
    running.advance(10)
    assert cents(platform, made["id"]) == 5000


def test_an_account_can_be_another_beneficiarys(running: Sandbox, platform: Platform) -> None:
    other = platform.items("/beneficiaries")[1]
    body = {"type": "INCOME_SOURCE", "name": "Sales", "beneficiaryId": other["id"]}
    assert platform.made("POST", "/accounts", body)["beneficiaryName"] == other["name"]
    unverified = {**body, "name": "Other", "beneficiaryId": Sandbox.uuid("ben_01GSBX0000003")}
    assert platform.refused("POST", "/accounts", unverified) == (403, "ACCESS_DENIED")
    assert platform.refused("POST", "/accounts", {**body, "beneficiaryId": NOBODYS}) == (400, "INVALID_PARAMETERS")


@pytest.mark.parametrize(
    "change",
    [
        {"name": "Emergency Fund"},
        {"name": ""},
        {"name": "a/b"},
        {"name": "a" * 101},
        {"type": "EXTERNAL_ACCOUNT"},
        {"icon": "A"},
        {"icon": ""},
        {"savingsTargetInCents": -1},
        {"type": "INCOME_SOURCE", "savingsTargetInCents": 100},
    ],
)
def test_accounts_that_are_refused(change: dict[str, Any], platform: Platform) -> None:
    assert platform.refused("POST", "/accounts", {**A_POD, **change}) == (400, "INVALID_PARAMETERS")


def test_names_are_unique_for_each_type_among_accounts_that_are_not_deleted(platform: Platform) -> None:
    platform.made("POST", "/accounts", {"type": "INCOME_SOURCE", "name": "Emergency Fund"})
    platform.made("POST", "/accounts", {"type": "POD", "name": "Old Goals"})


def test_accounts_need_the_permission_to_make_them(running: Sandbox) -> None:
    reader = Platform(running, [{"scope": "READ_ACCOUNTS", "resources": "*"}])
    assert reader.refused("POST", "/accounts", A_POD) == (403, "ACCESS_DENIED")
    assert Platform(running, [{"scope": "CREATE_ACCOUNTS", "resources": "*"}]).made("POST", "/accounts", A_POD)


@pytest.mark.parametrize(
    ("kind", "status", "code"),
    [("status", 503, "UNEXPECTED_ERROR"), ("rate_limit", 429, "RATE_LIMIT_EXCEEDED")],
)
def test_faults_fail_this_api_in_its_own_words(
    kind: Any, status: int, code: str, running: Sandbox, platform: Platform
) -> None:
    running.fail(kind, "createTransfer")
    before = len(running.organization.transfers)
    assert platform.refused("POST", "/transfers", A_TRANSFER) == (status, code)
    assert len(running.organization.transfers) == before
    running.fail("status", "listAuditLogs")
    assert platform.refused("GET", "/audit-logs") == (503, "UNEXPECTED_ERROR")


def test_a_response_that_is_lost_can_be_asked_for_again(running: Sandbox, platform: Platform) -> None:
    running.fail("reset_after", "createTransfer")
    before = len(running.organization.transfers)
    with pytest.raises(httpx.TransportError):
        platform.send("POST", "/transfers", A_TRANSFER, idempotency_key="k")
    platform.made("POST", "/transfers", A_TRANSFER, idempotency_key="k")
    assert len(running.organization.transfers) == before + 1
