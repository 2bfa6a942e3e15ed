"""Makes a world of a seed, and a seed of an organization: what does not fit together is refused with its place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any, Literal, Protocol, TypeVar

import msgspec
from attrs import asdict
from msgspec import UNSET, Meta, Struct, UnsetType

from . import made_up
from .clock import iso
from .documented import Json
from .keys import check_permissions
from .mistakes import in_words
from .organization import COMPLETED_AFTER, SUBMITTED_AFTER, Organization
from .records import CardTransaction, ExternalTransaction, RuleExecution, Transfer, direction_of, reference
from .seeds import Account, Amount, Balance, Party, Rule, SeedError, SeedKey, State
from .structs import convert
from .world import World

OPENED = timedelta(days=365)
"""How long ago accounts were opened, cards and rules made, of which a seed does not say when."""
DONE_AFTER = SUBMITTED_AFTER + COMPLETED_AFTER


class _Identified(Protocol):
    @property
    def id(self) -> str: ...


I = TypeVar("I", bound=_Identified)  # noqa: E741 - as T would be, of what is identified


class RuleNode(Struct, forbid_unknown_fields=True):
    """An account where an action mentions it."""

    id: str
    name: str
    type: Literal["income_source", "pod", "external_account"]


class Limit(Struct, forbid_unknown_fields=True):
    """How much an action moves at most."""

    period: Literal["per_transfer", "per_week", "per_month", "per_year"]
    amount_in_cents: Amount


class Action(Struct):
    """What an action has; those of other types than the APIs know may have more."""

    type: str
    source: RuleNode
    destination: RuleNode
    amount_in_cents: Amount | None = None
    percentage: Annotated[float, Meta(ge=0, le=100)] | None = None
    percentage_target: Literal["INCOMING_AMOUNT", "SOURCE_ACCOUNT"] | None = None
    next_payment_minimum_account: RuleNode | None = None
    current_balance_account: RuleNode | None = None
    last_statement_balance_account: RuleNode | None = None
    limit: Limit | None = None
    group_index: Annotated[int, Meta(ge=0)] | None = None
    up_to_enabled: bool = False
    to_multiple: bool = False
    is_direct_deposit: bool = False
    ach_description: str | None = None


class Condition(Struct, forbid_unknown_fields=True):
    """Something that is compared."""

    fact: str
    operator: str
    value: int | float | None = None
    value_fact: str | None = None
    account_id: str | UnsetType = UNSET


class Tree(Struct, forbid_unknown_fields=True):
    """A condition, or several of which any or all have to hold."""

    condition: Condition | UnsetType = UNSET
    any: list[Tree] | UnsetType = UNSET
    all: list[Tree] | UnsetType = UNSET


class Step(Struct, forbid_unknown_fields=True):
    """Actions, where conditions hold."""

    actions: Annotated[list[Action], Meta(min_length=1)]
    conditions: Tree | None = None


class Trigger(Struct):
    """What sets a rule off, and the account that it watches."""

    type: str
    account_id: str | None = None
    schedule_type: str | None = None
    start_date: str | None = None


_NEEDED = {
    "FIXED": ("amount_in_cents",),
    "ROUND_DOWN": ("amount_in_cents",),
    "PERCENTAGE": ("percentage",),
    "PERCENTAGE_LIABILITY_BALANCE": ("percentage",),
    "TOP_UP": (
        "amount_in_cents",
        "next_payment_minimum_account",
        "current_balance_account",
        "last_statement_balance_account",
    ),
}
"""The members of which an action of a type needs one."""


def world_of(state: State, now: datetime) -> World:
    """The world that a state describes.

    Raises:
        SeedError: Something mentions what there is not, is there twice, or is later than now.
    """
    accounts = _by_id("accounts", state.accounts)
    cards, rules = _by_id("cards", state.cards), _by_id("rules", state.rules)
    for index, card in enumerate(state.cards):
        _there(f"cards[{index}].account_id", card.account_id, accounts)
    for index, rule in enumerate(state.rules):
        _check_rule(f"rules[{index}]", rule, accounts)
    shown = {name: _account(one, now) for name, one in accounts.items()}
    people = made_up.beneficiaries()
    if not isinstance(state.beneficiaries, UnsetType):
        people = {
            name: msgspec.structs.asdict(one) for name, one in _by_id("beneficiaries", state.beneficiaries).items()
        }
    if not people:
        raise SeedError("beneficiaries: at least one is needed")
    transfers = _transfers(state, shown, rules, now)
    _check_keys([] if isinstance(state.keys, UnsetType) else state.keys)
    return World(
        accounts=shown,
        account_details={name: _details(one, now) for name, one in accounts.items()},
        account_extras={name: _extras(one, now) for name, one in accounts.items()},
        beneficiaries=people,
        cards={
            name: {**msgspec.structs.asdict(one), "created_at": _time(one.created_at, now)}
            for name, one in cards.items()
        },
        rules={name: _rule(one, now) for name, one in rules.items()},
        platform_only=frozenset(
            [one.id for one in state.accounts if one.platform_only]
            + [one.id for one in state.rules if one.platform_only]
        ),
        transfers=transfers,
        rule_executions=_executions(state, rules, {one.id: one for one in transfers}, now),
        card_transactions=_card_transactions(state, cards, now),
        external_transactions=_external_transactions(state, accounts, now),
    )


def state_of(organization: Organization) -> State:
    """The present state of an organization: what was asked with keys, faults and webhooks is no part of it."""
    organization.settle()
    hidden = organization.platform_only
    members: Json = {
        "now": organization.now(),
        "accounts": [
            {
                **(organization.account(name) or {}),
                **organization.account_extras.get(name, {}),
                "platform_only": name in hidden,
            }
            for name in organization.accounts
        ],
        "beneficiaries": [*organization.beneficiaries.values()],
        "cards": [*organization.cards.values()],
        "rules": [{**one, "platform_only": name in hidden} for name, one in organization.rules.items()],
        "transfers": [_members(one, completed_at=one.completed) for one in organization.transfers],
        "rule_executions": [
            _members(
                one, ("rule", "amount", "actions", "ledger", "transfers"), transfer_ids=[t.id for t in one.transfers]
            )
            for one in organization.rule_executions
        ],
        "card_transactions": [_members(one, ("account_id",)) for one in organization.card_transactions],
        "external_transactions": [_members(one) for one in organization.external_transactions],
    }
    return convert(members, State)


def _members(one: Any, without: Collection[str] = (), **others: object) -> Json:
    found = asdict(
        one, recurse=False, filter=lambda attribute, _: attribute.name not in {"created", "completed", *without}
    )
    return {**found, "created_at": one.created, **others}


def _account(one: Account, now: datetime) -> Json:
    return {
        "id": one.id,
        "name": one.name,
        "type": one.type,
        "description": one.description,
        "external_account_type": _external_type(one),
        "beneficiary_name": one.beneficiary_name,
        "institution_name": one.institution_name,
        "can_be_source": _external_type(one) != "LIABILITY"
        if isinstance(one.can_be_source, UnsetType)
        else one.can_be_source,
        "can_be_destination": one.can_be_destination,
        "created_at": _time(one.created_at, now),
        "updated_at": _time(one.updated_at, now),
    }


def _external_type(one: Account) -> str | None:
    return one.external_account_type or ("DEPOSITORY" if one.type == "external_account" else None)


def _details(one: Account, now: datetime) -> Json:
    balance = one.balance
    if isinstance(balance, int):
        available = None if _external_type(one) == "LIABILITY" else balance
        balance = Balance(balance_in_cents=balance, available_balance_in_cents=available)
    return {
        "routing_number": one.routing_number,
        "bank_account_number": one.bank_account_number,
        "balance": balance and _balance(balance, now),
    }


def _balance(one: Balance, now: datetime) -> Json:
    found = made_up.balance(
        one.balance_in_cents,
        available=one.available_balance_in_cents,
        updated_at=_time(one.balance_last_updated_at or now, now),
    )
    given = {name: _plain(value) for name, value in msgspec.structs.asdict(one).items() if value is not None}
    return {**found, **given, "balance_last_updated_at": found["balance_last_updated_at"]}


def _extras(one: Account, now: datetime) -> Json:
    linked = one.linked_account
    return {
        "savings_target_in_cents": one.savings_target_in_cents,
        "linked_account": linked and {**_account(linked, now), **_details(linked, now), **_extras(linked, now)},
        "deleted_at": one.deleted_at and iso(one.deleted_at),
    }


def _rule(one: Rule, now: datetime) -> Json:
    return {
        "id": one.id,
        "nickname": one.nickname,
        "description": one.description,
        "status": one.status,
        "trigger": {"account_id": None, **one.trigger},
        "steps": one.steps,
        "created_at": _time(one.created_at, now),
        "updated_at": _time(one.updated_at, now),
    }


def _check_rule(place: str, rule: Rule, accounts: Collection[str]) -> None:
    trigger = _converted(f"{place}.trigger", rule.trigger, Trigger)
    if trigger.account_id is not None:
        _there(f"{place}.trigger.account_id", trigger.account_id, accounts)
    for at, step in enumerate(_converted(f"{place}.steps", rule.steps, list[Step])):
        if step.conditions is not None:
            _check_tree(f"{place}.steps[{at}].conditions", step.conditions, accounts)
        for index, action in enumerate(step.actions):
            _check_action(f"{place}.steps[{at}].actions[{index}]", action, accounts)


def _check_action(place: str, action: Action, accounts: Collection[str]) -> None:
    nodes = {name: node for name in Action.__struct_fields__ if isinstance(node := getattr(action, name), RuleNode)}
    for name, node in nodes.items():
        _there(f"{place}.{name}.id", node.id, accounts)
    if action.source.id == action.destination.id:
        raise SeedError(f"{place}.destination: money cannot move from an account to itself")
    needed = _NEEDED.get(action.type, ())
    if needed and all(getattr(action, name) is None for name in needed):
        raise SeedError(f"{place}.{needed[0]}: an action of type {action.type} needs {' or '.join(needed)}")
    if action.type == "ROUND_DOWN" and action.amount_in_cents == 0:
        raise SeedError(f"{place}.amount_in_cents: it must be above 0")


def _check_tree(place: str, tree: Tree, accounts: Collection[str]) -> None:
    given = [name for name in ("condition", "any", "all") if getattr(tree, name) is not UNSET]
    if len(given) != 1:
        raise SeedError(f"{place}: it must have one of condition, any and all")
    if isinstance(tree.condition, Condition):
        if not isinstance(tree.condition.account_id, UnsetType):
            _there(f"{place}.condition.account_id", tree.condition.account_id, accounts)
        if (tree.condition.value is None) == (tree.condition.value_fact is None):
            raise SeedError(f"{place}.condition: it compares with either value or value_fact")
        return
    for index, one in enumerate(getattr(tree, given[0])):
        _check_tree(f"{place}.{given[0]}[{index}]", one, accounts)


def _check_keys(keys: list[SeedKey]) -> None:
    for index, one in enumerate(keys):
        if one.key in [other.key for other in keys[:index]]:
            raise SeedError(f"keys[{index}].key: it is there already")
        if one.permissions is not None:
            try:
                check_permissions(one.permissions)
            except ValueError as error:
                raise SeedError(f"keys[{index}].{error}") from error


def _transfers(state: State, accounts: dict[str, Json], rules: Collection[str], now: datetime) -> list[Transfer]:
    found = [*_by_id("transfers", state.transfers).values()]
    executions = {one.id for one in state.rule_executions}
    made: list[Transfer] = []
    for index, one in enumerate(found):
        place = f"transfers[{index}]"
        sides: list[Json | None] = []
        for name, side in (("source", one.source), ("destination", one.destination)):
            account_id = side.id if isinstance(side, Party) else side
            if account_id is not None:
                _there(f"{place}.{name}", account_id, accounts)
            known = None if account_id is None else reference(accounts[account_id])
            sides.append(msgspec.structs.asdict(side) if isinstance(side, Party) else known)
        source, destination = sides
        if source is None and destination is None:
            raise SeedError(f"{place}: a source, a destination or both are needed")
        if source and destination and source["id"] == destination["id"]:
            raise SeedError(f"{place}.destination: money cannot move from an account to itself")
        if one.status in {"processing", "pending"} and (source is None or destination is None):
            raise SeedError(f"{place}.status: what is {one.status} needs a source and a destination")
        if one.rule_id is not None:
            _there(f"{place}.rule_id", one.rule_id, rules)
        if one.rule_execution_id is not None:
            _there(f"{place}.rule_execution_id", one.rule_execution_id, executions)
        _past(f"{place}.created_at", one.created_at, now)
        completed = one.completed_at
        if one.status == "complete":
            completed = completed or min(now, one.created_at + DONE_AFTER)
            _past(f"{place}.completed_at", completed, now)
            if completed < one.created_at:
                raise SeedError(f"{place}.completed_at: it cannot be before created_at")
        elif completed is not None:
            raise SeedError(f"{place}.completed_at: what is {one.status} was not completed")
        made.append(
            Transfer(
                id=one.id,
                amount_in_cents=one.amount_in_cents,
                direction=direction_of(source, destination) if isinstance(one.direction, UnsetType) else one.direction,
                origin=one.origin,
                status=one.status,
                source=source,
                destination=destination,
                created=one.created_at,
                completed=completed,
                rule_id=one.rule_id,
                rule_execution_id=one.rule_execution_id,
                error_code=one.error_code,
                description=one.description,
                group=one.group,
                is_simulated=one.is_simulated,
            )
        )
    return sorted(made, key=lambda one: one.created)


def _executions(
    state: State, rules: dict[str, Rule], transfers: dict[str, Transfer], now: datetime
) -> list[RuleExecution]:
    made: list[RuleExecution] = []
    for index, one in enumerate(_by_id("rule_executions", state.rule_executions).values()):
        place = f"rule_executions[{index}]"
        _there(f"{place}.rule_id", one.rule_id, rules)
        _past(f"{place}.created_at", one.created_at, now)
        for at, identifier in enumerate(one.transfer_ids):
            _there(f"{place}.transfer_ids[{at}]", identifier, transfers)
        rule, step = rules[one.rule_id], one.step_index_matched
        for at, transfer in enumerate(transfers[name] for name in one.transfer_ids):
            if (transfer.rule_execution_id, transfer.is_simulated) != (one.id, one.is_simulated):
                raise SeedError(
                    f"{place}.transfer_ids[{at}]: {transfer.id} must have the rule_execution_id {one.id}, and be "
                    "simulated if the execution is"
                )
        if one.status == "in_progress" and one.transfer_ids and step is None:
            raise SeedError(f"{place}.step_index_matched: one that is in progress and has moved money needs it")
        details = {"amount_in_cents": None} if isinstance(one.trigger_details, UnsetType) else one.trigger_details
        amount = details.get("amount_in_cents")
        if amount is not None and (not isinstance(amount, int) or isinstance(amount, bool) or amount < 0):
            raise SeedError(f"{place}.trigger_details.amount_in_cents: it must be cents or null")
        made.append(
            RuleExecution(
                id=one.id,
                rule_id=one.rule_id,
                rule_name=rule.nickname if one.rule_name is None else one.rule_name,
                trigger_type=one.trigger_type,
                status=one.status,
                created=one.created_at,
                trigger_details={**details, "type": one.trigger_type},
                step_index_matched=step,
                conditions_not_met=one.conditions_not_met,
                transfers=[transfers[name] for name in one.transfer_ids],
                skipped=one.skipped,
                error_message=one.error_message,
                is_simulated=one.is_simulated,
                amount=amount,
                replaces_fixed=one.replaces_fixed,
            )
        )
    return sorted(made, key=lambda one: one.created)


def _card_transactions(state: State, cards: dict[str, Any], now: datetime) -> list[CardTransaction]:
    made: list[CardTransaction] = []
    for index, one in enumerate(_by_id("card_transactions", state.card_transactions).values()):
        _there(f"card_transactions[{index}].card_id", one.card_id, cards)
        _past(f"card_transactions[{index}].created_at", one.created_at, now)
        made.append(
            CardTransaction(**_without_time(one), account_id=cards[one.card_id].account_id, created=one.created_at)
        )
    return sorted(made, key=lambda one: one.created)


def _external_transactions(state: State, accounts: Collection[str], now: datetime) -> list[ExternalTransaction]:
    made: list[ExternalTransaction] = []
    for index, one in enumerate(_by_id("external_transactions", state.external_transactions).values()):
        _there(f"external_transactions[{index}].account_id", one.account_id, accounts)
        _past(f"external_transactions[{index}].created_at", one.created_at, now)
        made.append(ExternalTransaction(**_without_time(one), created=one.created_at))
    return sorted(made, key=lambda one: one.created)


def _by_id(kind: str, found: Sequence[I]) -> dict[str, I]:
    by_id: dict[str, I] = {}
    for index, one in enumerate(found):
        if one.id in by_id:
            raise SeedError(f"{kind}[{index}].id: {one.id} is there already")
        by_id[one.id] = one
    return by_id


def _there(place: str, identifier: str, known: Iterable[str]) -> None:
    if identifier not in known:
        kind = {"acc": "account", "rule": "rule", "card": "card", "txr": "transfer", "rex": "rule execution"}
        raise SeedError(f"{place}: there is no {kind.get(identifier.partition('_')[0], 'such thing as')} {identifier}")


def _past(place: str, moment: datetime, now: datetime) -> None:
    if moment > now:
        raise SeedError(f"{place}: {iso(moment)} is later than the sandbox's clock, {iso(now)}; set `now`")


def _converted(place: str, members: object, into: Any) -> Any:
    try:
        return convert(members, into)
    except msgspec.ValidationError as error:
        where, what = in_words(error, into)
        raise SeedError(f"{place}{'' if where.startswith('[') else '.' * bool(where)}{where}: {what}") from error


def _without_time(one: Struct) -> Json:
    return {name: value for name, value in msgspec.structs.asdict(one).items() if name != "created_at"}


def _time(moment: datetime | UnsetType, now: datetime) -> str:
    return iso(now - OPENED if isinstance(moment, UnsetType) else moment)


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
