"""Decides what a rule does: which of its steps is run, and how much each action moves. Pure functions over balances."""

from __future__ import annotations

import calendar
import operator
from collections.abc import Callable
from datetime import datetime, timedelta
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
    """The members of each balance that is known, by the account's ID."""
    replaces_fixed: bool = True
    """Whether the amount is moved instead of a fixed one."""

    def balance(self, account_id: str) -> int:
        """The balance of an account.

        Raises:
            NoAmount: It is not known.
        """
        if account_id not in self.balances:
            raise NoAmount("NULL_BALANCE")
        return int(self.balances[account_id]["balance_in_cents"])


class NoAmount(Exception):
    """An action's amount cannot be found; the text is the error code."""


def matching_step(steps: list[Json], situation: Situation) -> int | None:
    """The first step whose conditions hold, counted from 0."""
    return next((index for index, step in enumerate(steps) if holds(step.get("conditions"), situation)), None)


def source_of(rule: Json) -> str:
    """The account that a rule watches, or the one that it moves money from."""
    account_id: str | None = rule["trigger"]["account_id"]
    return account_id or str(rule["steps"][0]["actions"][0]["source"]["id"])


def start_of(period: str, now: datetime) -> datetime | None:
    """When the period of a limit began; None where the limit is each transfer's own."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    match period:
        case "per_week":
            return midnight - timedelta(days=now.weekday())
        case "per_month":
            return midnight.replace(day=1)
        case "per_year":
            return midnight.replace(month=1, day=1)
        case _:
            return None


def holds(tree: Json | None, situation: Situation) -> bool:
    """Whether a tree of conditions holds. No conditions always hold; conditions of an unknown kind never do."""
    match tree:
        case None:
            return True
        case {"condition": {"fact": str(fact), "operator": str(name)} as condition}:
            account_id = condition.get("account_id", situation.account_id)
            found, value_fact = _fact(fact, account_id, situation), condition.get("value_fact")
            value = condition.get("value") if value_fact is None else _fact(value_fact, account_id, situation)
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
            replaced = situation.amount if situation.replaces_fixed else None
            return int(action["amount_in_cents"]) if replaced is None else replaced
        case "PERCENTAGE":
            of_source = situation.amount is None or action.get("percentage_target") == "SOURCE_ACCOUNT"
            base = situation.balance(source) if of_source else situation.amount or 0
            return max(0, int(base * action["percentage"] / 100))
        case "TOP_UP":
            return max(0, _target(action, situation) - situation.balance(destination))
        case "ROUND_DOWN" if action.get("to_multiple"):
            return max(0, situation.balance(source)) % int(action["amount_in_cents"])
        case "ROUND_DOWN":
            return max(0, situation.balance(source) - int(action["amount_in_cents"]))
        case _:
            return _payment(action, situation)


def _payment(action: Json, situation: Situation) -> int:
    """What an action pays on a liability."""
    liability = action["destination"]["id"]
    match action["type"]:
        case "NEXT_PAYMENT_MINIMUM":
            return _payment_minimum(situation, liability)
        case "TOTAL_AMOUNT_DUE":
            return max(0, situation.balance(liability))
        case "LAST_STATEMENT_BALANCE":
            return _statement(situation, liability)
        case "PERCENTAGE_LIABILITY_BALANCE":
            return max(0, int(situation.balance(liability) * action["percentage"] / 100))
        case _:
            raise NoAmount("PAYMENT_NOT_SUPPORTED")


def _target(action: Json, situation: Situation) -> int:
    """What a destination is to be filled up to."""
    match action:
        case {"next_payment_minimum_account": {"id": str(account_id)}}:
            return _payment_minimum(situation, account_id)
        case {"current_balance_account": {"id": str(account_id)}}:
            return situation.balance(account_id)
        case {"last_statement_balance_account": {"id": str(account_id)}}:
            return _statement(situation, account_id)
        case _:
            return int(action["amount_in_cents"])


def _fact(name: str, account_id: str, situation: Situation) -> int | None:
    """What is compared; None where it is not known."""
    find = _FACTS.get(name)
    try:
        return None if find is None else find(situation, account_id)
    except NoAmount:
        return None


def _last_day(now: datetime) -> int:
    return calendar.monthrange(now.year, now.month)[1]


def _compare(compare: Callable[[Any, Any], bool], fact: int | None, value: object) -> bool:
    return fact is not None and isinstance(value, int | float) and compare(fact, value)


def _payment_minimum(situation: Situation, account_id: str) -> int:
    return _owed(situation, account_id, "next_payment_minimum_in_cents", "ACCOUNT_NO_MINIMUM_PAYMENT_AMOUNT")


def _statement(situation: Situation, account_id: str) -> int:
    return _owed(situation, account_id, "last_statement_balance_in_cents", "ACCOUNT_NO_LAST_STATEMENT_BALANCE")


def _owed(situation: Situation, account_id: str, member: str, code: str) -> int:
    amount = situation.balances.get(account_id, {}).get(member)
    if amount is None:
        raise NoAmount(code)
    return int(amount)


_FACTS: dict[str, Callable[[Situation, str], int | None]] = {
    "BALANCE": Situation.balance,
    "TRANSFER_AMOUNT": lambda situation, _: situation.amount,
    "DAY_OF_MONTH": lambda situation, _: situation.now.day,
    "LAST_DAY_OF_MONTH": lambda situation, _: _last_day(situation.now),
    "NEXT_PAYMENT_MINIMUM_AMOUNT": _payment_minimum,
    "LAST_STATEMENT_BALANCE": _statement,
}
