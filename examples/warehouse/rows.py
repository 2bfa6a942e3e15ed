"""Says which columns a table has, and makes rows of what the SDK gives.

Both follow from the SDK's models: a member that they gain in a later release becomes a column. Nothing is guessed from
values, so that amounts stay whole cents, a name that looks like a date stays text, and a column is there from the first
row of its table on, whether it has held anything or not.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import attrs
from dlt.common.data_types import TDataType
from dlt.common.schema.typing import TColumnSchema

from sequence_sdk import to_builtins

Row = dict[str, object]

LEFT_OUT = {"routing_number", "bank_account_number"}
"""Members that no warehouse needs, and that make whoever may read it somebody who can take money."""

TYPES: list[tuple[type, TDataType]] = [
    (bool, "bool"),  # which is an int, as a datetime is a date: they come first
    (int, "bigint"),
    (float, "double"),
    (str, "text"),
    (datetime, "timestamp"),
    (date, "date"),
]

FETCHED_AT: TColumnSchema = {"data_type": "timestamp", "nullable": False, "dedup_sort": "desc"}
"""When a row was read, UTC. Of several rows of one ID in one load, dlt takes the latest."""


@attrs.frozen
class Column:
    """A column, and where in a model its value is."""

    name: str
    data_type: TDataType
    path: tuple[str, ...]


def columns_of(model: type[Any], *members: str, within: tuple[str, ...] = ()) -> tuple[Column, ...]:
    """The columns of a model: all of its members, or those that are named.

    A model within it becomes columns of its own, such as `source__id`; a list, or what has many forms, is JSON.
    """
    return tuple(_columns(model, members, within))


def _columns(model: type[Any], members: tuple[str, ...], within: tuple[str, ...]) -> Iterator[Column]:
    types = get_type_hints(model)
    for member in members or [field.name for field in attrs.fields(model)]:
        if member in LEFT_OUT:
            continue
        kind, path = _present(types[member]), (*within, member)
        if isinstance(kind, type) and attrs.has(kind):
            yield from columns_of(kind, within=path)
        else:
            yield Column("__".join(path), _data_type(kind), path)


def _present(kind: Any) -> Any:
    """The type of a member that may be None, where it is not."""
    if get_origin(kind) in {Union, UnionType}:
        return next(one for one in get_args(kind) if one is not NoneType)
    return kind


def _data_type(kind: Any) -> TDataType:
    return next((to for base, to in TYPES if isinstance(kind, type) and issubclass(kind, base)), "json")


def hints(columns: tuple[Column, ...]) -> dict[str, TColumnSchema]:
    """The columns as dlt wants them."""
    return {"fetched_at": FETCHED_AT, **{one.name: {"data_type": one.data_type} for one in columns}}


def row(model: object, columns: tuple[Column, ...], fetched_at: datetime) -> Row:
    return {"fetched_at": fetched_at, **{one.name: _plain(_found(model, one.path)) for one in columns}}


def _found(model: object, path: tuple[str, ...]) -> object:
    for member in path:
        model = None if model is None else getattr(model, member)
    return model


def _plain(value: object) -> object:
    match value:
        case Enum():
            return value.value  # an unknown one, too: what the API sent
        case datetime():
            return value.astimezone(UTC)
        case None | str() | int() | float() | date():
            return value
        case _:
            return to_builtins(value)
