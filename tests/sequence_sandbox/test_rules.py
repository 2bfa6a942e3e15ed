"""What a rule does, as pure functions say."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from sequence_sandbox.rules import NoAmount, Situation, amount_of, holds, matching_step


def situation(amount: int | None = None) -> Situation:
    balances: dict[str, dict[str, Any]] = {
        "acc_a": {"balance_in_cents": 10_000},
        "acc_b": {
            "balance_in_cents": 2_500,
            "next_payment_minimum_in_cents": 35,
            "last_statement_balance_in_cents": None,
        },
    }
    return Situation(now=datetime(2024, 4, 24, tzinfo=UTC), account_id="acc_a", amount=amount, balances=balances)


def condition(fact: str, operator: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"condition": {"fact": fact, "operator": operator, "value": value, **more}}


TRUE, FALSE = condition("BALANCE", "EQUAL", 10_000), condition("BALANCE", "NOT_EQUAL", 10_000)


@pytest.mark.parametrize(
    ("tree", "result"),
    [
        (None, True),
        (TRUE, True),
        (FALSE, False),
        (condition("BALANCE", "GREATER_THAN", 9_999), True),
        (condition("BALANCE", "GREATER_THAN", 10_000), False),
        (condition("BALANCE", "GREATER_THAN_OR_EQUAL", 10_000), True),
        (condition("BALANCE", "LESS_THAN", 10_000), False),
        (condition("BALANCE", "LESS_THAN_OR_EQUAL", 10_000), True),
        (condition("BALANCE", "EQUAL", 2_500, account_id="acc_b"), True),
        (condition("BALANCE", "EQUAL", 0, account_id="acc_c"), False),
        (condition("TRANSFER_AMOUNT", "EQUAL", 700), True),
        (condition("DAY_OF_MONTH", "EQUAL", 24), True),
        (condition("PHASE_OF_MOON", "EQUAL", 1), False),
        (condition("BALANCE", "RESEMBLES", 10_000), False),
        (condition("BALANCE", "EQUAL", "10000"), False),
        ({"any": [FALSE, TRUE]}, True),
        ({"any": [FALSE]}, False),
        ({"any": []}, False),
        ({"all": [TRUE, TRUE]}, True),
        ({"all": [TRUE, FALSE]}, False),
        ({"all": [{"any": [FALSE, {"all": [TRUE]}]}]}, True),
        ({"none": [TRUE]}, False),
        ({}, False),
    ],
)
def test_conditions(tree: dict[str, Any] | None, result: bool) -> None:
    assert holds(tree, situation(amount=700)) is result


def test_the_first_step_whose_conditions_hold_is_run() -> None:
    assert matching_step([{"conditions": FALSE}, {"conditions": TRUE}, {}], situation()) == 1
    assert matching_step([{"conditions": FALSE}, {}], situation()) == 1
    assert matching_step([{"conditions": FALSE}], situation()) is None


def action(kind: str, **more: Any) -> dict[str, Any]:
    return {"type": kind, "source": {"id": "acc_a"}, "destination": {"id": "acc_b"}, **more}


@pytest.mark.parametrize(
    ("act", "amount", "moved"),
    [
        (action("FIXED", amount_in_cents=500), None, 500),
        (action("FIXED", amount_in_cents=500), 800, 800),
        (action("PERCENTAGE", percentage=20), None, 2_000),
        (action("PERCENTAGE", percentage=12.5), 999, 124),
        (action("TOP_UP", amount_in_cents=3_000), None, 500),
        (action("TOP_UP", amount_in_cents=1_000), None, 0),
        (action("ROUND_DOWN", amount_in_cents=9_000), None, 1_000),
        (action("ROUND_DOWN", amount_in_cents=20_000), None, 0),
        (action("NEXT_PAYMENT_MINIMUM"), None, 35),
    ],
)
def test_amounts(act: dict[str, Any], amount: int | None, moved: int) -> None:
    assert amount_of(act, situation(amount)) == moved


@pytest.mark.parametrize(
    ("kind", "code"),
    [("LAST_STATEMENT_BALANCE", "ACCOUNT_NO_LAST_STATEMENT_BALANCE"), ("ROULETTE", "PAYMENT_NOT_SUPPORTED")],
)
def test_amounts_that_cannot_be_found(kind: str, code: str) -> None:
    with pytest.raises(NoAmount, match=code):
        amount_of(action(kind), situation())
