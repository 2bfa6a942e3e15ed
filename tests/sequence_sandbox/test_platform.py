"""The platform API of the sandbox: what is read, by whom, and in which pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

import httpx
import pytest

from sequence_sandbox import Sandbox

from ..conftest import Served
from .asking import (
    CAR_FUND,
    CARD_DEBT,
    INVESTMENTS,
    NOBODYS,
    OLD_POD,
    PAYROLL,
    POD,
    SAVE,
    SAVINGS,
    UNSUPPORTED,
    Platform,
)  # fmt: skip

PATHS = {
    "listAccounts": ("/accounts", "READ_ACCOUNTS", None),
    "getAccount": (f"/accounts/{POD}", "READ_ACCOUNTS", POD),
    "listAccountTransfers": (f"/accounts/{POD}/transfers", "READ_TRANSFERS", POD),
    "listBeneficiaries": ("/beneficiaries", None, None),
    "listRules": ("/rules", "READ_RULES", None),
    "getRule": (f"/rules/{SAVE}", "READ_RULES", SAVE),
    "listRuleExecutions": (f"/rules/{SAVE}/executions", "READ_RULES", SAVE),
    "getRuleExecution": (f"/rules/{SAVE}/executions/{{rex_01HABC4567}}", "READ_RULES", SAVE),
    "listTransfers": (f"/transfers?accountIds[]={POD}", "READ_TRANSFERS", POD),
    "getTransfer": ("/transfers/{txr_01HABC1111}", "READ_TRANSFERS", POD),
    "listExternalTransactions": (f"/external-transactions?accountIds[]={CARD_DEBT}", "READ_TRANSFERS", CARD_DEBT),
    "getExternalTransaction": ("/external-transactions/{etxr_01GSBX0000001}", "READ_TRANSFERS", CARD_DEBT),
    "listCardTransactions": (f"/card-transactions?accountId={POD}", "READ_TRANSFERS", POD),
    "getCardTransaction": ("/card-transactions/{ctxr_01HABC1111}", "READ_TRANSFERS", POD),
    "listAuditLogs": ("/audit-logs", "READ_AUDIT_LOGS", None),
}  # fmt: skip
READS = {
    operation: (re.sub(r"\{(\w+)\}", lambda found: Sandbox.uuid(found[1]), path), scope, resource)
    for operation, (path, scope, resource) in PATHS.items()
}


@pytest.fixture
def everything(served: Served) -> Platform:
    """A key for all, of the sandbox that is only read."""
    return Platform(served.sandbox)


@pytest.mark.parametrize("operation", READS)
def test_exactly_the_right_permission_opens_an_operation(operation: str, served: Served) -> None:
    path, scope, resource = READS[operation]
    scopes = {its for _, its, _ in READS.values() if its} - {scope}
    others = [{"scope": one, "resources": [] if one == "READ_AUDIT_LOGS" else "*"} for one in scopes]
    if scope is None:
        assert Platform(served.sandbox, []).ask("GET", path).status_code == 200
        return
    granted = [{"scope": scope, "resources": [resource] if resource else []}]
    assert Platform(served.sandbox, granted).ask("GET", path).status_code == 200
    refused: list[Any] = [others, []]
    if resource:
        assert Platform(served.sandbox, [{"scope": scope, "resources": "*"}]).ask("GET", path).status_code == 200
        refused += [[{"scope": scope, "resources": [NOBODYS]}], [{"scope": scope, "resources": []}]]
    for permissions in refused:
        assert Platform(served.sandbox, permissions).refused("GET", path) == (403, "ACCESS_DENIED")


def test_every_one_of_several_accounts_has_to_be_granted(served: Served) -> None:
    one = Platform(served.sandbox, [{"scope": "READ_TRANSFERS", "resources": [POD]}])
    both = Platform(served.sandbox, [{"scope": "READ_TRANSFERS", "resources": [CARD_DEBT, POD]}])
    for path in ("/transfers", "/external-transactions"):
        asked = f"{path}?accountIds[]={POD}&accountIds[]={CARD_DEBT}"
        assert one.refused("GET", asked) == (403, "ACCESS_DENIED")
        assert both.ask("GET", asked).status_code == 200


def test_either_end_of_a_transfer_opens_it(served: Served) -> None:
    path = f"/transfers/{Sandbox.uuid('txr_01HABC1111')}"
    for account, status in ((PAYROLL, 200), (POD, 200), (CARD_DEBT, 403)):
        permissions = [{"scope": "READ_TRANSFERS", "resources": [account]}]
        assert Platform(served.sandbox, permissions).ask("GET", path).status_code == status


@pytest.mark.parametrize("scope", ["READ_ACCOUNTS", "READ_RULES"])
def test_lists_of_accounts_and_rules_are_not_narrowed(scope: str, served: Served) -> None:
    path = "/accounts" if scope == "READ_ACCOUNTS" else "/rules"
    narrow = Platform(served.sandbox, [{"scope": scope, "resources": [NOBODYS]}])
    assert narrow.items(path) == Platform(served.sandbox).items(path)


@pytest.mark.parametrize("header", [None, "", "Bearer", "Bearer nobodys", "ApiKey {}", "bearer {}", "{}"])
def test_a_key_is_needed(header: str | None, served: Served) -> None:
    headers = {} if header is None else {"Authorization": header.format(served.sandbox.create_key())}
    response = httpx.get(f"{served.sandbox.platform_url}/beneficiaries", headers=headers)
    assert (response.status_code, response.json()["error"]["code"]) == (401, "UNAUTHORIZED")


def test_a_key_of_one_api_may_do_nothing_in_the_other(served: Served) -> None:
    key = served.sandbox.create_key([{"scope": "LIST_ACCOUNTS"}])
    headers = {"Authorization": f"Bearer {key}"}
    assert httpx.get(f"{served.sandbox.platform_url}/accounts", headers=headers).status_code == 403
    key = served.sandbox.create_key({"platform": [{"scope": "READ_ACCOUNTS", "resources": "*"}]})
    headers = {"Authorization": f"ApiKey {key}"}
    assert httpx.get(f"{served.sandbox.base_url}/accounts", headers=headers).status_code == 403


@pytest.mark.parametrize(
    "permissions",
    [
        {},
        {"v2": []},
        {"platform": {}},
        {"platform": [{"scope": "LIST_RULES"}]},
        {"v1": [{"scope": "CREATE_ACCOUNTS"}]},
        {"platform": [{"scope": "CREATE_ACCOUNTS", "resources": [POD]}]},
        {"platform": [{"scope": "READ_RULES"}]},
    ],
)
def test_permissions_that_are_none(permissions: Any) -> None:
    with pytest.raises(ValueError, match="permissions"):
        Sandbox().create_key(permissions)


@pytest.mark.parametrize(
    ("path", "code"),
    [
        (f"/accounts/{NOBODYS}", "ACCOUNT_NOT_FOUND"),
        (f"/accounts/{SAVE}", "ACCOUNT_NOT_FOUND"),
        (f"/accounts/{NOBODYS}/transfers", "ACCOUNT_NOT_FOUND"),
        (f"/rules/{NOBODYS}", "RULE_NOT_FOUND"),
        (f"/rules/{NOBODYS}/executions", "RULE_NOT_FOUND"),
        (f"/rules/{NOBODYS}/executions/{NOBODYS}", "RULE_NOT_FOUND"),
        (f"/rules/{SAVE}/executions/{NOBODYS}", "RULE_EXECUTION_NOT_FOUND"),
        (f"/rules/{UNSUPPORTED}/executions/{Sandbox.uuid('rex_01HABC4567')}", "RULE_EXECUTION_NOT_FOUND"),
        (f"/transfers/{NOBODYS}", "TRANSFER_NOT_FOUND"),
        (f"/external-transactions/{NOBODYS}", "EXTERNAL_TRANSACTION_NOT_FOUND"),
        (f"/card-transactions/{NOBODYS}", "CARD_TRANSACTION_NOT_FOUND"),
    ],
)
def test_what_is_not_there(path: str, code: str, everything: Platform) -> None:
    assert everything.refused("GET", path) == (404, code)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/nothing"), ("DELETE", "/accounts"), ("PUT", f"/rules/{SAVE}"), ("GET", "/accounts/")]
)
def test_an_unknown_path_or_method_is_a_404_in_plain_text(method: str, path: str, served: Served) -> None:
    response = httpx.request(method, f"{served.sandbox.platform_url}{path}")
    assert (response.status_code, response.text) == (404, "Not Found")
    assert response.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    "path",
    [
        "/accounts/acc_01HDEF0123",
        "/accounts?type=pod",
        "/accounts?state=DELETED",
        "/accounts?page=0",
        "/accounts?page=x",
        "/accounts?pageSize=0",
        "/accounts?pageSize=101",
        "/rules?sourceId=acc_1",
        "/transfers",
        f"/transfers?accountIds={POD}",
        "/transfers?accountIds[]=acc_1",
        f"/transfers?accountIds[]={POD}&from=2024-04-01T00:00:00",
        f"/transfers?accountIds[]={POD}&from=yesterday",
        f"/transfers?accountIds[]={POD}&to=0001-01-01T00:00:00%2B10:00",
        f"/transfers?accountIds[]={POD}&direction=money_in",
        f"/transfers?accountIds[]={POD}&origin=UNKNOWN",
        f"/transfers?accountIds[]={POD}&status=LOST",
        f"/transfers?accountIds[]={POD}&executionMode=DRY",
        f"/transfers?accountIds[]={POD}&ruleExecutionId=rex_1",
        f"/accounts/{POD}/transfers?accountRole=SOURCE",
        f"/rules/{SAVE}/executions?status=DONE",
        f"/rules/{SAVE}/executions?triggerType=manual",
        "/card-transactions",
        f"/card-transactions?accountId={POD}&cardId=card_1",
        f"/external-transactions?accountIds[]={POD}&direction=INTERNAL",
        f"/external-transactions?accountIds[]={POD}&status=ERROR",
        "/audit-logs?action=CREATE_RULE",
        "/audit-logs?apiKeyId=key_1",
    ],
)
def test_parameters_that_are_wrong(path: str, everything: Platform) -> None:
    assert everything.refused("GET", path) == (400, "INVALID_PARAMETERS")


def test_pages_of_10_lead_through_the_whole_list_once_newest_first(everything: Platform) -> None:
    first = everything.get(f"/accounts/{POD}/transfers")
    assert first["pagination"] == {"page": 1, "pageSize": 10, "hasNextPage": True}
    seen = [one["id"] for one in first["items"]]
    for page in range(2, 26):
        data = everything.get(f"/accounts/{POD}/transfers", page=page)
        seen += [one["id"] for one in data["items"]]
    assert data["pagination"] == {"page": 25, "pageSize": 10, "hasNextPage": False}
    shown = everything.items(f"/accounts/{POD}/transfers")
    assert seen == [one["id"] for one in shown]
    assert len({*seen}) == 250
    moments = [datetime.fromisoformat(one["createdAt"]) for one in shown]
    assert moments == sorted(moments, reverse=True)
    beyond = everything.get(f"/accounts/{POD}/transfers", page=26)
    assert (beyond["items"], beyond["pagination"]["hasNextPage"]) == ([], False)


def test_pages_shift_when_something_newer_arrives(platform: Platform) -> None:
    listing = f"/accounts/{POD}/transfers"
    before = platform.get(listing, pageSize=2)["items"]
    body = {"sourceAccountId": POD, "destinationAccountId": CARD_DEBT, "amountInCents": 500}
    made = platform.made("POST", "/transfers", body)
    assert platform.get(listing, pageSize=2)["items"] == [made, before[0]]
    assert platform.get(listing, pageSize=2, page=2)["items"][0] == before[1]


def test_a_list_of_several_accounts_has_each_transfer_once(everything: Platform) -> None:
    one, other = (everything.items("/transfers", **{"accountIds[]": account}) for account in (POD, CARD_DEBT))
    both = everything.items("/transfers", **{"accountIds[]": [POD, CARD_DEBT]})
    assert {transfer["id"] for transfer in both} == {transfer["id"] for transfer in [*one, *other]}
    assert len({transfer["id"] for transfer in both}) == len(both)
    assert [transfer["createdAt"] for transfer in both] == sorted((one["createdAt"] for one in both), reverse=True)
    plain = everything.items("/transfers", accountIds=[POD, CARD_DEBT])
    assert plain == both
    assert everything.items("/transfers", **{"accountIds[]": NOBODYS}) == []


@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ({"accountRole": "source"}, lambda one: one["source"] and one["source"]["id"] == POD),
        ({"accountRole": "destination"}, lambda one: one["destination"] and one["destination"]["id"] == POD),
        ({"accountRole": "either"}, lambda one: True),
        ({"direction": "MONEY_OUT"}, lambda one: one["direction"] == "MONEY_OUT"),
        ({"origin": "DIRECT_DEPOSIT"}, lambda one: one["origin"] == "DIRECT_DEPOSIT"),
        ({"status": "INCOMPLETE"}, lambda one: one["errorCode"] == "INSUFFICIENT_FUNDS"),
        (
            {"ruleExecutionId": Sandbox.uuid("rex_01HABC4567")},
            lambda one: one["id"] == Sandbox.uuid("txr_01HABC1111"),
        ),
        (
            {"rule_execution_id": Sandbox.uuid("rex_01HABC4567")},
            lambda one: one["id"] == Sandbox.uuid("txr_01HABC1111"),
        ),
    ],
)
def test_filters_keep_what_they_say_and_all_of_it(filters: Any, kept: Any, everything: Platform) -> None:
    listing = f"/accounts/{POD}/transfers"
    found = everything.items(listing, **filters)
    assert found == [one for one in everything.items(listing) if kept(one)]
    assert found


@pytest.mark.parametrize(
    "listing",
    [f"/accounts/{POD}/transfers", f"/rules/{SAVE}/executions", f"/card-transactions?accountId={POD}"],
)
def test_ranges_of_time_include_both_ends(listing: str, everything: Platform) -> None:
    path, _, query = listing.partition("?")
    fixed = dict([query.split("=")]) if query else {}
    every = everything.items(path, **fixed)
    newest, oldest = every[3]["createdAt"], every[7]["createdAt"]
    shifted = datetime.fromisoformat(newest) + timedelta(hours=2)
    bounds = {"from": oldest, "to": shifted.isoformat().replace("+00:00", "+02:00")}
    assert everything.items(path, **fixed, **bounds) == every[3:8]


def test_there_are_accounts_of_every_kind(everything: Platform) -> None:
    shown = {one["id"]: one for one in everything.items("/accounts")}
    assert set(shown) == {PAYROLL, POD, CARD_DEBT, CAR_FUND, SAVINGS, INVESTMENTS}
    assert {one["externalAccountType"] for one in shown.values()} == {None, "DEPOSITORY", "INVESTMENT", "LIABILITY"}
    assert shown[CAR_FUND]["linkedAccount"]["externalAccountType"] == "LIABILITY"
    assert "balance" not in shown[POD]
    (old,) = [one for one in everything.items("/accounts", state="ALL") if one["id"] not in shown]
    assert (old["id"], old["deletedAt"]) == (OLD_POD, "2024-03-31T18:00:00Z")
    pods = everything.items("/accounts", type="POD")
    assert [one["id"] for one in pods] == [CAR_FUND, POD]


def test_balances_are_positive_stale_in_error_or_not_there(everything: Platform) -> None:
    balances = {one: everything.get(f"/accounts/{one}")["balance"] for one in (CARD_DEBT, SAVINGS, INVESTMENTS)}
    assert (balances[CARD_DEBT]["balanceInCents"], balances[CARD_DEBT]["nextPaymentMinimumInCents"]) == (245000, 3500)
    assert balances[INVESTMENTS] is None
    assert (balances[SAVINGS]["balanceInCents"], balances[SAVINGS]["error"]) == (None, "CONNECTION_LOST")
    linked = everything.get(f"/accounts/{CAR_FUND}")["linkedAccount"]["balance"]
    assert (linked["balanceInCents"], linked["interestRatePercentage"]) == (1560000, 6.49)
    assert linked["balanceLastUpdatedAt"] < "2024-03-01"


def test_beneficiaries_are_those_that_were_verified(everything: Platform) -> None:
    found = everything.items("/beneficiaries")
    assert [(one["name"], one["beneficiaryType"]) for one in found] == [
        ("John Smith", "INDIVIDUAL"),
        ("Smith Marine LLC", "BUSINESS"),
    ]


def test_card_transactions_are_of_a_pod_and_can_be_of_one_card(everything: Platform) -> None:
    every = everything.items("/card-transactions", accountId=POD)
    assert {one["subtype"] for one in every} == {"PURCHASE", "REFUND", "PAYOUT"}
    assert {(one["subtype"], one["direction"]) for one in every} == {
        ("PURCHASE", "MONEY_OUT"),
        ("REFUND", "MONEY_IN"),
        ("PAYOUT", "MONEY_IN"),
    }
    omni = Sandbox.uuid("card_01HDEF0123")
    some = everything.items("/card-transactions", accountId=POD, cardId=omni)
    assert some == [one for one in every if one["cardType"] == "OMNI_CARD"]
    assert some
    assert everything.get(f"/card-transactions/{every[4]['id']}") == every[4]
    assert everything.items("/card-transactions", accountId=PAYROLL) == []


def test_external_transactions_go_back_90_days_and_say_where_they_end(everything: Platform) -> None:
    path, accounts = "/external-transactions", {"accountIds[]": [CARD_DEBT, SAVINGS]}
    plain = everything.get(path, pageSize=100, **accounts)
    window = {"from": "2024-01-25T00:00:00Z", "to": "2024-04-24T00:00:00Z", "truncated": False}
    assert plain["window"] == window
    older = everything.get(path, pageSize=100, **accounts, **{"from": "2020-01-01T00:00:00Z"})
    assert (older["window"], older["items"]) == ({**window, "truncated": True}, plain["items"])
    assert len(plain["items"]) == 91
    assert [one["status"] for one in plain["items"]] == ["PENDING", *["COMPLETE"] * 90]
    some = everything.get(path, pageSize=100, **accounts, direction="MONEY_IN", status="COMPLETE")
    assert {one["direction"] for one in some["items"]} == {"MONEY_IN"}
    bounded = everything.get(path, **accounts, **{"from": "2024-04-20T00:00:00Z", "to": "2024-04-22T00:00:00Z"})
    assert [one["transactionDate"] for one in bounded["items"]] == [f"2024-04-{n}T00:00:00Z" for n in (22, 21, 20)]
    assert bounded["window"]["truncated"] is False
    one = plain["items"][1]
    assert everything.get(f"{path}/{one['id']}") == one


def test_rules_that_the_api_has_no_words_for_are_listed_and_refused(everything: Platform) -> None:
    supported = {one["id"]: one["isSupported"] for one in everything.items("/rules")}
    assert [one for one, is_supported in supported.items() if not is_supported] == [UNSUPPORTED]
    assert everything.refused("GET", f"/rules/{UNSUPPORTED}") == (403, "INVALID_RULE")
    assert everything.refused("POST", f"/rules/{UNSUPPORTED}/trigger", {}) == (403, "INVALID_RULE")
    assert everything.refused("PATCH", f"/rules/{UNSUPPORTED}", {"name": "x"}) == (422, "INVALID_RULE")
    of_payroll = everything.items("/rules", sourceId=PAYROLL)
    assert [one["id"] for one in of_payroll] == [SAVE]


def test_the_audit_log_has_every_call_made_with_a_key(running: Sandbox) -> None:
    books, other = Platform(running, label="books"), Platform(running)
    books.ask("GET", "/accounts", headers={"x-called-reason": "monthly close"})
    books.ask("GET", f"/accounts/{NOBODYS}")
    books.ask("GET", f"/card-transactions?accountId={POD}")
    httpx.get(f"{running.platform_url}/accounts", headers={"Authorization": "Bearer nobodys"})
    running.advance(60)
    entries = other.items("/audit-logs")
    shown = [(one["apiKeyName"], one["action"], one["outcome"], one["errorCode"], one["reason"]) for one in entries]
    assert shown == [
        ("books", None, "SUCCESS", None, None),
        ("books", "GET_ACCOUNT", "FAILURE", "ACCOUNT_NOT_FOUND", None),
        ("books", "LIST_ACCOUNTS", "SUCCESS", None, "monthly close"),
    ]
    assert entries[2]["path"] == "/platform/v1/accounts"
    own = other.items("/audit-logs", apiKeyId=entries[0]["apiKeyId"], action="LIST_ACCOUNTS")
    assert own == [entries[2]]
    running.advance(91 * 86400)
    assert [one["action"] for one in other.items("/audit-logs")] == []
    assert other.get("/audit-logs", **{"from": "2024-04-01T00:00:00Z"})["window"]["truncated"] is True


@pytest.fixture
def limited() -> Iterator[Sandbox]:
    sandbox = Sandbox(rate_limit=2)
    with sandbox.serve():
        yield sandbox


def test_a_key_has_one_rate_limit_for_both_apis(limited: Sandbox) -> None:
    key = limited.create_key()
    platform, v1 = {"Authorization": f"Bearer {key}"}, {"Authorization": f"ApiKey {key}"}
    assert httpx.get(f"{limited.base_url}/accounts", headers=v1).status_code == 200
    assert httpx.get(f"{limited.platform_url}/accounts", headers=platform).status_code == 200
    refused = httpx.get(f"{limited.platform_url}/accounts", headers=platform)
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "30")
    assert refused.json()["error"]["code"] == "RATE_LIMIT_EXCEEDED"
    limited.advance(30)
    assert httpx.get(f"{limited.platform_url}/accounts", headers=platform).status_code == 200
