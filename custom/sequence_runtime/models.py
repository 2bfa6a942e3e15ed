"""What models are made of: enums that take values not known yet, and objects that keep what they do not know."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from enum import Enum, IntEnum, StrEnum
from functools import cache
from types import GenericAlias
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeAlias, TypeVar, cast
from uuid import UUID

import attrs
import msgspec

T = TypeVar("T")

Day: TypeAlias = date
"""A date, for members that are called so themselves."""

Timestamp: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment with its time zone; the API's are in UTC."""


class OpenEnum(StrEnum):
    """An enum of strings to which the server may add: a value not listed here becomes a member of its own.

    Such a member equals its string, is an instance of the class, and is not among the class's listed members. Type
    checkers know of another member that is not listed, so that a `match` over an enum needs a default.
    """

    @classmethod
    def _missing_(cls, value: object) -> OpenEnum | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = value
        member._value_ = value
        return member


class OpenIntEnum(IntEnum):
    """An enum of numbers to which the server may add, as `OpenEnum`."""

    @classmethod
    def _missing_(cls, value: object) -> OpenIntEnum | None:
        if not isinstance(value, int) or isinstance(value, bool):
            return None
        member = int.__new__(cls, value)
        member._name_ = str(value)
        member._value_ = value
        return member


class OpenObject:
    """An object that loses nothing: members that its class does not know are attributes too, and `raw` has it whole.

    Where a class has variants, the object is of the one that its tag names, or without a tag of the first one that it
    fits; an unknown tag, or members that do not fit the variant, leave it of the base class itself. A member of another
    type than was expected is as it was sent.
    """

    _tag: ClassVar[str | None] = None
    """The member, as in JSON, whose value says which variant it is."""
    _variants: ClassVar[dict[str, type[Any]]] = {}
    """By the values of the tag; by their own names where there is none."""

    def __init_subclass__(
        cls, *, tag: str | None = None, untagged: bool = False, values: tuple[str, ...] = (), fits: bool = False
    ) -> None:
        """A base class names its tag or has none, a variant the values of the tag that stand for it, or just fits."""
        if tag is not None or untagged:
            cls._tag, cls._variants = tag, {}
        cls._variants.update(dict.fromkeys((cls.__name__,) if fits else values, cls))

    __class_getitem__: Any = classmethod(cast("Any", GenericAlias))
    __hash__ = None  # type: ignore[assignment]

    @property
    def raw(self) -> dict[str, Any]:
        """The whole object as in the API's JSON: dicts, lists, strings, numbers, booleans and None."""
        found: dict[str, Any] | None = vars(self).get("_raw")
        return _plain(self, wire_names=True) if found is None else found

    if not TYPE_CHECKING:  # or type checkers would let every misspelt member pass

        def __getattr__(self, name: str) -> Any:
            """A member that may be absent, and is."""
            member = attrs.fields_dict(type(self)).get(name)
            if member is not None and member.default is None:
                return None
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __eq__(self, other: object) -> bool:
        return isinstance(other, OpenObject) and type(self) is type(other) and self.raw == other.raw

    def __repr__(self) -> str:
        hidden = {one.name for one in attrs.fields(cast("Any", type(self))) if one.repr is False}
        shown = (f"{name}={value!r}" for name, value in vars(self).items() if name != "_raw" and name not in hidden)
        return f"{type(self).__name__}({', '.join(shown)})"


if TYPE_CHECKING:
    Open = Annotated[T, "open"]
else:
    # msgspec decodes attrs classes by itself; as `OpenObject[Class]` they go through a hook instead.
    Open = OpenObject


@cache
def wire_names_of(cls: Any) -> Mapping[str, str]:
    """The names in JSON of those members of a model that are called otherwise in Python."""
    names: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        names.update(cast("Any", vars(base)).get("WIRE_NAMES", {}))
    return names


def to_builtins(value: object, *, wire_names: bool = False) -> Any:  # noqa: PLR0911, PLR0912 - one a kind
    """A model, or a list or dict of models, as dicts, lists, strings, numbers, booleans and None.

        return to_builtins(await sequence.accounts.list())

    Moments and dates become strings in ISO 8601, moments in UTC.

    Args:
        value: Whatever an operation gives.
        wire_names: Whether members are called as in the API's JSON, or as in Python.

    Raises:
        TypeError: It holds something that models are not made of.
        ValueError: It holds a moment without a time zone, or a number that JSON cannot hold.
    """
    match value:
        case Enum():
            return value.value
        case float() if not math.isfinite(value):
            raise ValueError(f"JSON cannot hold {value}")
        case str() | int() | float() | None:
            return value
        case bytes() | bytearray():
            raise TypeError("JSON cannot hold bytes")
        case datetime():
            if value.utcoffset() is None:
                raise ValueError(f"{value.isoformat()} has no time zone")
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date():
            return value.isoformat()
        case UUID():
            return str(value)
        case Mapping():
            found = cast("Mapping[str, object]", value)
            if odd := [key for key in found if not isinstance(key, str)]:
                raise TypeError(f"JSON cannot hold the key {odd[0]!r}")
            return {key: to_builtins(one, wire_names=wire_names) for key, one in found.items()}
        case Sequence():
            return [to_builtins(one, wire_names=wire_names) for one in cast("Sequence[object]", value)]
        case OpenObject() if wire_names:
            return to_builtins(value.raw)
        case _ if attrs.has(type(value)):
            return _plain(value, wire_names=wire_names)
        case _:
            raise TypeError(f"{type(value).__name__} is no model, and nothing that models are made of")


def to_json(value: object, *, wire_names: bool = False) -> bytes:
    """A model, or a list or dict of models, as JSON: see `to_builtins`."""
    return msgspec.json.encode(to_builtins(value, wire_names=wire_names))


def members_of(model: object, *, wire_names: bool) -> dict[str, Any]:
    """What a model holds, by name. An open object has no more members than were sent."""
    cls = cast("Any", type(model))
    names: Mapping[str, str] = wire_names_of(cls) if wire_names else {}
    fields = attrs.fields_dict(cls)
    held = vars(model) if isinstance(model, OpenObject) else {name: getattr(model, name) for name in fields}
    if isinstance(model, OpenObject) and "_raw" not in held:  # made by a program: what it did not give is not there
        held = {name: one for name, one in held.items() if one is not None or fields[name].default is attrs.NOTHING}
    return {names.get(name, name): value for name, value in held.items() if name != "_raw"}


def _plain(model: object, *, wire_names: bool) -> dict[str, Any]:
    members = members_of(model, wire_names=wire_names)
    return {name: to_builtins(value, wire_names=wire_names) for name, value in members.items()}
