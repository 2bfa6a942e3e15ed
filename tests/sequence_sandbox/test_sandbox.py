"""The sandbox responds as the documentation says, and shares no code with the SDK that could hide a mistake."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from sequence_sandbox import Sandbox
from sequence_sandbox.platform.records import show_external_transaction
from sequence_sandbox.v1.records import show_card_transaction, show_execution, show_transfer
from sequence_sdk import ConfigurationError, SequenceClient

from ..conftest import Served
from ..contract.contract import CALLS, OPERATIONS, SEEDS, SUCCESSES, Call, at, needed, resolve
from ..validated import in_contract

A_TRANSFER: dict[str, Any] = {
    "source_account_id": "acc_01HDEF0123",
    "destination_account_id": "acc_01HGHI7890",
    "amount_in_cents": 5000,
}


def plain_path(call: Call) -> str:
    """The target of a call without filters, and with a page as large as the documented one."""
    required = {one["name"] for one in map(resolve, OPERATIONS[call.operation][2]["parameters"]) if one.get("required")}
    query = {name: value for name, value in call.keyword.items() if name in required}
    seed = SEEDS.get(call.operation, {}).get("200", {})
    if seed.get("page_info", {}).get("has_next_page"):
        query["first"] = len(seed["data"])
    path = call.target.partition("?")[0]
    return f"{path}?{urlencode(query)}" if query else path


def resource(call: Call) -> str:
    """What the scope has to be granted on; empty for a scope without resources."""
    resources = needed(call)
    if resources is not None:
        return str(resources[0]) if resources else ""
    (path, *_) = OPERATIONS[call.operation][2]["x-sequence-permission"]["resource"]["response"]
    return str(at(dict(SUCCESSES)[call.operation], path))


READS = {
    call.operation: (plain_path(call), call.permission[0], resource(call))
    for call in CALLS
    if OPERATIONS[call.operation][0] == "GET"
}


def ask(served: Served, path: str, permissions: Any = None, **headers: str) -> httpx.Response:
    key = served.sandbox.create_key(permissions)
    return in_contract(httpx.get(f"{served.base_url}{path}", headers={"Authorization": f"ApiKey {key}", **headers}))


def granting(scope: str, resource: str) -> list[dict[str, Any]]:
    return [{"scope": scope, "resources": [resource]} if resource else {"scope": scope}]


@pytest.mark.parametrize("operation", SEEDS)
def test_it_serves_the_documented_responses(operation: str, served: Served) -> None:
    expected = SEEDS[operation]["200"]
    response = ask(served, READS[operation][0], **{"X-Request-ID": expected["request_id"]})
    assert response.status_code == 200
    assert response.json() == expected
    assert response.headers["X-Request-ID"] == expected["request_id"]


@pytest.mark.parametrize("operation", READS)
def test_exactly_the_right_permission_opens_an_operation(operation: str, served: Served) -> None:
    path, scope, resource = READS[operation]
    assert ask(served, path, granting(scope, resource)).status_code == 200
    others = [one for _, other, its in READS.values() for one in granting(other, its and "*") if other != scope]
    refused = [others, []]
    if resource:
        assert ask(served, path, [{"scope": scope, "resources": "*"}]).status_code == 200
        refused += [granting(scope, "another"), [{"scope": scope, "resources": []}]]
    for permissions in refused:
        response = ask(served, path, permissions)
        assert response.status_code == 403
        assert response.json() == SEEDS["listCards"]["403"]
        assert response.headers["X-Request-ID"]


@pytest.mark.parametrize("operation", READS)
@pytest.mark.parametrize("header", [None, "", "ApiKey", "ApiKey nobodys", "Bearer {}", "apikey {}", "{}"])
def test_a_key_is_needed(operation: str, header: str | None, served: Served) -> None:
    key = served.sandbox.create_key()
    headers = {} if header is None else {"Authorization": header.format(key)}
    response = httpx.get(f"{served.base_url}{READS[operation][0]}", headers=headers)
    assert response.status_code == 401
    assert response.json() == SEEDS["listCards"]["401"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/accounts/acc_123", "Account with id 'acc_123' was not found."),
        ("/cards/card_123", "Card with id 'card_123' was not found."),
        ("/cards/card_123/transactions", "Card with id 'card_123' was not found."),
        ("/transfers/txr_123", "Transfer with id 'txr_123' was not found."),
        ("/rules/rule_123", "Rule with id 'rule_123' was not found."),
        ("/rule-executions/rex_123", "Rule execution with id 'rex_123' was not found."),
    ],
)
def test_what_is_not_there(path: str, message: str, served: Served) -> None:
    response = ask(served, path)
    assert response.status_code == 404
    assert response.json() == {"error": {"code": "resource_not_found", "message": message}}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/nothing"),
        ("GET", "/accounts/"),
        ("GET", "/cards/card_1/"),
        ("DELETE", "/accounts"),
        ("PUT", "/rules/rule_1"),
    ],
)
def test_an_unknown_path_or_method_is_a_404_in_plain_text(method: str, path: str, served: Served) -> None:
    response = httpx.request(method, f"{served.base_url}{path}")
    assert (response.status_code, response.text) == (404, "Not Found")
    assert response.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/accounts?type=piggy_bank", "type"),
        ("/cards", "account_id"),
        ("/cards?account_id=", "account_id"),
        ("/cards?account_id=acc_01HDEF0123&status=melted", "status"),
        ("/cards?account_id=acc_01HDEF0123&type=wooden", "type"),
        ("/transfers", "account_id"),
        ("/transfers?account_id=acc_01HDEF0123&account_role=none", "account_role"),
        ("/transfers?account_id=acc_01HDEF0123&direction=up", "direction"),
        ("/transfers?account_id=acc_01HDEF0123&origin=moon", "origin"),
        ("/transfers?account_id=acc_01HDEF0123&status=gone", "status"),
        ("/transfers?account_id=acc_01HDEF0123&from=yesterday", "from"),
        ("/transfers?account_id=acc_01HDEF0123&to=2024-13-01", "to"),
        ("/transfers?account_id=acc_01HDEF0123&first=0", "first"),
        ("/transfers?account_id=acc_01HDEF0123&first=101", "first"),
        ("/transfers?account_id=acc_01HDEF0123&first=x", "first"),
        ("/transfers?account_id=acc_01HDEF0123&first=%C2%B2", "first"),
        ("/transfers?account_id=acc_01HDEF0123&after=forged", "after"),
        ("/transfers?account_id=acc_01HDEF0123&after=cursor_forged", "after"),
        ("/cards/card_01HABC4567/transactions?direction=sideways", "direction"),
        ("/rule-executions", "rule_id"),
        ("/rule-executions?rule_id=rule_01HXYZ1234&status=odd", "status"),
        ("/rule-executions?rule_id=rule_01HXYZ1234&trigger_type=MANUAL", "trigger_type"),
    ],
)
def test_parameters_that_are_wrong(path: str, parameter: str, served: Served) -> None:
    response = ask(served, path)
    assert response.status_code == 400
    assert response.json()["error"]["code"] == "bad_request"
    assert f"'{parameter}'" in response.json()["error"]["message"]


def test_pages_of_20_lead_through_the_whole_list_once(served: Served) -> None:
    path, seen, cursor = "/transfers?account_id=acc_01HDEF0123", [], ""
    while True:
        response = ask(served, f"{path}{cursor}").json()
        assert len(response["data"]) == 20 or not response["page_info"]["has_next_page"]
        seen += response["data"]
        if not response["page_info"]["has_next_page"]:
            break
        cursor = f"&after={response['page_info']['end_cursor']}"
    assert [one["id"] for one in seen] == [one.id for one in reversed(list(served.sandbox.organization.transfers))]
    assert [one["created_at"] for one in seen] == sorted((one["created_at"] for one in seen), reverse=True)


@pytest.mark.anyio
@pytest.mark.parametrize("api", ["v1", "platform"])
async def test_clients_of_a_sandbox_and_those_made_from_them_are_closed_as_documented(
    api: str, anyio_backend: str
) -> None:
    sandbox = Sandbox()
    make: Any = sandbox.client if api == "v1" else sandbox.platform_client
    pod = sandbox.uuid("acc_01HDEF0123") if api == "platform" else "acc_01HDEF0123"
    async with make().with_options(max_retries=0) as client:
        await client.accounts.get(pod)
    async with make() as owner:
        derived = owner.with_options(timeout=5)
        async with derived.with_options(max_retries=1) as other:
            assert type(other) is type(owner)
            await other.accounts.get(pod)
        for one in (owner, derived, other):  # the connection is the owner's
            await one.accounts.get(pod)
    for one in (owner, derived, other):
        with pytest.raises(ConfigurationError, match="this client is closed"):
            await one.accounts.get(pod)


@pytest.mark.anyio
async def test_pages_stay_where_they_are_while_newer_objects_arrive(anyio_backend: str) -> None:
    sandbox = Sandbox()
    async with sandbox.client() as client:
        pages = client.transfers.list(account_id="acc_01HDEF0123", first=2).pages()
        first = await anext(pages)
        created = await client.transfers.create(**A_TRANSFER)
        behind = await client.transfers.list(account_id="acc_01HDEF0123", first=2, after=first.end_cursor).collect(2)
        assert behind == (await anext(pages)).data
        newest = await client.transfers.list(account_id="acc_01HDEF0123").collect(3)
        assert newest == [created, *first.data]


@pytest.mark.anyio
@pytest.mark.parametrize(
    ("filters", "kept"),
    [
        ({"account_role": "source"}, lambda one: one.source and one.source.id == "acc_01HDEF0123"),
        ({"account_role": "destination"}, lambda one: one.destination and one.destination.id == "acc_01HDEF0123"),
        ({"account_role": "either"}, lambda one: True),
        ({"direction": "money_out"}, lambda one: one.direction == "money_out"),
        ({"origin": "paycheck"}, lambda one: one.origin == "paycheck"),
        ({"status": "incomplete"}, lambda one: one.status == "incomplete"),
        ({"rule_execution_id": "rex_01HABC4567"}, lambda one: one.rule_execution_id == "rex_01HABC4567"),
    ],
)
async def test_filters_keep_what_they_say_and_all_of_it(
    filters: dict[str, Any], kept: Any, sandbox_client: SequenceClient
) -> None:
    everything = await sandbox_client.transfers.list(account_id="acc_01HDEF0123").collect()
    found = await sandbox_client.transfers.list(account_id="acc_01HDEF0123", **filters).collect()
    assert found == [one for one in everything if kept(one)]
    assert found


@pytest.mark.anyio
async def test_ranges_of_time_include_both_ends(sandbox_client: SequenceClient) -> None:
    for listing, arguments in (
        (sandbox_client.transfers.list, {"account_id": "acc_01HDEF0123"}),
        (sandbox_client.rule_executions.list, {"rule_id": "rule_01HXYZ1234"}),
    ):
        everything: list[Any] = await listing(**arguments).collect()  # type: ignore[operator]
        newest, oldest = everything[3].created_at, everything[7].created_at
        assert await listing(**arguments, from_=oldest, to=newest).collect() == everything[3:8]  # type: ignore[operator]
    cards = await sandbox_client.cards.list_transactions("card_01HABC4567", direction="credit").collect()
    assert {one.direction for one in cards} == {"credit"}


@pytest.mark.anyio
async def test_lists_of_accounts_and_rules_are_filtered(sandbox_client: SequenceClient) -> None:
    assert [one.name for one in await sandbox_client.accounts.list(type="pod")] == ["Emergency Fund"]
    assert [one.id for one in await sandbox_client.rules.list(source_id="acc_01HABC4567")] == ["rule_01HXYZ1234"]
    assert await sandbox_client.rules.list(source_id="acc_01HGHI7890") == []
    assert len(await sandbox_client.cards.list(account_id="acc_01HDEF0123", type="virtual")) == 1
    assert await sandbox_client.cards.list(account_id="acc_01HDEF0123", status="lost") == []


def everything(sandbox: Sandbox) -> list[Any]:
    """All that a sandbox holds, as JSON."""
    organization = sandbox.organization
    timelines: Any = (
        (organization.card_transactions, show_card_transaction),
        (organization.transfers, show_transfer),
        (organization.rule_executions, show_execution),
        (organization.external_transactions, show_external_transaction),
    )
    return [
        organization.accounts,
        organization.account_details,
        organization.cards,
        organization.rules,
        *([show(one) for one in timeline] for timeline, show in timelines),
    ]


def test_the_same_variation_gives_the_same_data_and_another_one_other_data() -> None:
    assert everything(Sandbox()) == everything(Sandbox(variation=0))
    assert everything(Sandbox(variation=1)) == everything(Sandbox(variation=1)) != everything(Sandbox())


def test_a_sandbox_is_its_own() -> None:
    one, other = Sandbox(), Sandbox()
    one.organization.accounts["acc_01HDEF0123"]["name"] = "Changed"
    one.organization.account_details["acc_01HDEF0123"]["balance"]["balance_in_cents"] = 0
    assert other.organization.account("acc_01HDEF0123") == Sandbox().organization.account("acc_01HDEF0123")


@pytest.mark.parametrize("kind", ["accounts", "account_details", "account_extras", "beneficiaries", "cards", "rules"])
def test_what_would_lack_its_other_half_cannot_be_put_in(kind: str) -> None:
    """An account without a balance broke later responses with a `KeyError`."""
    with pytest.raises(TypeError):
        getattr(Sandbox().organization, kind)["acc_mine"] = {"id": "acc_mine"}


def test_no_two_keys_have_the_same_id() -> None:
    sandbox = Sandbox()
    for key in ("one", "one", "two"):
        sandbox.create_key(key=key)
    assert len({key.id for key in sandbox.keys.values()}) == 2
