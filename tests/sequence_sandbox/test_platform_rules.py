"""The platform API of the sandbox: rules are made, changed, simulated and run."""

from __future__ import annotations

from typing import Any

import pytest

from sequence_sandbox import Sandbox

from .asking import CAR_FUND, CARD_DEBT, DISABLED, NOBODYS, OLD_POD, PAY, PAYROLL, POD, SAVE, SAVINGS, Platform

TYPES = {POD: "POD", CAR_FUND: "POD", PAYROLL: "INCOME_SOURCE", CARD_DEBT: "EXTERNAL_ACCOUNT"}


def node(account: str) -> dict[str, str]:
    return {"id": account, "type": TYPES.get(account, "POD")}


def action(kind: str, source: str = POD, destination: str = CARD_DEBT, **more: Any) -> dict[str, Any]:
    return {"type": kind, "source": node(source), "destination": node(destination), "groupIndex": 0, **more}


def condition(fact: str, operator: str, value: Any, value_fact: str | None = None, account: str = "") -> Any:
    params = {"accountId": account} if account else None
    compared = {"value": value, "valueFact": value_fact, "params": params}
    return {"condition": {"fact": fact, "operator": operator, **compared}}


FIXED = action("FIXED", amountInCents=7500)
MANUAL = {"type": "MANUAL", "accountId": POD}
NO_TARGET = {
    "amountInCents": None,
    "nextPaymentMinimumAccount": None,
    "currentBalanceAccount": None,
    "lastStatementBalanceAccount": None,
}
ALL_TYPES = [
    FIXED,
    action("PERCENTAGE", percentageValue=12.5, percentageTarget="INCOMING_AMOUNT"),
    action("PERCENTAGE", percentageValue=100, percentageTarget="SOURCE_ACCOUNT"),
    action("TOP_UP", destination=CAR_FUND, **{**NO_TARGET, "amountInCents": 0}),
    *(
        action("TOP_UP", destination=CAR_FUND, **{**NO_TARGET, name: node(CARD_DEBT)})
        for name in [*NO_TARGET][1:]
    ),
    action("ROUND_DOWN", amountInCents=100, limit={"period": "PER_MONTH", "amountInCents": 60000}),
    action("NEXT_PAYMENT_MINIMUM", upToEnabled=True, isDirectDeposit=True, achDescription="VISA"),
    action("TOTAL_AMOUNT_DUE"),
    action("LAST_STATEMENT_BALANCE"),
    action("PERCENTAGE_LIABILITY_BALANCE", percentageValue=0.5),
]  # fmt: skip
ALL_CONDITIONS = {
    "all": [
        condition("TRANSFER_AMOUNT", "GREATER_THAN_OR_EQUAL", 150000.5),
        {
            "any": [
                condition("DATE", "EQUALS", None, "LAST_DAY_OF_MONTH"),
                condition("BALANCE", "LESS_THAN", 40000, account=CAR_FUND),
                condition("BALANCE", "NOT_EQUALS", None, "LAST_STATEMENT_BALANCE", account=CARD_DEBT),
            ]
        },
    ]
}


def a_rule(*actions: Any, conditions: Any = None, trigger: Any = MANUAL, **more: Any) -> dict[str, Any]:
    steps = [{"actions": [*actions] or [FIXED], "conditions": conditions}]
    return {"name": "Boat", "trigger": trigger, "steps": steps, **more}


def enabled(running: Sandbox, platform: Platform, *actions: Any, conditions: Any = None) -> str:
    """The ID of a new rule that can be run."""
    rule_id: str = platform.made("POST", "/rules", a_rule(*actions, conditions=conditions))["id"]
    running.activate_rule(rule_id)
    return rule_id


def run(running: Sandbox, platform: Platform, rule: str, **body: Any) -> tuple[Any, list[int]]:
    """What becomes of a rule that is triggered: its execution, and how much its transfers moved."""
    triggered = platform.made("POST", f"/rules/{rule}/trigger", body)
    running.advance(60)
    execution = platform.get(f"/rules/{rule}/executions/{triggered['executionId']}")
    transfers = [platform.get(f"/transfers/{one}") for one in execution["transferIds"]]
    return execution, [one["amountInCents"] for one in transfers]


