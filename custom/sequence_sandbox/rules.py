"""Decides what a rule does: which of its steps is run, and how much each action moves. Pure functions over balances."""

from __future__ import annotations

import operator
from collections.abc import Callable
from datetime import datetime
from typing import Any

from attrs import frozen

from .documented import Json

_OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "GREATER_THAN": operator.gt,
    "GREATER_THAN_OR_EQUAL": operator.ge,
    "LESS_THAN": operator.lt,
    "LESS_THAN_OR_EQUAL": operator.le,
    "EQUAL": operator.eq,
    "NOT_EQUAL": operator.ne,
}


@frozen(kw_only=True)
class Situation:
    """What a rule sees when it is run. Amounts in cents."""

    now: datetime
    account_id: str
    """The account that the rule watches."""
    amount: int | None
    """The amount that set the rule off, or that was asked for."""
    balances: dict[str, Json]
    """The members of each account's balance, by the account's ID."""

    def balance(self, account_id: str) -> int:
        return self.balances[account_id]["balance_in_cents"] or 0


class NoAmount(Exception):
    """An action's amount cannot be found; the text is the error code."""


def matching_step(steps: list[Json], situation: Situation) -> int | None:
    """The first step whose conditions hold, counted from 0."""
    return next((index for index, step in enumerate(steps) if holds(step.get("conditions"), situation)), None)


def holds(tree: Json | None, situation: Situation) -> bool:
    """Whether a tree of conditions holds. No conditions always hold; conditions of an unknown kind never do."""
    match tree:
        case None:
            return True
        case {"condition": {"fact": str(fact), "operator": str(name), "value": value}}:
            found = _fact(fact, tree["condition"].get("account_id", situation.account_id), situation)
            return name in _OPERATORS and _compare(_OPERATORS[name], found, value)
        case {"any": [*trees]}:
            return any(holds(one, situation) for one in trees)
        case {"all": [*trees]}:
            return all(holds(one, situation) for one in trees)
        case _:
            return False


def amount_of(action: Json, situation: Situation) -> int:
    """How many cents an action moves, never less than 0.

    Raises:
        NoAmount: An account does not have what the amount is computed from, or the action's type is unknown.
    """
    source, destination = action["source"]["id"], action["destination"]["id"]
    match action["type"]:
        case "FIXED":
            return int(action["amount_in_cents"]) if situation.amount is None else situation.amount
        case "PERCENTAGE":
            base = situation.balance(source) if situation.amount is None else situation.amount
            return max(0, int(base * action["percentage"] / 100))
        case "TOP_UP":
            return max(0, int(action["amount_in_cents"]) - situation.balance(destination))
        case "ROUND_DOWN":
            return max(0, situation.balance(source) - int(action["amount_in_cents"]))
        case "NEXT_PAYMENT_MINIMUM":
            return _owed(situation, destination, "next_payment_minimum_in_cents", "ACCOUNT_NO_MINIMUM_PAYMENT_AMOUNT")
        case "LAST_STATEMENT_BALANCE":
            return _owed(situation, destination, "last_statement_balance_in_cents", "ACCOUNT_NO_LAST_STATEMENT_BALANCE")
        case _:
            raise NoAmount("PAYMENT_NOT_SUPPORTED")


def _fact(name: str, account_id: str, situation: Situation) -> int | None:
    match name:
        case "BALANCE":
            return situation.balance(account_id) if account_id in situation.balances else None
        case "TRANSFER_AMOUNT":
            return situation.amount
        case "DAY_OF_MONTH":
            return situation.now.day
        case _:
            return None


def _compare(compare: Callable[[Any, Any], bool], fact: int | None, value: object) -> bool:
    return fact is not None and isinstance(value, int | float) and compare(fact, value)


def _owed(situation: Situation, account_id: str, member: str, code: str) -> int:
    amount = situation.balances[account_id][member]
    if amount is None:
        raise NoAmount(code)
    return int(amount)
