"""A sandbox is given its data by a seed, and gives those that it has in the same form."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given, settings, strategies as st

from sequence_sandbox import Sandbox, SeedError
from sequence_sdk import PermissionDeniedError

from .test_sandbox import everything

OURS: dict[str, Any] = {
    "now": "2026-05-01T09:00:00Z",
    "accounts": [
        {"id": "acc_01PAY", "name": "Payroll", "type": "income_source", "balance": 500_000},
        {"id": "acc_01RENT", "name": "Rent", "type": "pod", "savings_target_in_cents": 200_000},
        {
            "id": "acc_01CARD",
            "name": "Card",
            "type": "external_account",
            "external_account_type": "LIABILITY",
            "balance": {"balance_in_cents": 70_000, "next_payment_minimum_in_cents": 2_500},
        },
    ],
    "cards": [{"id": "card_01OURS", "account_id": "acc_01PAY"}],
    "rules": [
        {
            "id": "rule_01RENT",
            "nickname": "Rent first",
            "trigger": {"type": "MANUAL", "account_id": "acc_01PAY"},
            "steps": [
                {
                    "actions": [
                        {
                            "type": "FIXED",
                            "source": {"id": "acc_01PAY", "name": "Payroll", "type": "income_source"},
                            "destination": {"id": "acc_01RENT", "name": "Rent", "type": "pod"},
                            "amount_in_cents": 100_000,
                        }
                    ]
                }
            ],
        }
    ],
    "transfers": [
        {
            "id": "txr_01OLD",
            "source": "acc_01PAY",
            "destination": "acc_01RENT",
            "amount_in_cents": 1000,
            "created_at": "2026-04-30T09:00:00Z",
        }
    ],
    "keys": [{"key": "sk_reader", "label": "reader", "permissions": [{"scope": "LIST_ACCOUNTS"}]}, {"key": "sk_all"}],
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """`OURS` with another member at a path such as `transfers.0.source`."""
    found: Any = copy.deepcopy(OURS)
    *parents, last = [int(part) if part.isdigit() else part for part in path.split(".")]
    node = found
    for part in parents:
        node = node[part]
    node[last] = value
    return found


@pytest.mark.anyio
async def test_the_data_of_a_seed_are_served_through_both_apis(anyio_backend: str) -> None:
    sandbox = Sandbox(seed=OURS)
    async with sandbox.client(api_key="sk_all") as client, sandbox.platform_client() as platform:
        assert [one.name for one in await client.accounts.list()] == ["Payroll", "Rent", "Card"]
        card = await client.accounts.get("acc_01CARD")
        assert (card.balance and card.balance.balance_in_cents, card.can_be_source) == (70_000, False)
        made = await client.rules.trigger_and_wait("rule_01RENT")
        assert made.transfers_completed == 1
        rent = await platform.accounts.get(sandbox.uuid("acc_01RENT"))
        assert (rent.savings_target_in_cents, rent.balance and rent.balance.balance_in_cents) == (200_000, 100_000)
        assert sandbox.clock.now() > datetime(2026, 5, 1, 9, tzinfo=UTC)
    async with sandbox.client(api_key="sk_reader") as reader:
        assert len(await reader.accounts.list()) == 3
        with pytest.raises(PermissionDeniedError):
            await reader.accounts.get("acc_01PAY")


@pytest.mark.parametrize("suffix", ["json", "yaml"])
def test_a_seed_can_be_a_file(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"seed.{suffix}"
    if suffix == "json":
        path.write_text(json.dumps(OURS))
    else:
        path.write_text(
            "now: 2026-05-01T09:00:00Z\n"
            "accounts:\n"
            "- {id: acc_01PAY, name: Payroll, type: income_source, balance: 500000}\n"
        )
    assert Sandbox(seed=path).organization.ledger.available("acc_01PAY") == 500_000
    assert Sandbox(seed=str(path)).clock.now() == datetime(2026, 5, 1, 9, tzinfo=UTC)


def action(**members: Any) -> dict[str, Any]:
    """`OURS` with another action."""
    return changed("rules.0.steps.0.actions.0", {**OURS["rules"][0]["steps"][0]["actions"][0], **members})


def condition(**members: Any) -> dict[str, Any]:
    """`OURS` with a condition."""
    return changed("rules.0.steps.0.conditions", {"condition": members})


WRONG = {
    "the accounts are needed": ({}, "the seed: object missing required field `accounts`"),
    "a misspelt member": (changed("accounts.0.balanc", 1), r"accounts\[0\]: object contains unknown field `balanc`"),
    "a type": (changed("accounts.0.balance", "5"), r"accounts\[0\]\.balance: expected"),
    "an ID": (changed("accounts.0.id", "mine"), r"accounts\[0\]\.id: expected `str` matching"),
    "an ID twice": (changed("accounts.1.id", "acc_01PAY"), r"accounts\[1\]\.id: acc_01PAY is there already"),
    "a card's account": (
        changed("cards.0.account_id", "acc_01NO"),
        r"cards\[0\]\.account_id: there is no account acc_01NO",
    ),
    "a transfer's source": (
        changed("transfers.0.source", "acc_01NO"),
        r"transfers\[0\]\.source: there is no account acc_01NO",
    ),
    "a transfer to itself": (changed("transfers.0.source", "acc_01RENT"), r"transfers\[0\]\.destination: money cannot"),
    "a transfer of nobody": (
        changed("transfers.0", {"id": "txr_1", "amount_in_cents": 1, "created_at": "2026-01-01T00:00:00Z"}),
        r"transfers\[0\]: a source, a destination or both",
    ),
    "a transfer's rule": (changed("transfers.0.rule_id", "rule_01NO"), r"transfers\[0\]\.rule_id: there is no rule"),
    "a transfer's run": (changed("transfers.0.rule_execution_id", "rex_01NO"), "there is no rule execution rex_01NO"),
    "what is later than now": (
        changed("transfers.0.created_at", "2026-05-02T00:00:00Z"),
        r"transfers\[0\]\.created_at: .*later",
    ),
    "a time without a zone": (
        changed("transfers.0.created_at", "2026-04-02T00:00:00"),
        r"transfers\[0\]\.created_at: expected",
    ),
    "completed too early": (
        changed("transfers.0.completed_at", "2026-04-01T00:00:00Z"),
        r"transfers\[0\]\.completed_at",
    ),
    "completed and in flight": (
        changed("transfers.0", {**OURS["transfers"][0], "status": "pending", "completed_at": "2026-04-30T09:00:01Z"}),
        r"transfers\[0\]\.completed_at: what is pending",
    ),
    "in flight from nobody": (
        changed("transfers.0", {**OURS["transfers"][0], "status": "pending", "source": None}),
        r"transfers\[0\]\.status: what is pending needs a source",
    ),
    "a rule's account": (
        changed("rules.0.trigger.account_id", "acc_01NO"),
        r"rules\[0\]\.trigger\.account_id: there is no",
    ),
    "an action's account": (
        changed("rules.0.steps.0.actions.0.destination.id", "acc_01NO"),
        r"rules\[0\]\.steps\[0\]\.actions\[0\]\.destination\.id: there is no account",
    ),
    "an action without its amount": (
        changed("rules.0.steps.0.actions.0.amount_in_cents", None),
        r"rules\[0\]\.steps\[0\]\.actions\[0\]\.amount_in_cents: an action of type FIXED needs amount_in_cents",
    ),
    "no actions": (
        changed("rules.0.steps.0.actions", []),
        r"rules\[0\]\.steps\[0\]\.actions: expected `array` of length >= 1",
    ),
    "steps that are none": (
        changed("rules.0.steps.0", {"actions": 1}),
        r"rules\[0\]\.steps\[0\]\.actions: expected `array`",
    ),
    "a scope": (changed("keys.0.permissions.0.scope", "NONE"), r"keys\[0\]\.permissions\[0\]: NONE is no scope"),
    "a key twice": (changed("keys.0.key", "sk_all"), r"keys\[1\]\.key: it is there already"),
    "an execution's rule": (
        changed("rule_executions", [{"id": "rex_1", "rule_id": "rule_01NO", "created_at": "2026-01-01T00:00:00Z"}]),
        r"rule_executions\[0\]\.rule_id: there is no rule",
    ),
    "an execution's transfer": (
        changed(
            "rule_executions",
            [
                {
                    "id": "rex_1",
                    "rule_id": "rule_01RENT",
                    "created_at": "2026-01-01T00:00:00Z",
                    "transfer_ids": ["txr_01OLD"],
                }
            ],
        ),
        r"rule_executions\[0\]\.transfer_ids\[0\]: txr_01OLD must have the rule_execution_id rex_1",
    ),
    "an ID with a line break": (changed("accounts.0.id", "acc_01A\n"), r"accounts\[0\]\.id"),
    "half a character": (changed("accounts.0.name", "\ud800"), r"accounts\[0\]\.name: it has half a character"),
    "a number without end": (
        changed("accounts.2.balance", {"balance_in_cents": 1, "interest_rate_percentage": float("inf")}),
        r"accounts\[2\]\.balance\.interest_rate_percentage: it must be a finite number",
    ),
    "a year": (changed("transfers.0.created_at", "0001-01-01T00:00:00+10:00"), r"transfers\[0\]\.created_at: the year"),
    "a clock without end": (changed("now", "9999-12-31T23:59:59Z"), r"now: the year must be 1970 to 2199"),
    "a beneficiary twice": (
        changed("beneficiaries", [{"id": "ben_1", "name": "A"}, {"id": "ben_1", "name": "B"}]),
        r"beneficiaries\[1\]\.id: ben_1 is there already",
    ),
    "a rounding to nothing": (action(type="ROUND_DOWN", amount_in_cents=0, to_multiple=True), "must be above 0"),
    "a top-up without a target": (action(type="TOP_UP", amount_in_cents=None), "an action of type TOP_UP needs"),
    "a percentage": (action(type="PERCENTAGE", percentage=1e307), r"percentage: expected `float` <= 100"),
    "a limit": (action(limit={}), r"actions\[0\]\.limit: object missing required field `period`"),
    "an amount": (action(amount_in_cents=2**60), r"amount_in_cents: expected `int` <= 9007199254740991"),
    "a group": (action(group_index="x"), r"group_index: expected"),
    "an action to itself": (
        action(destination={"id": "acc_01PAY", "name": "Payroll", "type": "income_source"}),
        "money cannot move from an account to itself",
    ),
    "a target's account": (
        action(
            type="TOP_UP",
            amount_in_cents=None,
            next_payment_minimum_account={"id": "acc_01NO", "name": "No", "type": "pod"},
        ),
        r"next_payment_minimum_account\.id: there is no account acc_01NO",
    ),
    "a condition's account": (
        condition(fact="BALANCE", operator="EQUAL", value=1, account_id="acc_01NO"),
        r"steps\[0\]\.conditions\.condition\.account_id: there is no account",
    ),
    "a condition's account that is none": (
        condition(fact="BALANCE", operator="EQUAL", value=1, account_id=["zz"]),
        r"steps\[0\]\.conditions\.condition\.account_id: expected",
    ),
    "a condition that compares with nothing": (condition(fact="BALANCE", operator="EQUAL"), "value or value_fact"),
    "conditions of two kinds": (
        changed("rules.0.steps.0.conditions", {"any": [], "all": []}),
        "it must have one of condition, any and all",
    ),
    "nobody to own anything": (changed("beneficiaries", []), "beneficiaries: at least one"),
}


@pytest.mark.parametrize(("seed", "message"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_with_a_seed_is_said_with_its_place(seed: Any, message: str) -> None:
    with pytest.raises(SeedError, match=message):
        Sandbox(seed=seed)
    sandbox = Sandbox(seed=OURS)
    before = sandbox.state()
    with pytest.raises(SeedError, match=message):
        sandbox.load(seed)
    assert sandbox.state() == before


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("seed.json", "{", "this is not valid JSON"),
        ("seed.yaml", "accounts: [", "this is not valid YAML"),
        ("seed.json", "[" * 100_000, "this is not valid JSON"),
        ("seed.yaml", "", "expected `object`"),
    ],
)
def test_a_file_that_is_no_seed_is_named(name: str, text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(SeedError, match=message) as caught:
        Sandbox(seed=path)
    assert str(caught.value).startswith(str(path))
    with pytest.raises(SeedError, match="No such file"):
        Sandbox(seed=tmp_path / "none.yaml")


def test_the_state_of_a_sandbox_makes_the_same_one() -> None:
    sandbox = Sandbox()
    sandbox.create_key([{"scope": "LIST_RULES"}], key="sk_rules")
    state = json.loads(json.dumps(sandbox.state()))
    again = Sandbox(seed=state)
    assert again.state() == state
    theirs, ours = everything(again), everything(sandbox)
    for one in (theirs, ours):  # a list of accounts shows when the credit card was changed last, as getting it does
        one[0] = {name: {**account, **one[1][name]} for name, account in one[0].items()}
    assert theirs[0].keys() == ours[0].keys()
    assert theirs[2:] == ours[2:]
    assert again.organization.total() == sandbox.organization.total()


def test_what_is_in_flight_goes_on_in_the_sandbox_that_is_made_of_it() -> None:
    sandbox = Sandbox(seed=OURS)
    one, other = (
        {"source_account_id": "acc_01PAY", "destination_account_id": to} for to in ("acc_01RENT", "acc_01CARD")
    )
    with sandbox.serve() as url:
        headers = {"Authorization": "ApiKey sk_all"}
        for body in (one, other):
            made = httpx.post(f"{url}/transfers", json={**body, "amount_in_cents": 2000}, headers=headers)
            assert made.status_code == 201
            sandbox.advance(2)  # the first one is pending then
        httpx.post(f"{url}/rules/rule_01RENT/trigger", json={}, headers=headers)
    total = sandbox.organization.total()
    again = Sandbox(seed=sandbox.state())
    assert again.organization.total() == total
    for each in (sandbox, again):
        each.advance(60)
    moved = [
        [(one.account_ids, one.amount_in_cents, one.status, one.created, one.completed) for one in each.transfers]
        for each in (sandbox.organization, again.organization)
    ]
    assert moved[0] == moved[1]
    assert len(moved[0]) == 4
    ran = [[one.counts() for one in each.organization.rule_executions] for each in (sandbox, again)]
    assert ran == [[(1, 0, 0)]] * 2
    assert again.organization.ledger.balances() == sandbox.organization.ledger.balances()
    assert {one.status for one in again.organization.transfers} == {"complete"}


def test_a_state_with_a_run_of_a_rule_that_was_changed_since_can_be_loaded() -> None:
    seed = changed("rules.0.steps", [*OURS["rules"][0]["steps"]] * 2)
    seed["rules"][0]["steps"][0] = {**seed["rules"][0]["steps"][0], "conditions": {"any": []}}
    sandbox = Sandbox(seed=seed)
    sandbox.organization.trigger_rule("rule_01RENT", None, at=sandbox.clock.now())
    sandbox.advance(2)
    sandbox.organization.update_rule("rule_01RENT", {"steps": OURS["rules"][0]["steps"]})
    again = Sandbox(seed=sandbox.state())
    again.advance(10)
    assert [one.status for one in again.organization.rule_executions] == ["executed"]


def test_what_is_given_and_what_was_given_are_nobody_elses() -> None:
    seed = copy.deepcopy(OURS)
    sandbox = Sandbox()
    sandbox.load(seed)
    state = sandbox.state()
    for shared in (seed, state):
        shared["rules"][0]["steps"][0]["actions"].clear()
    assert sandbox.organization.rules["rule_01RENT"]["steps"][0]["actions"]


def test_ids_that_an_earlier_state_gave_are_not_given_again() -> None:
    sandbox = Sandbox(seed=OURS)
    first = sandbox.organization.create_transfer("acc_01PAY", "acc_01RENT", 1000, at=sandbox.clock.now())
    again = Sandbox(seed=sandbox.state())
    second = again.organization.create_transfer("acc_01PAY", "acc_01RENT", 1000, at=again.clock.now())
    assert first.id != second.id


def test_reset_leads_back_to_what_the_sandbox_was_made_with() -> None:
    sandbox = Sandbox(seed=OURS)
    before = {name: value for name, value in sandbox.state().items() if name != "keys"}
    sandbox.load({"now": "2020-01-01T00:00:00Z", "accounts": OURS["accounts"][:1]})
    assert sandbox.clock.now() == datetime(2020, 1, 1, tzinfo=UTC)
    assert [*sandbox.keys] == ["sk_reader", "sk_all"]  # a seed without keys leaves them
    sandbox.reset()
    assert {name: value for name, value in sandbox.state().items() if name != "keys"} == before


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 3000), st.floats(0.01, 2000), st.floats(0.01, 0.99), st.integers(0, 10**6))
def test_as_much_happened_as_is_asked_for_in_the_time_that_is_asked_for(
    count: int, days: float, recent: float, variation: int
) -> None:
    organization = Sandbox(transfers=count, days=days, recent=recent, variation=variation).organization
    moments = [one.created for one in organization.transfers]
    assert len(moments) == count
    assert moments == sorted(moments)
    made = moments[:-1]  # the newest is the documented one
    end = datetime(2024, 4, 21, 10, tzinfo=UTC)
    assert all(end - timedelta(days=days, seconds=1) <= one <= end for one in made)
    late = sum(one > end - timedelta(days=days) / 10 for one in made)
    assert abs(late - recent * count) <= 3 + count / 100


def test_a_seed_is_moved_to_where_the_sandbox_begins() -> None:
    now = datetime(2027, 2, 3, 4, 5, tzinfo=UTC)
    sandbox = Sandbox(seed=OURS, now=now)
    (transfer,) = sandbox.organization.transfers
    assert sandbox.clock.now() == now
    assert transfer.created == now - timedelta(days=1)
    sandbox.advance(86400)
    sandbox.reset()
    assert sandbox.clock.now() == now


def test_keys_that_a_state_has_replaced_are_back_after_a_reset() -> None:
    sandbox = Sandbox()
    sandbox.create_key(key="sk_first", but=["acc_01HABC4567"])
    sandbox.load(OURS)
    assert [*sandbox.keys] == ["sk_reader", "sk_all"]
    sandbox.reset()
    assert {*sandbox.keys} == {"sk_first", "sk_reader", "sk_all"}
    assert Sandbox(seed=sandbox.state()).keys["sk_first"].but == ("acc_01HABC4567",)


def test_a_choice_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(SeedError, match=r"accounts\[0\]\.type: .*use one of external_account, income_source, pod"):
        Sandbox(seed=changed("accounts.0.type", "pot"))
    with pytest.raises(
        SeedError, match=r"accounts\[2\]\.balance: .*can be: balance_in_cents, available_balance_in_cents"
    ):
        Sandbox(seed=changed("accounts.2.balance", {"balance_in_cents": 1, "cents": 1}))


def test_a_past_that_is_made_up_ends_now() -> None:
    sandbox = Sandbox(seed=OURS, transfers=500, days=100)
    ages = [sandbox.clock.now() - one.created for one in sandbox.organization.transfers]
    assert ages[0] < timedelta(days=101)
    assert sum(age < timedelta(days=10) for age in ages) > 40


def test_a_year_of_transfers_between_ones_own_accounts() -> None:
    sandbox = Sandbox(seed=OURS, transfers=600, card_transactions=100, rule_executions=20, days=365)
    organization = sandbox.organization
    assert (len(organization.transfers), len(organization.card_transactions)) == (601, 100)
    assert {name for one in organization.transfers for name in one.account_ids} == {
        "acc_01PAY",
        "acc_01RENT",
        "acc_01CARD",
    }
    assert all(one.transfers[0].rule_execution_id == one.id for one in organization.rule_executions)
    assert Sandbox(seed=sandbox.state()).state() == sandbox.state()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"transfers": -1}, "transfers cannot be below 0"),
        ({"days": 0}, "days must be above 0"),
        ({"days": float("nan")}, "days must be above 0"),
        ({"days": 10, "recent": 1}, "recent must be a share"),
        ({"recent": 0.5}, "recent needs days"),
        ({"seed": {"accounts": OURS["accounts"][:1]}, "transfers": 5}, "no two accounts"),
        ({"seed": {"accounts": OURS["accounts"]}, "card_transactions": 5}, "there is no card"),
        ({"seed": {"accounts": OURS["accounts"]}, "transfers": 8, "rule_executions": 1}, "there is no rule"),
        ({"seed": {"accounts": OURS["accounts"][:2]}, "external_transactions": 5}, "no external account"),
        ({"seed": OURS, "transfers": 4, "rule_executions": 2}, "one for each fourth transfer"),
    ],
)
def test_histories_that_cannot_be_made_say_why(options: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Sandbox(**options)


@pytest.mark.parametrize("options", [{"running_clock": True}, {"now": datetime(2027, 2, 3, 4, tzinfo=UTC)}])
def test_the_last_thirty_days_are_not_empty(options: Any) -> None:
    sandbox = Sandbox(**options)
    now = sandbox.clock.now()
    query = {"account_id": "acc_01HDEF0123", "from": (now - timedelta(days=30)).isoformat(), "first": 100}
    with sandbox.serve() as url:
        headers = {"Authorization": f"ApiKey {sandbox.create_key()}"}
        found = httpx.get(f"{url}/transfers", params=query, headers=headers)
        card = httpx.get(f"{url}/accounts/acc_01HGHI7890", headers=headers).json()["data"]
    assert 10 < len(found.json()["data"]) < 40
    assert max(one.created for one in sandbox.organization.transfers) < now
    assert card["balance"]["next_payment_due_date"] > now.date().isoformat()


def test_state_is_got_and_put_over_http() -> None:
    sandbox = Sandbox(seed=OURS)
    with sandbox.serve():
        url = f"{sandbox.origin}/_sandbox/state"
        state = httpx.get(url).json()
        sandbox.organization.create_transfer("acc_01PAY", "acc_01RENT", 1000, at=sandbox.clock.now())
        put = httpx.put(url, json=state)
        assert (put.status_code, put.json()["transfers"], put.json()["keys"]) == (200, 1, 2)
        assert httpx.get(url).json() == state == sandbox.state()
        wrong = httpx.put(url, json=changed("transfers.0.source", "acc_01NO"))
        assert (wrong.status_code, wrong.json()["error"]["message"]) == (
            400,
            "transfers[0].source: there is no account acc_01NO",
        )
        large = httpx.put(url, json=Sandbox(transfers=10_000, days=365).state(), timeout=60)
        assert large.json()["transfers"] == 10_000