@pytest.mark.parametrize(
    "trigger",
    [
        MANUAL,
        {"type": "ON_FUNDS_TRANSFERRED", "accountId": PAYROLL},
        {
            "type": "SCHEDULED",
            "scheduleType": "EVERY_OTHER_WEEK",
            "startDate": "2026-08-03T13:00:00Z",
            "accountId": None,
        },
    ],
    ids=lambda trigger: trigger["type"],
)
def test_a_new_rule_is_disabled_and_shown_as_it_was_sent(trigger: Any, running: Sandbox, platform: Platform) -> None:
    sent = a_rule(*ALL_TYPES, trigger=trigger, conditions=ALL_CONDITIONS)
    response = platform.send("POST", "/rules", sent)
    made = response.json()["data"]
    assert (response.status_code, made["status"], made["name"]) == (201, "DISABLED", "Boat")
    assert made["trigger"] == trigger
    (step,) = made["steps"]
    assert step["conditions"] == ALL_CONDITIONS
    defaults = {"upToEnabled": False, "isDirectDeposit": False, "limit": None, "achDescription": None}
    for shown, asked in zip(step["actions"], ALL_TYPES, strict=True):
        without_names = {
            name: {"id": one["id"], "type": one["type"]} if isinstance(one, dict) and "name" in one else one
            for name, one in shown.items()
        }
        assert without_names == {**defaults, **asked}
    assert step["actions"][0]["source"]["name"] == "Emergency Fund"
    assert platform.get(f"/rules/{made['id']}") == made
    assert platform.items("/rules")[0]["isSupported"] is True


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"steps": []}, 400, "INVALID_PARAMETERS"),
        ({"trigger": None}, 400, "INVALID_PARAMETERS"),
        ({"name": 5}, 400, "INVALID_PARAMETERS"),
        ({"steps": [{"actions": []}]}, 400, "INVALID_PARAMETERS"),
        ({"steps": [{"actions": [{"type": "FIXED"}]}]}, 400, "INVALID_PARAMETERS"),
        ({"steps": [{"actions": [{**FIXED, "amountInCents": 0}]}]}, 400, "INVALID_PARAMETERS"),
        ({"steps": [{"actions": [{**FIXED, "source": node(NOBODYS)}]}]}, 400, "INVALID_PARAMETERS"),
        ({"steps": [{"actions": [{**FIXED, "source": node(OLD_POD)}]}]}, 400, "INVALID_PARAMETERS"),
        ({"steps": [{"actions": [{**FIXED, "source": node(CARD_DEBT)}]}]}, 400, "INVALID_PARAMETERS"),
        ({"steps": [{"actions": [{**FIXED, "source": {"id": POD, "type": "INCOME_SOURCE"}}]}]}, 400,
         "INVALID_PARAMETERS"),
        ({"trigger": {"type": "MANUAL", "accountId": NOBODYS}}, 400, "INVALID_PARAMETERS"),
        ({"trigger": {"type": "SCHEDULED", "scheduleType": "HOURLY", "startDate": "2026-08-03T13:00:00Z",
                      "accountId": POD}}, 400, "INVALID_PARAMETERS"),
        ({"steps": [{"actions": [FIXED], "conditions": {}}]}, 400, "INVALID_PARAMETERS"),
        ({"steps": [{"actions": [FIXED], "conditions": {"any": []}}]}, 400, "INVALID_PARAMETERS"),
        ({"steps": [{"actions": [FIXED], "conditions": condition("DATE", "EQUALS", 1, "BALANCE")}]}, 400,
         "INVALID_PARAMETERS"),
        ({"steps": [{"actions": [action("AVALANCHE")]}]}, 422, "INVALID_RULE"),
        ({"trigger": {"type": "ON_FULL_MOON", "accountId": POD}}, 422, "INVALID_RULE"),
        ({"steps": [{"actions": [action("TOP_UP", **NO_TARGET)]}]}, 422, "INVALID_RULE"),
        ({"steps": [{"actions": [action("TOTAL_AMOUNT_DUE", destination=CAR_FUND)]}]}, 422, "INVALID_RULE"),
        (
            {
                "trigger": {"type": "SCHEDULED", "scheduleType": "DAILY", "startDate": "2026-08-03T13:00:00Z",
                            "accountId": None},
                "steps": [{"actions": [FIXED], "conditions": condition("BALANCE", "EQUALS", 1)}],
            },
            422,
            "INVALID_RULE",
        ),
    ],
)  # fmt: skip
def test_rules_that_are_refused(change: Any, status: int, code: str, running: Sandbox, platform: Platform) -> None:
    before = len(running.organization.rules)
    assert platform.refused("POST", "/rules", {**a_rule(), **change}) == (status, code)
    assert len(running.organization.rules) == before
    assert platform.refused("PATCH", f"/rules/{PAY}", change) == (status, code)


