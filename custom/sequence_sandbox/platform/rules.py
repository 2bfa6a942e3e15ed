"""What the platform API shows of rules: those that it has words for, and of the others that they are there."""

from __future__ import annotations

from typing import Any

from ..documented import Json
from .identifiers import to_uuid

FACTS = {"TRANSFER_AMOUNT": "TRANSFER_AMOUNT", "BALANCE": "BALANCE", "DATE": "DAY_OF_MONTH"}
VALUE_FACTS = {
    **FACTS,
    **{name: name for name in ("LAST_DAY_OF_MONTH", "NEXT_PAYMENT_MINIMUM_AMOUNT", "LAST_STATEMENT_BALANCE")},
}
OPERATORS = {
    "EQUALS": "EQUAL",
    "NOT_EQUALS": "NOT_EQUAL",
    **{name: name for name in ("GREATER_THAN", "LESS_THAN", "GREATER_THAN_OR_EQUAL", "LESS_THAN_OR_EQUAL")},
}
"""Words of the API, and the organization's for the same."""
_SHOWN: dict[str, str] = {ours: word for words in (OPERATORS, VALUE_FACTS) for word, ours in words.items()}

TRIGGERS = {"ON_FUNDS_TRANSFERRED", "SCHEDULED", "MANUAL"}
ACTIONS: dict[str, tuple[str, ...]] = {
    "FIXED": ("amount_in_cents",),
    "PERCENTAGE": ("percentage", "percentage_target"),
    "TOP_UP": (
        "amount_in_cents",
        "next_payment_minimum_account",
        "current_balance_account",
        "last_statement_balance_account",
    ),
    "ROUND_DOWN": ("amount_in_cents",),
    "NEXT_PAYMENT_MINIMUM": (),
    "TOTAL_AMOUNT_DUE": (),
    "LAST_STATEMENT_BALANCE": (),
    "PERCENTAGE_LIABILITY_BALANCE": ("percentage",),
}
"""The members of each type of action."""


def show_summary(rule: Json) -> Json:
    return {
        "id": to_uuid(rule["id"]),
        "name": rule["nickname"],
        "description": rule["description"],
        "status": rule["status"].upper(),
        "isSupported": is_supported(rule),
        "createdAt": rule["created_at"],
        "updatedAt": rule["updated_at"],
        "deletedAt": None,
    }


def show_rule(rule: Json) -> Json:
    """A rule in full, one that is supported."""
    trigger = rule["trigger"]
    account_id = trigger["account_id"]
    shown: Json = {"type": trigger["type"], "accountId": account_id and to_uuid(account_id)}
    if trigger["type"] == "SCHEDULED":
        shown |= {"scheduleType": trigger.get("schedule_type", "MONTHLY"), "startDate": trigger.get("start_date")}
    summary = {name: value for name, value in show_summary(rule).items() if name != "isSupported"}
    return {**summary, "trigger": shown, "steps": [_show_step(step, trigger["type"]) for step in rule["steps"]]}


def is_supported(rule: Json) -> bool:
    """Whether the API has words for a rule."""
    actions = [action for step in rule["steps"] for action in step["actions"]]
    return (
        rule["trigger"]["type"] in TRIGGERS
        and bool(actions)
        and all(action["type"] in ACTIONS for action in actions)
        and all(_is_tree(step.get("conditions")) for step in rule["steps"])
    )


def _is_tree(tree: Any) -> bool:
    match tree:
        case None:
            return True
        case {"condition": {"fact": fact, "operator": name}}:
            return fact in FACTS.values() and name in OPERATORS.values()
        case {"any": [_, *_] as trees} | {"all": [_, *_] as trees}:
            return all(map(_is_tree, trees))
        case _:
            return False


def _show_step(step: Json, trigger: str) -> Json:
    conditions = step.get("conditions")
    actions = [_show_action(action, index, trigger) for index, action in enumerate(step["actions"])]
    return {"conditions": conditions and _show_tree(conditions), "actions": actions}


def _show_tree(tree: Json) -> Json:
    if "condition" not in tree:
        return {name: [_show_tree(one) for one in trees] for name, trees in tree.items()}
    one = tree["condition"]
    account_id, value_fact = one.get("account_id"), one.get("value_fact")
    return {
        "condition": {
            "fact": _SHOWN[one["fact"]],
            "operator": _SHOWN[one["operator"]],
            "value": one.get("value"),
            "valueFact": value_fact and _SHOWN[value_fact],
            "params": account_id and {"accountId": to_uuid(account_id)},
        }
    }


def _show_action(action: Json, index: int, trigger: str) -> Json:
    limit = action.get("limit")
    incoming = "INCOMING_AMOUNT" if trigger == "ON_FUNDS_TRANSFERRED" else "SOURCE_ACCOUNT"
    shown: Json = {
        "type": action["type"],
        "source": _show_node(action["source"]),
        "destination": _show_node(action["destination"]),
        "groupIndex": action.get("group_index", index),
        "upToEnabled": action.get("up_to_enabled", False),
        "isDirectDeposit": action.get("is_direct_deposit", False),
        "limit": limit and {"period": limit["period"].upper(), "amountInCents": limit["amount_in_cents"]},
        "achDescription": action.get("ach_description"),
    }
    for name in ACTIONS[action["type"]]:
        match name:
            case "percentage":
                shown["percentageValue"] = action["percentage"]
            case "percentage_target":
                shown["percentageTarget"] = action.get("percentage_target", incoming)
            case "amount_in_cents":
                shown["amountInCents"] = action.get("amount_in_cents")
            case _:
                first, *rest = name.split("_")
                node = action.get(name)
                shown[first + "".join(map(str.capitalize, rest))] = node and _show_node(node)
    return shown


def _show_node(node: Json) -> Json:
    return {"id": to_uuid(node["id"]), "type": node["type"].upper(), "name": node["name"]}
