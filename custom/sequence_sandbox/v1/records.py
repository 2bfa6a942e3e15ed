"""What v1 shows of an organization's records."""

from __future__ import annotations

from typing import Any, cast

from ..clock import iso
from ..documented import Json
from ..records import CardTransaction, RuleExecution, Transfer

_TRIGGERS = {"sequence_api": "manual", "remote_api": "manual"}
"""v1 has no word for a run that was asked for through an API."""
_OTHERS = {
    "ach_description", "deleted_at", "group_index", "is_direct_deposit", "limit", "percentage_target", "to_multiple",
    "up_to_enabled", "value_fact", "next_payment_minimum_account", "current_balance_account",
    "last_statement_balance_account",
}  # fmt: skip
"""What only the other API has of a rule."""


def show_card_transaction(one: CardTransaction) -> Json:
    return {
        "id": one.id,
        "amount_in_cents": one.amount_in_cents,
        "direction": one.direction,
        "merchant_name": one.merchant_name,
        "card_id": one.card_id,
        "account_id": one.account_id,
        "created_at": iso(one.created),
    }


def show_transfer(one: Transfer) -> Json:
    return {
        "id": one.id,
        "amount_in_cents": one.amount_in_cents,
        "direction": one.direction,
        "origin": one.origin,
        "status": one.status,
        "source": one.source,
        "destination": one.destination,
        "rule_id": one.rule_id,
        "rule_execution_id": one.rule_execution_id,
        "error_code": one.error_code,
        "created_at": iso(one.created),
        "completed_at": one.completed and iso(one.completed),
    }


def trigger_type(one: RuleExecution) -> str:
    return _TRIGGERS.get(one.trigger_type, one.trigger_type)


def show_execution_summary(one: RuleExecution) -> Json:
    return {
        "id": one.id,
        "rule_id": one.rule_id,
        "rule_name": one.rule_name,
        "trigger_type": trigger_type(one),
        "status": one.status,
        "created_at": iso(one.created),
    }


def show_execution(one: RuleExecution) -> Json:
    complete, failed, in_flight = one.counts()
    return {
        **show_execution_summary(one),
        "trigger_details": {**one.trigger_details, "type": trigger_type(one)},
        "step_index_matched": one.step_index_matched,
        "conditions_not_met": one.conditions_not_met,
        "transfers_attempted": len(one.transfers),
        "transfers_completed": complete,
        "transfers_failed": failed,
        "transfers_pending": in_flight,
        "transfer_ids": [transfer.id for transfer in one.transfers],
        "error_message": one.error_message,
        "next_attempt_at": None,
    }


def show_rule(rule: Json) -> Json:
    shown: Json = _without_others(rule)
    return shown


def _without_others(node: object) -> Any:
    if isinstance(node, list):
        return [_without_others(one) for one in cast("list[object]", node)]
    if isinstance(node, dict):
        return {
            name: _without_others(value)
            for name, value in cast("dict[str, object]", node).items()
            if name not in _OTHERS
        }
    return node