def test_conditions_that_are_nested_too_deep_are_refused(platform: Platform) -> None:
    tree: Any = condition("DATE", "EQUALS", 1)
    for _ in range(30):
        tree = {"all": [tree]}
    assert platform.refused("POST", "/rules", a_rule(conditions=tree)) == (400, "INVALID_PARAMETERS")


def test_an_update_changes_what_it_names_and_nothing_else(running: Sandbox, platform: Platform) -> None:
    before = platform.get(f"/rules/{PAY}")
    running.advance(60)
    renamed = platform.made("PATCH", f"/rules/{PAY}", {"name": "Summer"})
    assert renamed == {**before, "name": "Summer", "updatedAt": "2024-04-24T00:01:00Z"}
    assert platform.made("PATCH", f"/rules/{PAY}", {"name": None})["name"] is None
    steps = a_rule(action("TOTAL_AMOUNT_DUE"))["steps"]
    changed = platform.made("PATCH", f"/rules/{PAY}", {"steps": steps})
    assert (changed["trigger"], changed["status"]) == (before["trigger"], "ENABLED")
    assert [one["type"] for one in changed["steps"][0]["actions"]] == ["TOTAL_AMOUNT_DUE"]
    assert platform.get(f"/rules/{PAY}") == changed
    assert platform.refused("PATCH", f"/rules/{NOBODYS}", {"name": "x"}) == (404, "RULE_NOT_FOUND")


def test_making_rules_needs_any_entry_and_changing_one_its_own(running: Sandbox) -> None:
    scope = "CREATE_AND_EDIT_RULES"
    editor = Platform(running, [{"scope": scope, "resources": [PAY]}])
    made = editor.made("POST", "/rules", a_rule())
    editor.made("PATCH", f"/rules/{PAY}", {"name": "mine"})
    assert editor.refused("PATCH", f"/rules/{made['id']}", {"name": "x"}) == (403, "ACCESS_DENIED")
    reader = Platform(running, [{"scope": "READ_RULES", "resources": "*"}])
    assert reader.refused("POST", "/rules", a_rule()) == (403, "ACCESS_DENIED")
    assert reader.refused("POST", f"/rules/{PAY}/trigger", {}) == (403, "ACCESS_DENIED")


def test_a_rule_makes_an_execution_and_its_transfers(running: Sandbox, platform: Platform) -> None:
    response = platform.send("POST", f"/rules/{PAY}/trigger", {})
    assert response.status_code == 202
    path = f"/rules/{PAY}/executions/{response.json()['data']['executionId']}"
    assert platform.get(path)["status"] == "IN_PROGRESS"
    running.advance(10)
    execution = platform.get(path)
    assert (execution["status"], execution["executionMode"]) == ("EXECUTED", "LIVE")
    assert execution["triggerDetails"] == {"type": "SEQUENCE_API", "amountInCents": None}
    transfer = platform.get(f"/transfers/{execution['transferIds'][0]}")
    assert (transfer["ruleId"], transfer["ruleExecutionId"], transfer["origin"]) == (PAY, execution["id"], "RULE")
    newest = platform.get(f"/rules/{PAY}/executions", status="EXECUTED", triggerType="SEQUENCE_API")["items"]
    assert [one["id"] for one in newest] == [execution["id"]]
    assert platform.items(f"/rules/{PAY}/executions", triggerType="MANUAL") == []


