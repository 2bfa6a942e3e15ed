"""What the models are made of: enums that take values not known yet, and objects that keep what they do not know."""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum
from types import GenericAlias
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, TypeAlias, TypeVar, cast, get_args

import attrs
import msgspec

T = TypeVar("T")

Timestamp: TypeAlias = Annotated[datetime, msgspec.Meta(tz=True)]
"""A moment with its time zone; the API's are in UTC."""


class OpenEnum(StrEnum):
    """An enum of strings to which the server may add: a value not listed here becomes a member of its own.

    Such a member equals its string, is an instance of the class, and is not among the class's listed members.
    """

    @classmethod
    def _missing_(cls, value: object) -> OpenEnum | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = value
        member._value_ = value
        return member


class OpenObject:
    """An object that loses nothing: members that its class does not know are attributes too, and `raw` has it whole.

    Where a class has variants, the object is of the one that its tag names; an unknown tag, or members that do not
    fit the variant, leave it of the base class itself. A member of another type than was expected is as it was sent.
    """

    _tag: ClassVar[str | None] = None
    _variants: ClassVar[dict[str, type[Any]]] = {}

    def __init_subclass__(cls, *, tag: str | None = None, values: tuple[str, ...] = ()) -> None:
        """A base class names its tag, a variant the values of the tag that stand for it."""
        if tag is not None:
            cls._tag, cls._variants = tag, {}
        cls._variants.update(dict.fromkeys(values, cls))

    __class_getitem__: Any = classmethod(cast("Any", GenericAlias))
    __hash__ = None  # type: ignore[assignment]

    @property
    def raw(self) -> dict[str, Any]:
        """The whole object as the server sent it, in dicts, lists, strings, numbers, booleans and None."""
        found: dict[str, Any] | None = vars(self).get("_raw")
        return msgspec.to_builtins(self) if found is None else found

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
        shown = ", ".join(f"{name}={value!r}" for name, value in vars(self).items() if name != "_raw")
        return f"{type(self).__name__}({shown})"


if TYPE_CHECKING:
    Open = Annotated[T, "open"]
else:
    # msgspec decodes attrs classes by itself; as `OpenObject[Class]` they go through `decode_open` instead.
    Open = OpenObject


def decode_open(annotation: Any, found: Any) -> Any:
    """The decode hook for members of a response that are annotated `Open[…]`."""
    (base,) = get_args(annotation)
    if not isinstance(found, dict):
        raise ValueError(f"Expected `object`, got `{_json_type(found)}`")
    value = cast("dict[str, Any]", found)
    tag = value.get(base._tag) if base._tag else None
    variant = base._variants.get(tag, base) if isinstance(tag, str) else base
    try:
        made = msgspec.convert(value, variant, dec_hook=decode_open)
    except msgspec.ValidationError:
        made = _convert_what_fits(value, base)
    # What is encoded is what vars() holds: exactly the members that were sent, with `_raw` passed over as private.
    known = _members_of(made)
    members = {name: known.get(name, member) for name, member in value.items()}
    known.clear()
    known.update(members, _raw=value)
    return made


def _convert_what_fits(value: dict[str, Any], into: type[Any]) -> Any:
    """An object of the members that are as its class expects them; the others stay as they were sent."""
    fitting = dict(value)
    while True:
        try:
            made = msgspec.convert(fitting, into, dec_hook=decode_open)
        except msgspec.ValidationError as error:
            misfit = re.search(r"at `\$\.(\w+)[^`]*`$", str(error))
            if misfit is None or attrs.fields_dict(into)[misfit[1]].default is attrs.NOTHING:
                raise ValueError(str(error)) from error  # msgspec adds the path to where `value` stands
            del fitting[misfit[1]]
        else:
            _members_of(made).update({name: member for name, member in value.items() if name not in fitting})
            return made


def _members_of(made: Any) -> dict[str, Any]:
    return cast("dict[str, Any]", vars(made))


def _json_type(value: object) -> str:
    names: dict[type, str] = {type(None): "null", bool: "bool", int: "int", float: "float", str: "str", list: "array"}
    return names.get(type(value), type(value).__name__)
