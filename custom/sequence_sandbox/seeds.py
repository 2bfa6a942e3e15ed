"""The form of a seed, in which a sandbox is given its data, and in which it gives the data that it has now.

Its objects are those of `/api/v1`, with defaults for most members, and a few members more. What is wrong is said with
its place, such as `transfers[3].source: there is no account acc_01HNOBODY`.
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal, TypeAlias, cast

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from .documented import Json
from .keys import Entries
from .mistakes import in_words
from .protocol import MAXIMUM_CENTS
from .structs import convert

_ID = r"_[0-9A-Z]{1,22}(?!\n)$"
AccountId: TypeAlias = Annotated[str, Meta(pattern="^acc" + _ID)]
CardId: TypeAlias = Annotated[str, Meta(pattern="^card" + _ID)]
RuleId: TypeAlias = Annotated[str, Meta(pattern="^rule" + _ID)]
TransferId: TypeAlias = Annotated[str, Meta(pattern="^txr" + _ID)]
ExecutionId: TypeAlias = Annotated[str, Meta(pattern="^rex" + _ID)]
Name: TypeAlias = Annotated[str, Meta(min_length=1, max_length=255)]
Moment: TypeAlias = Annotated[datetime, Meta(tz=True)]
Amount: TypeAlias = Annotated[int, Meta(ge=0, le=MAXIMUM_CENTS)]
AccountType: TypeAlias = Literal["income_source", "pod", "external_account"]


DEEPEST = 60
"""How deep a seed may be nested."""
FIRST_YEAR, LAST_YEAR = 1970, 2199


class SeedError(ValueError):
    """A seed is not as it has to be; the text says where, and what would be right."""


class Part(Struct, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A part of a seed: a member that there is not is a mistake."""


class Balance(Part, kw_only=True):
    """What an account holds, or what is owed on it. Cents; null for what is not known."""

    balance_in_cents: int | None
    available_balance_in_cents: int | None = None
    last_statement_balance_in_cents: int | None = None
    last_statement_date: date | None = None
    next_payment_minimum_in_cents: Amount | None = None
    next_payment_due_date: date | None = None
    balance_last_updated_at: Moment | None = None
    error: Name | None = None
    interest_rate_percentage: float | None = None
    original_loan_amount_in_cents: Amount | None = None


class Account(Part, kw_only=True):
    """An account; its balance may be cents alone."""

    id: AccountId
    name: Name
    type: AccountType
    description: str | None = None
    external_account_type: Literal["LIABILITY", "DEPOSITORY", "INVESTMENT"] | None = None
    beneficiary_name: Name | None = "John Smith"
    institution_name: Name | None = None
    can_be_source: bool | UnsetType = UNSET
    can_be_destination: bool = True
    created_at: Moment | UnsetType = UNSET
    updated_at: Moment | UnsetType = UNSET
    routing_number: Name | None = "••••0700"
    bank_account_number: Name | None = "••••0000"
    balance: int | Balance | None = 0
    savings_target_in_cents: Amount | None = None
    linked_account: Account | None = None
    deleted_at: Moment | None = None
    platform_only: bool = False


class Beneficiary(Part, kw_only=True):
    """Who can own accounts."""

    id: Annotated[str, Meta(pattern="^ben" + _ID)]
    name: Name
    type: Literal["individual", "business"] = "individual"
    is_verified: bool = True


class Card(Part, kw_only=True):
    """A card."""

    id: CardId
    account_id: AccountId
    type: Literal["physical", "virtual"] = "virtual"
    status: Literal["active", "inactive", "frozen", "stolen", "lost"] = "active"
    last_four: Annotated[str, Meta(pattern=r"^[0-9]{4}(?!\n)$")] = "4242"
    holder_name: Name = "John Smith"
    expiration_date: Annotated[str, Meta(pattern=r"^[0-9]{2}/[0-9]{2}(?!\n)$")] = "09/28"
    created_at: Moment | UnsetType = UNSET


class Rule(Part, kw_only=True):
    """A rule, with the steps of `/api/v1`."""

    id: RuleId
    nickname: str | None = None
    description: str | None = None
    status: Literal["enabled", "disabled"] = "enabled"
    trigger: dict[str, Any]
    steps: Annotated[list[dict[str, Any]], Meta(min_length=1)]
    created_at: Moment | UnsetType = UNSET
    updated_at: Moment | UnsetType = UNSET
    platform_only: bool = False


class Party(Part, kw_only=True):
    """An account, where a transfer mentions it."""

    id: AccountId
    name: Name
    type: AccountType


class Transfer(Part, kw_only=True):
    """A transfer; one that is processing or pending goes on."""

    id: TransferId
    source: AccountId | Party | None = None
    destination: AccountId | Party | None = None
    amount_in_cents: Amount
    status: Literal["pending_approval", "processing", "pending", "complete", "incomplete", "error", "cancelled"] = (
        "complete"
    )
    created_at: Moment
    completed_at: Moment | None = None
    direction: Literal["money_in", "money_out", "internal"] | UnsetType = UNSET
    origin: Literal["paycheck", "check_deposit", "cashback", "user_pull", "rule", "user", "external_pull"] = "user"
    rule_id: RuleId | None = None
    rule_execution_id: ExecutionId | None = None
    error_code: Name | None = None
    description: str | None = None
    is_simulated: bool = False
    group: tuple[int, int] | None = None


