"""One organization behind two APIs: what is done over one is seen over the other."""

from __future__ import annotations

import httpx
import pytest

from sequence_sandbox import Sandbox

from .asking import CAR_FUND, CARD_DEBT, DISABLED, PAY, POD, UNSUPPORTED, V1, Platform

TRANSFER = {"sourceAccountId": POD, "destinationAccountId": CARD_DEBT, "amountInCents": 5000}
V1_TRANSFER = {
    "source_account_id": "acc_01HDEF0123",
    "destination_account_id": "acc_01HGHI7890",
    "amount_in_cents": 5000,
}


@pytest.fixture
def v1(running: Sandbox) -> V1:
    return V1(running)


def test_money_moved_over_the_platform_api_is_seen_over_v1(running: Sandbox, v1: V1, platform: Platform) -> None:
    before = v1.get("/accounts/acc_01HDEF0123")["balance"]["balance_in_cents"]
    made = platform.made("POST", "/transfers", TRANSFER)
    running.advance(10)
    shown = v1.get("/transfers?account_id=acc_01HDEF0123&first=1")[0]
    assert (running.uuid(shown["id"]), shown["status"], shown["amount_in_cents"]) == (made["id"], "complete", 5000)
    assert v1.get(f"/transfers/{shown['id']}") == shown
    assert v1.get("/accounts/acc_01HDEF0123")["balance"]["balance_in_cents"] == before - 5000


def test_money_moved_over_v1_is_seen_over_the_platform_api(running: Sandbox, v1: V1, platform: Platform) -> None:
    before = platform.get(f"/accounts/{CARD_DEBT}")["balance"]["balanceInCents"]
    made = v1.made("/transfers", V1_TRANSFER)
    running.advance(10)
    shown = platform.get(f"/transfers/{running.uuid(made['id'])}")
    assert (shown["status"], shown["amountInCents"], shown["source"]["id"]) == ("COMPLETE", 5000, POD)
    assert platform.get(f"/accounts/{POD}/transfers", pageSize=1)["items"] == [shown]
    assert platform.get(f"/accounts/{CARD_DEBT}")["balance"]["balanceInCents"] == before - 5000


def test_a_run_is_seen_over_both(running: Sandbox, v1: V1, platform: Platform) -> None:
    over_v1 = v1.made("/rules/rule_01GSBX0000001/trigger", {})["execution_id"]
    over_platform = platform.made("POST", f"/rules/{PAY}/trigger", {})["executionId"]
    running.advance(10)
    ours = v1.get("/rule-executions?rule_id=rule_01GSBX0000001")
    theirs = platform.items(f"/rules/{PAY}/executions")
    assert [running.uuid(one["id"]) for one in ours] == [one["id"] for one in theirs]
    assert {one["id"] for one in theirs} == {running.uuid(over_v1), over_platform}
    assert [one["trigger_type"] for one in ours] == ["manual", "manual"]
    shown = platform.get(f"/rules/{PAY}/executions/{running.uuid(over_v1)}")
    assert (shown["status"], shown["triggerDetails"]["type"]) == ("EXECUTED", "SEQUENCE_API")


def test_rules_made_or_changed_over_the_platform_api_are_rules_of_v1(
    running: Sandbox, v1: V1, platform: Platform
) -> None:
    platform.made("PATCH", f"/rules/{PAY}", {"name": "Summer"})
    assert v1.get("/rules/rule_01GSBX0000001")["nickname"] == "Summer"
    steps = platform.get(f"/rules/{PAY}")["steps"]
    made = platform.made(
        "POST", "/rules", {"name": "New", "trigger": {"type": "MANUAL", "accountId": POD}, "steps": steps}
    )
    (new,) = [one for one in v1.get("/rules") if one["nickname"] == "New"]
    shown = v1.get(f"/rules/{new['id']}")
    assert (running.uuid(shown["id"]), shown["status"]) == (made["id"], "disabled")
    old = v1.get("/rules/rule_01GSBX0000001")
    assert shown["steps"] == old["steps"]