def test_a_disabled_rule_is_simulated_and_not_run(running: Sandbox, platform: Platform) -> None:
    assert platform.refused("POST", f"/rules/{DISABLED}/trigger", {}) == (403, "RULE_DEACTIVATED")
    total, held = running.organization.total(), running.organization.ledger.balances()
    execution, amounts = run(running, platform, DISABLED, simulation=True)
    assert (execution["status"], execution["executionMode"], amounts) == ("EXECUTED", "SIMULATION", [5000])
    assert (running.organization.total(), running.organization.ledger.balances()) == (total, held)
    listing = f"/rules/{DISABLED}/executions"
    assert platform.items(listing) == []
    assert [one["id"] for one in platform.items(listing, executionMode="SIMULATION")] == [execution["id"]]
    running.activate_rule(DISABLED)
    assert run(running, platform, DISABLED)[0]["executionMode"] == "LIVE"
    assert len(platform.items(listing, executionMode="ALL")) == 2


def test_a_simulation_with_an_amount_pretends_that_the_source_holds_it(running: Sandbox, platform: Platform) -> None:
    top_up = action("TOP_UP", destination=CAR_FUND, **{**NO_TARGET, "amountInCents": 170_000})
    sweep = action("PERCENTAGE", percentageValue=100, percentageTarget="SOURCE_ACCOUNT")
    rule = enabled(running, platform, top_up, sweep)
    execution, amounts = run(running, platform, rule, executeAmount=200_000, simulation=True)
    assert (execution["status"], amounts) == ("EXECUTED", [50_000, 150_000])
    assert execution["triggerDetails"]["amountInCents"] == 200_000


@pytest.mark.parametrize(
    ("act", "body", "moved"),
    [
        (action("FIXED", amountInCents=7500), {}, [7500]),
        (action("FIXED", amountInCents=7500), {"executeAmount": 10_000}, [7500]),
        (action("PERCENTAGE", percentageValue=10, percentageTarget="SOURCE_ACCOUNT"), {}, [53_000]),
        (
            action("PERCENTAGE", percentageValue=10, percentageTarget="SOURCE_ACCOUNT"),
            {"executeAmount": 10_000},
            [1000],
        ),
        (
            action("PERCENTAGE", percentageValue=10, percentageTarget="INCOMING_AMOUNT"),
            {"executeAmount": 20_000},
            [2000],
        ),
        (action("ROUND_DOWN", amountInCents=400_000), {}, [130_000]),
        (action("TOP_UP", destination=CAR_FUND, **{**NO_TARGET, "amountInCents": 120_700}), {}, [700]),
        (action("TOP_UP", destination=CAR_FUND, **{**NO_TARGET, "amountInCents": 120_000}), {}, []),
        (
            action("TOP_UP", destination=CAR_FUND, **{**NO_TARGET, "currentBalanceAccount": node(CARD_DEBT)}),
            {},
            [125_000],
        ),
        (
            action("TOP_UP", destination=CAR_FUND, **{**NO_TARGET, "lastStatementBalanceAccount": node(CARD_DEBT)}),
            {},
            [78_000],
        ),
        (
            action("TOP_UP", destination=CAR_FUND, **{**NO_TARGET, "nextPaymentMinimumAccount": node(CARD_DEBT)}),
            {},
            [],
        ),
        (action("NEXT_PAYMENT_MINIMUM"), {}, [3500]),
        (action("TOTAL_AMOUNT_DUE"), {}, [245_000]),
        (action("LAST_STATEMENT_BALANCE"), {}, [198_000]),
        (action("PERCENTAGE_LIABILITY_BALANCE", percentageValue=10), {}, [24_500]),
        (action("FIXED", amountInCents=600_000, upToEnabled=True), {}, [530_000]),
        (action("FIXED", amountInCents=9000, limit={"period": "PER_TRANSFER", "amountInCents": 800}), {}, [800]),
    ],
)
def test_how_much_each_action_moves(
    act: Any, body: Any, moved: list[int], running: Sandbox, platform: Platform
) -> None:
    rule = enabled(running, platform, act)
    execution, amounts = run(running, platform, rule, **body)
    assert (execution["status"], amounts) == ("EXECUTED", moved)
    assert (execution["transfersAttempted"], execution["transfersCompleted"]) == (1, len(moved))