class RuleExecution(Part, kw_only=True):
    """A run of a rule; one that is in progress goes on."""

    id: ExecutionId
    rule_id: RuleId
    rule_name: str | None = None
    trigger_type: Literal["manual", "scheduled", "on_funds_transferred", "sequence_api", "remote_api"] = "manual"
    status: Literal["in_progress", "executed", "partial", "failed"] = "executed"
    created_at: Moment
    trigger_details: dict[str, Any] | UnsetType = UNSET
    step_index_matched: Annotated[int, Meta(ge=0)] | None = None
    conditions_not_met: bool = False
    transfer_ids: list[TransferId] = []
    skipped: Annotated[int, Meta(ge=0)] = 0
    error_message: str | None = None
    is_simulated: bool = False
    replaces_fixed: bool = True


class CardTransaction(Part, kw_only=True):
    """What was bought with a card, or paid back."""

    id: Annotated[str, Meta(pattern="^ctxr" + _ID)]
    card_id: CardId
    amount_in_cents: Amount
    direction: Literal["debit", "credit"] = "debit"
    merchant_name: Name
    created_at: Moment
    is_payout: bool = False


class ExternalTransaction(Part, kw_only=True):
    """What happened on an account at another bank."""

    id: Annotated[str, Meta(pattern="^etxr" + _ID)]
    account_id: AccountId
    amount_in_cents: Amount
    direction: Literal["money_in", "money_out"] = "money_out"
    status: Literal["pending", "complete"] = "complete"
    description: Name
    created_at: Moment


class SeedKey(Part, kw_only=True):
    """An API key; without permissions it may do everything, but read some accounts."""

    key: Annotated[str, Meta(pattern=r"^[\x21-\x7e]{1,255}(?!\n)$")]
    label: Name = "sandbox"
    permissions: Entries | dict[str, Entries] | None = None
    but: list[AccountId] = []


class State(Part, kw_only=True):
    """All data of a sandbox. Without `now` the clock shows what it shows; without `keys` those that there are stay."""

    now: Moment | None = None
    accounts: list[Account]
    beneficiaries: list[Beneficiary] | UnsetType = UNSET
    cards: list[Card] = []
    rules: list[Rule] = []
    transfers: list[Transfer] = []
    rule_executions: list[RuleExecution] = []
    card_transactions: list[CardTransaction] = []
    external_transactions: list[ExternalTransaction] = []
    keys: list[SeedKey] | UnsetType = UNSET


Seed: TypeAlias = Mapping[str, Any] | Path | str | State
"""A mapping, or the path of a file of JSON or YAML; or what was read from one."""


def read(seed: Seed) -> State:
    """What a seed says.

    Raises:
        SeedError: It is not of that form, or the file cannot be read.
    """
    if isinstance(seed, State):
        return _converted(msgspec.to_builtins(seed, builtin_types=(datetime, date)))
    if isinstance(seed, Mapping):
        return _converted(dict(seed))
    path = Path(seed).absolute()
    try:
        return _converted(_parsed(path))
    except (OSError, UnicodeDecodeError) as error:
        raise SeedError(f"{path}: {error}") from error
    except SeedError as error:
        raise SeedError(f"{path}: {error}") from error


def _parsed(path: Path) -> object:
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        try:
            found: object = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise SeedError(f"this is not valid JSON: {error}") from error
        return found
    try:
        read: object = msgspec.yaml.decode(text)
    except ImportError as error:
        raise SeedError("seeds in YAML need PyYAML, which is in sequence-sdk[sandbox]") from error
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise SeedError(f"this is not valid YAML: {error}") from error
    return read


def _converted(members: object) -> State:
    try:
        state = convert(copy.deepcopy(members), State)
        _check("", msgspec.to_builtins(state, builtin_types=(datetime, date)))
    except msgspec.ValidationError as error:
        place, what = in_words(error, State)
        raise SeedError(f"{place or 'the seed'}: {what}") from error
    except RecursionError:
        raise SeedError("the seed: it is nested too deeply") from None
    return state


def _check(place: str, node: object, depth: int = 0) -> None:
    """Refuse what JSON cannot say, and times that no calendar has room around.

    Raises:
        SeedError: There is such a value; the text says where.
    """
    problem = None
    match node:
        case dict():
            for name, value in cast("dict[object, object]", node).items():
                _check(f"{place}.{name}".lstrip("."), value, depth + 1)
        case list() | tuple():
            for index, value in enumerate(cast("list[object]", node)):
                _check(f"{place}[{index}]", value, depth + 1)
        case float() if not math.isfinite(node):
            problem = "it must be a finite number"
        case str() if node != node.encode(errors="replace").decode():
            problem = "it has half a character, which is no text"
        case datetime() if not FIRST_YEAR <= node.year <= LAST_YEAR:
            problem = f"the year must be {FIRST_YEAR} to {LAST_YEAR}"
        case _:
            problem = None if depth <= DEEPEST else "it is nested too deeply"
    if problem is not None:
        raise SeedError(f"{place}: {problem}")


def moved(state: State, by: timedelta) -> State:
    """The same, with all its times moved, its `now` among them."""

    def move(node: object) -> object:
        match node:
            case dict():
                return {name: move(value) for name, value in cast("dict[str, object]", node).items()}
            case list() | tuple():
                return [move(one) for one in cast("list[object]", node)]
            case date():  # a datetime is one
                return node + by
            case _:
                return node

    return convert(move(msgspec.to_builtins(state, builtin_types=(datetime, date))), State)


def to_json(state: State) -> Json:
    """A state as JSON, without what is as by default."""
    found: Json = msgspec.to_builtins(state)
    return found
