"""What the platform API takes for a rule: the bodies of requests, checked, and in the organization's words."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, TypeAlias, TypeVar, cast

from msgspec import UNSET, Meta, Struct, UnsetType

from ..clock import END, iso
from ..documented import Json
from ..organization import Organization
from ..protocol import MAXIMUM_CENTS
from ..refusals import bad_request
from .protocol import converted, internal, invalid_rule
from .records import is_deleted
from .rules import ACTIONS, FACTS, OPERATORS, TRIGGERS, VALUE_FACTS

R = TypeVar("R", bound="NewRule | Changes")

OF_LIABILITIES = {
    "NEXT_PAYMENT_MINIMUM",
    "TOTAL_AMOUNT_DUE",
    "LAST_STATEMENT_BALANCE",
    "PERCENTAGE_LIABILITY_BALANCE",
}
DEEPEST = 20
"""How deep conditions can be nested."""

Cents: TypeAlias = Annotated[int, Meta(ge=1, le=MAXIMUM_CENTS)]
CentsOrNone: TypeAlias = Annotated[int, Meta(ge=0, le=MAXIMUM_CENTS)]
Percentage: TypeAlias = Annotated[float, Meta(ge=0, le=100)]
Identifier: TypeAlias = Annotated[str, Meta(min_length=1, max_length=255)]


class Node(Struct):
    id: Identifier
    type: Literal["INCOME_SOURCE", "POD", "EXTERNAL_ACCOUNT"]


class Cap(Struct, rename="camel"):
    period: Literal["PER_TRANSFER", "PER_WEEK", "PER_MONTH", "PER_YEAR"]
    amount_in_cents: Annotated[int, Meta(ge=0, le=MAXIMUM_CENTS)]


class Action(Struct, kw_only=True, rename="camel", tag_field="type"):
    source: Node
    destination: Node
    group_index: Annotated[int, Meta(ge=0, le=1_000_000)]
    up_to_enabled: bool = False
    is_direct_deposit: bool = False
    limit: Cap | None = None
    ach_description: str | None = None


class Fixed(Action, kw_only=True, tag="FIXED", rename="camel"):
    amount_in_cents: Cents


class ShareOf(Action, kw_only=True, tag="PERCENTAGE", rename="camel"):
    percentage_value: Percentage
    percentage_target: Literal["INCOMING_AMOUNT", "SOURCE_ACCOUNT"]


class TopUp(Action, kw_only=True, tag="TOP_UP", rename="camel"):
    amount_in_cents: CentsOrNone | None
    next_payment_minimum_account: Node | None
    current_balance_account: Node | None
    last_statement_balance_account: Node | None


class RoundDown(Action, kw_only=True, tag="ROUND_DOWN", rename="camel"):
    amount_in_cents: Cents


class PaymentMinimum(Action, kw_only=True, tag="NEXT_PAYMENT_MINIMUM", rename="camel"):
    """No members of its own."""


class AmountDue(Action, kw_only=True, tag="TOTAL_AMOUNT_DUE", rename="camel"):
    """No members of its own."""


class Statement(Action, kw_only=True, tag="LAST_STATEMENT_BALANCE", rename="camel"):
    """No members of its own."""


class ShareOfDebt(Action, kw_only=True, tag="PERCENTAGE_LIABILITY_BALANCE", rename="camel"):
    percentage_value: Percentage


class Params(Struct, rename="camel"):
    account_id: Identifier | UnsetType = UNSET


class Condition(Struct, rename="camel"):
    fact: Literal["TRANSFER_AMOUNT", "BALANCE", "DATE"]
    operator: Literal[
        "EQUALS", "NOT_EQUALS", "GREATER_THAN", "LESS_THAN", "GREATER_THAN_OR_EQUAL", "LESS_THAN_OR_EQUAL"
    ]
    value: int | float | None
    value_fact: (
        Literal[
            "TRANSFER_AMOUNT",
            "BALANCE",
            "DATE",
            "LAST_DAY_OF_MONTH",
            "NEXT_PAYMENT_MINIMUM_AMOUNT",
            "LAST_STATEMENT_BALANCE",
        ]
        | None
    )
    params: Params | None


class Tree(Struct, omit_defaults=True):
    condition: Condition | UnsetType = UNSET
    any: Annotated[list[Tree], Meta(min_length=1)] | UnsetType = UNSET
    all: Annotated[list[Tree], Meta(min_length=1)] | UnsetType = UNSET


class Step(Struct):
    actions: Annotated[
        list[Fixed | ShareOf | TopUp | RoundDown | PaymentMinimum | AmountDue | Statement | ShareOfDebt],
        Meta(min_length=1),
    ]
    conditions: Tree | None = None


class OnFunds(Struct, tag="ON_FUNDS_TRANSFERRED", tag_field="type", rename="camel"):
    account_id: Identifier


class Scheduled(Struct, tag="SCHEDULED", tag_field="type", rename="camel"):
    schedule_type: Literal["ONE_TIME", "DAILY", "WEEKLY", "BI_WEEKLY", "MONTHLY", "EVERY_OTHER_WEEK"]
    start_date: Annotated[datetime, Meta(tz=True)]
    account_id: Identifier | None


class Manual(Struct, tag="MANUAL", tag_field="type", rename="camel"):
    account_id: Identifier


Trigger: TypeAlias = OnFunds | Scheduled | Manual
Steps: TypeAlias = Annotated[list[Step], Meta(min_length=1)]


class NewRule(Struct):
    trigger: Trigger
    steps: Steps
    name: str | None = None


class Changes(Struct):
    trigger: Trigger | UnsetType = UNSET
    steps: Steps | UnsetType = UNSET
    name: str | UnsetType | None = UNSET


def read(members: Json, body: type[R]) -> R:
    """A rule, or the changes of one, from the members of a body.

    Raises:
        Refused: 400 where they are not as they must be, 422 where the API has no words for such a rule.
    """
    types = [(one, "trigger", TRIGGERS) for one in _objects([members.get("trigger")])]
    types += [
        (action, "action", {*ACTIONS})
        for step in _objects(members.get("steps"))
        for action in _objects(step.get("actions"))
    ]
    for one, what, known in types:
        kind = one.get("type")
        if isinstance(kind, str) and kind not in known:
            raise invalid_rule(422, f"There is no type of {what} '{kind}' in this version of the API.")
    return converted(members, body)


def _objects(found: object) -> list[Json]:
    listed = cast("list[object]", found) if isinstance(found, list) else []
    return [cast("Json", one) for one in listed if isinstance(one, dict)]


def trigger_of(organization: Organization, trigger: Trigger) -> Json:
    """A trigger, in the organization's words.

    Raises:
        Refused: 400, where its account is not there.
    """
    account_id = None if trigger.account_id is None else _account(organization, trigger.account_id)["id"]
    read: Json = {"type": type(trigger).__struct_config__.tag, "account_id": account_id}
    if isinstance(trigger, Scheduled):
        if not 1970 <= trigger.start_date.year < END.year:
            raise bad_request("The date on which a schedule starts is out of range.")
        read |= {"schedule_type": trigger.schedule_type, "start_date": iso(trigger.start_date)}
    return read


def steps_of(organization: Organization, steps: list[Step], trigger: Json) -> list[Json]:
    """Steps, in the organization's words.

    Raises:
        Refused: 400 where an account is not there, 422 where the API has no words for such a step.
    """
    return [
        {
            "conditions": None if step.conditions is None else _tree(organization, step.conditions, trigger),
            "actions": [_action(organization, action) for action in step.actions],
        }
        for step in steps
    ]


def _tree(organization: Organization, tree: Tree, trigger: Json, depth: int = 1) -> Json:
    set_ones = [name for name in ("condition", "any", "all") if getattr(tree, name) is not UNSET]
    if len(set_ones) != 1 or depth > DEEPEST:
        raise bad_request(f"Conditions are one of condition, any and all, and not nested deeper than {DEEPEST}.")
    for name, trees in (("any", tree.any), ("all", tree.all)):
        if not isinstance(trees, UnsetType):
            return {name: [_tree(organization, one, trigger, depth + 1) for one in trees]}
    assert not isinstance(tree.condition, UnsetType)  # noqa: S101 - it is the one that is set
    return {"condition": _condition(organization, tree.condition, trigger)}


def _condition(organization: Organization, one: Condition, trigger: Json) -> Json:
    if (one.value is None) == (one.value_fact is None):
        raise bad_request("A condition compares with either value or valueFact, and the other one is null.")
    account_id = one.params.account_id if one.params is not None else UNSET
    if one.fact == "BALANCE" and isinstance(account_id, UnsetType) and trigger["account_id"] is None:
        raise invalid_rule(422, "The trigger has no account, so that a condition on a balance has to name its own.")
    read: Json = {"fact": FACTS[one.fact], "operator": OPERATORS[one.operator], "value": one.value}
    if one.value_fact is not None:
        read["value_fact"] = VALUE_FACTS[one.value_fact]
    if not isinstance(account_id, UnsetType):
        read["account_id"] = _account(organization, account_id)["id"]
    return read


def _action(organization: Organization, action: Action) -> Json:
    kind = str(type(action).__struct_config__.tag)
    source, destination = (_node(organization, node) for node in (action.source, action.destination))
    for node, ability in ((source, "source"), (destination, "destination")):
        if not organization.accounts[node["id"]][f"can_be_{ability}"]:
            raise bad_request(f"Account '{node['name']}' cannot be a {ability}.")
    if source["id"] == destination["id"]:
        raise bad_request("The source and the destination must be different accounts.")
    if kind in OF_LIABILITIES and organization.accounts[destination["id"]]["external_account_type"] != "LIABILITY":
        raise invalid_rule(422, f"The destination of {kind} must be a liability.")
    read: Json = {
        "type": kind,
        "source": source,
        "destination": destination,
        "group_index": action.group_index,
        "up_to_enabled": action.up_to_enabled,
        "is_direct_deposit": action.is_direct_deposit,
        "limit": action.limit
        and {"period": action.limit.period.lower(), "amount_in_cents": action.limit.amount_in_cents},
        "ach_description": action.ach_description,
    }
    if isinstance(action, TopUp):
        accounts = {name: getattr(action, name) for name in ACTIONS["TOP_UP"] if name.endswith("_account")}
        if sum(target is not None for target in (action.amount_in_cents, *accounts.values())) != 1:
            raise invalid_rule(422, "A top-up has exactly one target, and the other three are null.")
        nodes = {name: node and _node(organization, node) for name, node in accounts.items()}
        read |= {"amount_in_cents": action.amount_in_cents, **nodes}
    elif isinstance(action, Fixed | RoundDown):
        read["amount_in_cents"] = action.amount_in_cents
    elif isinstance(action, ShareOf | ShareOfDebt):
        read["percentage"] = action.percentage_value
    if isinstance(action, ShareOf):
        read["percentage_target"] = action.percentage_target
    if isinstance(action, RoundDown):
        read["to_multiple"] = True
    return read


def _node(organization: Organization, node: Node) -> Json:
    account = _account(organization, node.id)
    if account["type"].upper() != node.type:
        raise bad_request(f"Account with ID '{node.id}' is no {node.type}.")
    return {name: account[name] for name in ("id", "name", "type")}


def _account(organization: Organization, uuid: str) -> Json:
    account = organization.accounts.get(internal(uuid, "acc") or "")
    if account is None or is_deleted(organization, account["id"]):
        raise bad_request(f"Account with ID '{uuid}' was not found.")
    return account