def test_a_limit_is_used_up_by_the_runs_of_a_month_and_is_full_again_in_the_next(
    running: Sandbox, platform: Platform
) -> None:
    rule = enabled(running, platform, {**FIXED, "limit": {"period": "PER_MONTH", "amountInCents": 10_000}})
    assert [run(running, platform, rule)[1] for _ in range(3)] == [[7500], [2500], []]
    assert run(running, platform, rule, simulation=True)[1] == []
    running.advance(8 * 86400)  # it was the 24th of April
    assert run(running, platform, rule)[1] == [7500]


@pytest.mark.parametrize(
    ("tree", "holds"),
    [
        (condition("BALANCE", "EQUALS", 530_000), True),
        (condition("BALANCE", "NOT_EQUALS", 530_000), False),
        (condition("BALANCE", "GREATER_THAN", None, "LAST_STATEMENT_BALANCE", CARD_DEBT), True),
        (condition("BALANCE", "LESS_THAN", None, "NEXT_PAYMENT_MINIMUM_AMOUNT", CARD_DEBT), False),
        (condition("BALANCE", "GREATER_THAN", 0, account=SAVINGS), False),
        (condition("DATE", "EQUALS", 24), True),
        (condition("DATE", "LESS_THAN", None, "LAST_DAY_OF_MONTH"), True),
        (condition("TRANSFER_AMOUNT", "EQUALS", 1), False),
    ],
)
def test_conditions_are_held_against_what_is_so(tree: Any, holds: bool, running: Sandbox, platform: Platform) -> None:
    execution, amounts = run(running, platform, enabled(running, platform, FIXED, conditions=tree))
    assert execution["status"] == "EXECUTED"
    assert execution["conditionsNotMet"] is not holds
    assert (execution["stepIndexMatched"], amounts) == ((0, [7500]) if holds else (None, []))


def test_a_run_whose_transfers_fail_has_failed_and_says_why(running: Sandbox, platform: Platform) -> None:
    rule = enabled(running, platform, action("FIXED", amountInCents=10**9), FIXED)
    execution, amounts = run(running, platform, rule)
    assert (execution["status"], execution["errorMessage"]) == ("FAILED", "INSUFFICIENT_FUNDS")
    assert (amounts, execution["transfersFailed"]) == ([10**9], 1)


@pytest.mark.parametrize("body", [{"executeAmount": -1}, {"executeAmount": None}, {"simulation": None}])
def test_triggers_that_are_refused(body: Any, platform: Platform) -> None:
    assert platform.refused("POST", f"/rules/{SAVE}/trigger", body) == (400, "INVALID_PARAMETERS")
    assert platform.refused("POST", f"/rules/{NOBODYS}/trigger", {}) == (404, "RULE_NOT_FOUND")
    assert platform.refused("POST", f"/rules/{SAVE}/trigger") == (400, "INVALID_PARAMETERS")


def test_only_rules_that_there_are_can_be_enabled() -> None:
    with pytest.raises(ValueError, match="there is no rule"):
        Sandbox().activate_rule(NOBODYS)
