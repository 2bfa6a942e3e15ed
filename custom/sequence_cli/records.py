"""What is shown of each kind of record: its members in files, and its columns in a terminal."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeAlias, cast

from attrs import frozen

Row: TypeAlias = Mapping[str, Any]
"""A record, as `to_builtins` gives it."""

Cell: TypeAlias = str | int | float | None


@frozen
class Column:
    """A column in a terminal."""

    title: str
    text: Callable[[Row], str]
    to_the_right: bool = False
    whole: bool = False
    """Whether its text is never broken."""


@frozen
class Kind:
    """A kind of record."""

    name: str
    members: tuple[str, ...]
    """What files have of it: paths, such as `source.id`, or several of which a record has one, with a bar between."""
    columns: tuple[Column, ...]
    sorted_by: str = "created_at"
    """The member with the moment by which its lists are sorted."""

    @property
    def headings(self) -> list[str]:
        """What the members are called in files."""
        return [path.partition("|")[0].replace(".", "_") for path in self.members]


def found(row: Row, path: str) -> object:
    """What a record has at a path; None where it has nothing."""
    for one in path.split("|"):
        value: object = row
        for name in one.split("."):
            value = _member(value, name)
        if value is not None:
            return value
    return None


def _member(value: object, name: str) -> object:
    return cast("Row", value).get(name) if isinstance(value, Mapping) else None


def cells(kind: Kind, row: Row) -> list[Cell]:
    """A record as a line of a file: what has parts is JSON."""
    values = [found(row, path) for path in kind.members]
    return [value if isinstance(value, str | int | float | None) else json.dumps(value) for value in values]


def money(cents: object) -> str:
    """An amount in cents, as people write it."""
    if not isinstance(cents, int):
        return "—"
    return f"{'-' if cents < 0 else ''}${abs(cents) // 100:,}.{abs(cents) % 100:02}"


def plain(value: object) -> str:
    """A text that does nothing to a terminal."""
    text = "" if value is None else str(value)
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)


def when(value: object) -> str:
    """A moment in UTC, to the minute."""
    return f"{datetime.fromisoformat(value):%Y-%m-%d %H:%M}" if isinstance(value, str) else ""


def member(title: str, *paths: str, whole: bool = False) -> Column:
    """A column of the first member that a record has."""

    def text(row: Row) -> str:
        return next((plain(value) for path in paths if (value := found(row, path)) is not None), "")

    return Column(title, text, whole=whole)


def amount(title: str, path: str) -> Column:
    """A column of amounts."""
    return Column(title, lambda row: money(found(row, path)), to_the_right=True, whole=True)


def moment(title: str, path: str) -> Column:
    """A column of moments."""
    return Column(title, lambda row: when(found(row, path)), whole=True)


def route(row: Row) -> str:
    """From where to where a transfer goes, and below it which one it is."""
    names = (plain(found(row, f"{end}.name") or found(row, f"{end}.id") or "?") for end in ("source", "destination"))
    return f"{' → '.join(names)}\n{plain(row.get('id'))}"


def transferred(row: Row) -> str:
    """How many transfers an execution made."""
    number = 0 if row.get("conditions_not_met") else row.get("transfers_attempted")
    return "" if number is None else str(number or "none")


ID = member("ID", "id", whole=True)
STATUS = member("Status", "status", whole=True)

ACCOUNTS = Kind(
    "accounts",
    (
        "id",
        "name",
        "type",
        "external_account_type",
        "institution_name",
        "beneficiary_name",
        "description",
        "can_be_source",
        "can_be_destination",
        "created_at",
        "updated_at",
        "deleted_at",
    ),
    (member("Name", "name"), member("Type", "external_account_type", "type", whole=True), ID),
)
BALANCES = Kind(
    "balances",
    ("id", "name", "type", "in_cents", "available_in_cents", "updated_at", "is_stale", "error"),
    (
        member("Name", "name"),
        member("Type", "type", whole=True),
        amount("Balance", "in_cents"),
        moment("As of, UTC", "updated_at"),
        Column(
            "", lambda row: plain(row.get("error")).replace("_", " ").lower() or "stale" * bool(row.get("is_stale"))
        ),
    ),
)
TRANSFERS = Kind(
    "transfers",
    (
        "id",
        "created_at",
        "completed_at",
        "amount_in_cents",
        "direction",
        "origin",
        "status",
        "source.id",
        "source.name",
        "destination.id",
        "destination.name",
        "rule_id",
        "rule_execution_id",
        "error_code",
        "execution_mode",
        "description",
    ),
    (moment("Created, UTC", "created_at"), Column("From → to", route), amount("Amount", "amount_in_cents"), STATUS),
)
RULES = Kind(
    "rules",
    (
        "id",
        "name",
        "nickname",
        "description",
        "status",
        "trigger_type",
        "source.id",
        "is_supported",
        "created_at",
        "updated_at",
        "deleted_at",
    ),
    (member("Name", "name", "nickname"), STATUS, ID),
)
EXECUTIONS = Kind(
    "executions",
    ("id", "rule_id", "rule_name", "status", "created_at", "trigger_type", "execution_mode"),
    (
        moment("Created, UTC", "created_at"),
        Column("Rule, and its execution", lambda row: f"{plain(row.get('rule_id'))}\n{plain(row.get('id'))}"),
        STATUS,
        Column("Made", transferred),
        member("Mode", "execution_mode"),
    ),
)
REFERENCES = Kind(
    "references",
    ("reference", "first_used", "api", "base_url", "request", "state", "made", "status"),
    (
        moment("First used, UTC", "first_used"),
        Column("Reference, and what for", lambda row: f"{plain(row['reference'])}\n{plain(row['request'])}"),
        member("State", "state", whole=True),
        Column("Made", lambda row: " ".join(plain(row[name]) for name in ("made", "status") if row[name])),
    ),
    sorted_by="first_used",
)
CARD_TRANSACTIONS = Kind(
    "card-transactions",
    (
        "id",
        "created_at",
        "completed_at",
        "amount_in_cents",
        "direction",
        "subtype",
        "status",
        "card_id",
        "card_type",
        "account_id|account.id",
        "account.name",
        "merchant_name",
        "description",
    ),
    (),
)
EXTERNAL_TRANSACTIONS = Kind(
    "external-transactions",
    ("id", "transaction_date", "amount_in_cents", "direction", "status", "account_id", "description"),
    (),
    sorted_by="transaction_date",
)
