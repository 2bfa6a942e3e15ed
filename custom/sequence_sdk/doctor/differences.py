"""What JSON has otherwise than a contract's models say, without any value but those of enums. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeAlias, Union, cast, get_args, get_origin, get_type_hints

import attrs
import msgspec

from sequence_runtime import OpenObject
from sequence_runtime.decoding import candidates
from sequence_runtime.models import wire_names_of

Kind: TypeAlias = Literal["member", "absent", "value", "type", "status", "header"]
"""A member, an enum value, a status or a header that the contract does not have; a required member that is absent; a
value of another type."""

NOT_SHOWN = "(not shown)"

_WORD = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,47}")
_JSON = {
    "NoneType": "null",
    "bool": "boolean",
    "int": "integer",
    "float": "number",
    "str": "string",
    "list": "array",
} | {"dict": "object", "datetime": "date-time", "date": "date"}


@attrs.frozen
class Difference:
    """What a response has otherwise than the contract says. It holds no value of the organization's."""

    operation: str
    """The operationId."""
    status: int
    kind: Kind
    place: str
    """Where it is, such as `data.items[].status`; nothing for what concerns the whole response."""
    what: str
    """The value or the types; nothing for members."""

    def __str__(self) -> str:
        parts = (self.operation, str(self.status), self.kind, self.place, self.what)
        return " ".join(part for part in parts if part)


Found: TypeAlias = Iterator[tuple[Kind, str, str]]


def word(text: str) -> str:
    """A word of the API's own, or what stands for a text that may be something else.

    IDs, account numbers, dates and amounts have more digits than words, and names of people have spaces.
    """
    return text if _WORD.fullmatch(text) and sum(map(str.isdigit, text)) <= 2 else NOT_SHOWN


def differences(hint: Any, value: object, place: str = "") -> Found:
    """What a value of JSON has otherwise than an annotation of a model says: kind, place, and what is there."""
    origin, parts = get_origin(hint), get_args(hint)
    if origin is OpenObject:
        hint, origin = parts[0], None
    if origin in {Union, UnionType}:
        yield from _union(parts, value, place)
    elif attrs.has(hint):
        yield from _object(hint, value, place)
    elif origin is list and isinstance(value, list):
        for item in cast("list[object]", value):
            yield from differences(parts[0], item, f"{place}[]")
    elif _is_enum(hint) and isinstance(value, str):
        yield from _enum(hint, value, place)
    else:
        try:
            msgspec.convert(value, hint)
        except msgspec.ValidationError:
            yield "type", place, f"{_kind(value)}, not {_expected(hint)}"


def _union(parts: tuple[Any, ...], value: object, place: str) -> Found:
    others = [part for part in parts if part is not NoneType]
    if value is not None:
        yield from min((list(differences(part, value, place)) for part in others), key=len)
    elif len(others) == len(parts):
        yield "type", place, f"null, not {_expected(others[0])}"


def _object(cls: Any, value: object, place: str) -> Found:
    if not isinstance(value, dict):
        yield "type", place, f"{_kind(value)}, not object"
        return
    held = cast("dict[str, object]", value)
    cls = candidates(cls, held)[0] if issubclass(cls, OpenObject) else cls
    known = members(cls)
    dot = f"{place}." if place else ""
    for name, (hint, required) in known.items():
        if name in held:
            yield from differences(hint, held[name], f"{dot}{name}")
        elif required:
            yield "absent", f"{dot}{name}", _expected(hint)
    for name in held:
        if name not in known:
            yield "member", f"{dot}{word(name)}", _kind(held[name])


def _is_enum(hint: Any) -> bool:
    return isinstance(hint, type) and issubclass(hint, Enum)


def _enum(enum: type[Enum], value: str, place: str) -> Found:
    """A value that is not listed is shown if it is spelt like those that are: a name or a number is not."""
    listed = [str(one.value) for one in enum]
    if value not in listed:
        spellings = [spelt for spelt in (str.upper, str.lower) if all(spelt(one) == one for one in listed)]
        alike = not spellings or any(spelt(value) == value for spelt in spellings)
        yield "value", place, word(value) if alike else NOT_SHOWN


def _kind(value: object) -> str:
    return _JSON.get(type(value).__name__, "object")


def _expected(hint: Any) -> str:
    """What JSON has for an annotation."""
    if get_origin(hint) in {Union, UnionType}:
        return " or ".join(map(_expected, get_args(hint)))
    if _is_enum(hint):
        return "string"
    plain: Any = get_args(hint)[0] if get_origin(hint) is Annotated else get_origin(hint) or hint
    return _JSON.get(getattr(plain, "__name__", ""), "object")


@cache
def members(cls: Any) -> Mapping[str, tuple[Any, bool]]:
    """The members of a model, as in JSON, each with its annotation and whether it is required."""
    hints, names = get_type_hints(cls, include_extras=True), wire_names_of(cls)
    return {names.get(one.name, one.name): (hints[one.name], one.default is attrs.NOTHING) for one in attrs.fields(cls)}