def test_an_account_made_over_the_platform_api_takes_money_over_v1(
    running: Sandbox, v1: V1, platform: Platform
) -> None:
    made = platform.made("POST", "/accounts", {"type": "POD", "name": "Boat"})
    (new,) = [one for one in v1.get("/accounts?type=pod") if one["name"] == "Boat"]
    v1.made("/transfers", {**V1_TRANSFER, "destination_account_id": new["id"]})
    running.advance(10)
    assert v1.get(f"/accounts/{new['id']}")["balance"]["balance_in_cents"] == 5000
    assert platform.get(f"/accounts/{made['id']}")["balance"]["balanceInCents"] == 5000


def test_v1_knows_no_simulations(running: Sandbox, v1: V1, platform: Platform) -> None:
    before = v1.get("/transfers?account_id=acc_01HDEF0123")
    platform.made("POST", "/transfers", {**TRANSFER, "simulation": True})
    platform.made("POST", f"/rules/{DISABLED}/trigger", {"simulation": True})
    running.advance(10)
    assert v1.get("/transfers?account_id=acc_01HDEF0123") == before
    assert v1.get("/rule-executions?rule_id=rule_01GSBX0000002") == []
    organization = running.organization
    simulated = [one for one in [*organization.transfers, *organization.rule_executions] if one.is_simulated]
    assert len(simulated) == 3
    for one in simulated:
        path = "transfers" if one.id.startswith("txr") else "rule-executions"
        assert v1.ask("GET", f"/{path}/{one.id}").status_code == 404


def test_v1_shows_the_documented_accounts_and_rules_and_no_others(v1: V1, platform: Platform) -> None:
    assert len(v1.get("/accounts")) == 3
    assert len(platform.items("/accounts")) == 6
    assert {one["id"] for one in v1.get("/rules")} == {f"rule_{one}" for one in ("01HXYZ1234", "01GSBX0000001",
                                                                                "01GSBX0000002")}  # fmt: skip
    assert UNSUPPORTED in {one["id"] for one in platform.items("/rules")}
    assert CAR_FUND in {one["id"] for one in platform.items("/accounts")}
    for path in ("/accounts/acc_01GSBX0000001", "/rules/rule_01GSBX0000003"):
        assert v1.ask("GET", path).status_code == 404


def test_an_idempotency_key_of_one_api_says_nothing_in_the_other(running: Sandbox) -> None:
    key = running.create_key()
    before = len(running.organization.transfers)
    sent = {"idempotency-key": "k"}
    over_v1 = httpx.post(
        f"{running.base_url}/transfers", json=V1_TRANSFER, headers={"Authorization": f"ApiKey {key}", **sent}
    )
    over_platform = httpx.post(
        f"{running.platform_url}/transfers", json=TRANSFER, headers={"Authorization": f"Bearer {key}", **sent}
    )
    assert (over_v1.status_code, over_platform.status_code) == (201, 201)
    assert len(running.organization.transfers) == before + 2


def test_a_fault_is_for_the_operation_in_whichever_api_it_is_asked_for(
    running: Sandbox, v1: V1, platform: Platform
) -> None:
    running.fail("status", "listAccounts", times=2)
    assert v1.ask("GET", "/accounts").json() == {
        "error": {"code": "internal_error", "message": "It was asked to fail."}
    }
    assert platform.refused("GET", "/accounts") == (503, "UNEXPECTED_ERROR")
    assert v1.ask("GET", "/accounts").status_code == 200


def test_the_addresses_are_those_of_the_server_while_it_is_served() -> None:
    sandbox = Sandbox()
    in_process = (sandbox.base_url, sandbox.platform_url)
    assert in_process == ("http://localhost/api/v1", "http://localhost/platform/v1")
    with sandbox.serve() as base_url:
        assert (sandbox.base_url, sandbox.platform_url) == (base_url, base_url.replace("/api/v1", "/platform/v1"))
        assert base_url != in_process[0]
    assert (sandbox.base_url, sandbox.platform_url) == in_process
