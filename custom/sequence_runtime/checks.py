"""Checks of arguments, before anything is sent: each gives the value for the wire or raises a ValueError.

The message names the argument, what is wrong with it, and what would be right.
"""

from __future__ import annotations

import math
import operator
import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from fractions import Fraction
from functools import cache
from inspect import currentframe
from reprlib import repr as short
from traceback import walk_stack
from typing import Any, TypeAlias, TypedDict, TypeVar, Unpack, cast
from urllib.parse import quote
from uuid import UUID

import msgspec
from msgspec import Struct

from .models import OpenEnum, OpenIntEnum, members_of, to_builtins

T = TypeVar("T")
EnumT = TypeVar("EnumT", bound=OpenEnum)
IntEnumT = TypeVar("IntEnumT", bound=OpenIntEnum)
NumberT = TypeVar("NumberT", int, float)

Check: TypeAlias = Callable[[str, Any], T]
"""What gives a value for the wire, or raises a ValueError; it is also given what messages call the value."""

_EXAMPLE = "7f0e8a52-2b9f-4ae9-9a4b-9d5b0a3e9a48"

_UNRESERVED = re.compile(r"[A-Za-z0-9._~-]*")
"""What a URL holds as it is (RFC 3986, section 2.3)."""

_HEADER = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")


def _string(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a string, not {type(value).__name__} {short(value)}")
    return value


def resource_id(name: str, value: object, prefix: str = "", *, others: tuple[str, ...] = (), max_length: int) -> str:
    """An ID that does not begin as those of `others` do, unless with its own `prefix`."""
    text = value if type(value) is str else _plain(_string(name, value))
    example = f"{prefix}01HDEF0123" if prefix else _EXAMPLE
    if not text:
        raise ValueError(f"{name} is empty; give an ID such as {example}")
    if text in {".", ".."}:
        raise ValueError(f"{name} is {text!r}, which is no ID; give one such as {example}")
    if not text.isprintable() or " " in text:  # no other space is printable
        raise ValueError(f"{name} {short(text)} has spaces or control characters; give the ID without them")
    if len(text) > max_length:
        raise ValueError(f"{name} has {len(text)} characters, which no ID has; give one such as {example}")
    if not (prefix and text.startswith(prefix)) and text.startswith(others):
        raise ValueError(f"{name} {short(text)} is the ID of something else; give one such as {example}")
    return text


def _plain(text: str) -> str:
    """The text itself, without what a subclass makes of it."""
    return text if type(text) is str else str.__str__(text)


def path_segment(name: str, value: object, prefix: str = "", *, others: tuple[str, ...] = (), max_length: int) -> str:
    """An ID as one segment of a path, percent-encoded: it can neither add segments nor remove any."""
    return escaped(resource_id(name, value, prefix, others=others, max_length=max_length))


def text(
    name: str, value: object, *, min_length: int = 0, max_length: int | None = None, pattern: str | None = None
) -> str:
    """Any text that UTF-8 can encode."""
    checked = _bounded(name, _string(name, value), min_length, max_length, pattern)
    try:
        checked.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{name} {short(checked)} holds a lone surrogate, which no text can hold") from error
    return _plain(checked)


def _bounded(name: str, checked: str, min_length: int, max_length: int | None, pattern: str | None) -> str:
    if len(checked) < min_length:
        if not checked:
            raise ValueError(f"{name} is empty; leave it out, or give it a value")
        raise ValueError(f"{name} has {len(checked)} characters; it must have at least {min_length}")
    if max_length is not None and len(checked) > max_length:
        raise ValueError(f"{name} has {len(checked)} characters; at most {max_length} are allowed")
    if pattern is not None and not _compiled(pattern).search(checked):
        raise ValueError(f"{name} {short(checked)} does not match {pattern}")
    return checked


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """A pattern of JSON Schema, whose `$` is the very end, and whose digits and word characters are ASCII."""
    parts = re.findall(r"\\.|\[(?:\\.|[^\]\\])*\]|.", pattern, re.DOTALL)
    return re.compile("".join(r"\Z" if part == "$" else part for part in parts), re.ASCII)


def segment(
    name: str, value: object, *, min_length: int = 1, max_length: int | None = None, pattern: str | None = None
) -> str:
    """Text as one segment of a path, percent-encoded: it can neither add segments nor remove any."""
    checked = text(name, value, min_length=max(1, min_length), max_length=max_length, pattern=pattern)
    if checked in {".", ".."}:
        raise ValueError(f"{name} is {checked!r}, which a path cannot hold")
    return escaped(checked)


def escaped(value: str) -> str:
    """Text that was checked, as a segment of a path."""
    return value if _UNRESERVED.fullmatch(value) else quote(value, safe="")


def header(
    name: str, value: object, *, min_length: int = 1, max_length: int | None = None, pattern: str | None = None
) -> str:
    """The value of a header: visible ASCII characters, and spaces between them."""
    checked = _string(name, value)
    if not _HEADER.fullmatch(checked):
        raise ValueError(
            f"{name} {short(checked)} cannot be a header; use visible ASCII characters, and no line breaks"
        )
    return _bounded(name, checked, min_length, max_length, pattern)


class Limits(TypedDict, total=False):
    """What a number may be."""

    minimum: float
    maximum: float
    above: float
    below: float
    multiple_of: float


def integer(name: str, value: object, **limits: Unpack[Limits]) -> int:
    """A whole number; a bool is none, and neither is a float, whatever its value."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name} must be an int, not {type(value).__name__} {short(value)}; convert it first")
    if not -(2**63) <= value < 2**64:
        raise ValueError(f"{name} is a number of {value.bit_length()} bits, and JSON holds 64")
    return _within(name, int(value), limits)


def number(name: str, value: object, **limits: Unpack[Limits]) -> int | float:
    """A number that JSON can hold; a bool is none."""
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise ValueError(f"{name} must be a number, not {type(value).__name__} {short(value)}; convert it first")
    if isinstance(value, int):
        return integer(name, value, **limits)
    if not math.isfinite(value):
        raise ValueError(f"{name} is {value}, which JSON cannot hold")
    return _within(name, float(value), limits)


def _is_no_multiple(value: float, of: float) -> bool:
    """By the decimal digits that JSON shows, so that 0.3 is a multiple of 0.1."""
    return Fraction(repr(value)) % Fraction(repr(of)) != 0


_BROKEN_BY: Mapping[str, tuple[str, Callable[[float, float], bool]]] = {
    "minimum": ("at least", operator.lt),
    "maximum": ("at most", operator.gt),
    "above": ("above", operator.le),
    "below": ("below", operator.ge),
    "multiple_of": ("a multiple of", _is_no_multiple),
}
"""Of each limit, what a number must be, and whether it is not."""


def _within(name: str, value: NumberT, limits: Limits) -> NumberT:
    for limit, bound in cast("dict[str, float]", limits).items():
        words, is_broken = _BROKEN_BY[limit]
        if is_broken(value, bound):
            raise ValueError(f"{name} is {value}; it must be {words} {bound}")
    return value


def boolean(name: str, value: object) -> bool:
    """True or False; no number stands for either."""
    if not isinstance(value, bool):
        raise ValueError(f"{name} must be True or False, not {type(value).__name__} {short(value)}")
    return value


def day(name: str, value: object) -> str:
    """A date, as ISO 8601; a datetime is none."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise ValueError(f"{name} must be a date, not {type(value).__name__} {short(value)}")
    return value.isoformat()


def uuid(name: str, value: object) -> str:
    """A UUID, or its text in any form that Python reads."""
    if isinstance(value, UUID):
        return str(value)
    checked = _string(name, value)
    try:
        return str(UUID(checked))
    except ValueError:
        raise ValueError(f"{name} {short(checked)} is no UUID; give one such as {_EXAMPLE}") from None


def moment(name: str, value: object) -> str:
    """A moment, as ISO 8601 in UTC."""
    if not isinstance(value, datetime):
        raise ValueError(f"{name} must be a datetime, not {type(value).__name__} {short(value)}")
    if value.utcoffset() is None:
        raise ValueError(f"{name} has no time zone; give it one, for example datetime(2024, 4, 1, tzinfo=UTC)")
    try:
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    except OverflowError as error:
        raise ValueError(f"{name} {value.isoformat()} is outside the years 1 to 9999 in UTC") from error


def choice(name: str, value: object, enum: type[EnumT]) -> str:
    """A member of an enum or its plain string; a value newer than this package is taken as `Enum("value")`."""
    return _plain(_listed(name, value, _string(name, value), enum))


def number_of(name: str, value: object, enum: type[IntEnumT]) -> int:
    """A member of an enum of numbers or its plain number, as `choice`."""
    return int(_listed(name, value, integer(name, value), enum))


def _listed(name: str, value: object, plain: T, enum: type[EnumT] | type[IntEnumT]) -> T:
    if not isinstance(value, enum) and plain not in enum.__members__.values():
        listed = ", ".join(str(one.value) for one in enum)
        raise ValueError(
            f"{name} is {short(value)}; it must be one of {listed}. A value added since can be given as "
            f"models.{enum.__name__}(…)"
        )
    return plain


def constant(name: str, value: object, only: T) -> T:
    """The only value there is."""
    if type(value) is not type(only) or value != only:
        raise ValueError(f"{name} is {short(value)}; it must be {only!r}")
    return only


def anything(name: str, value: object) -> object:
    """Whatever JSON can hold, and models."""
    try:
        plain = to_builtins(value, wire_names=True)
        msgspec.json.encode(plain)
    except (TypeError, ValueError, OverflowError, RecursionError) as error:
        raise ValueError(f"{name} cannot be sent as JSON: {error}") from error
    return plain


def values(
    name: str,
    value: object,
    check: Check[str],
    *,
    min_items: int = 0,
    max_items: int | None = None,
    unique: bool = False,
) -> tuple[str, ...]:
    """The values of a query parameter that may be there several times."""
    listed = array(name, value, check, min_items=max(1, min_items), max_items=max_items, unique=unique)
    return tuple(listed)


def joined(name: str, listed: Sequence[str]) -> str:
    """Values as one, with commas between them."""
    if any("," in one for one in listed):
        raise ValueError(f"{name} has a value with a comma, which would be read as two")
    return ",".join(listed)


def array(
    name: str,
    value: object,
    check: Check[T],
    *,
    min_items: int = 0,
    max_items: int | None = None,
    unique: bool = False,
) -> list[T]:
    """A list or tuple; a string is none."""
    if not isinstance(value, Sequence) or isinstance(value, str | bytes | bytearray):
        raise ValueError(f"{name} must be a list, not {type(value).__name__} {short(value)}")
    listed = cast("Sequence[object]", value)
    if len(listed) < min_items:
        raise ValueError(f"{name} has {len(listed)} items; it must have at least {min_items}")
    if max_items is not None and len(listed) > max_items:
        raise ValueError(f"{name} has {len(listed)} items; at most {max_items} are allowed")
    found = [check(f"{name}[{index}]", one) for index, one in enumerate(listed)]
    if unique and len({msgspec.json.encode(one, order="sorted") for one in found}) < len(found):
        raise ValueError(f"{name} has the same item twice")
    return found


def mapping(name: str, value: object, check: Check[T]) -> dict[str, T]:
    """A dict with strings as keys."""
    if not isinstance(value, Mapping):
        raise ValueError(f"{name} must be a dict, not {type(value).__name__} {short(value)}")
    found = cast("Mapping[object, object]", value)
    return {text(f"a key of {name}", key): check(f"{name}[{key!r}]", one) for key, one in found.items()}


def one_of(name: str, value: object, *checks: Check[Any]) -> Any:
    """A value of one of several types."""
    problems: list[str] = []
    for check in checks:
        try:
            return check(name, value)
        except ValueError as problem:
            problems.append(str(problem))
    raise ValueError("; or ".join(dict.fromkeys(problems)))


class Member(Struct, frozen=True):
    """A member of an object in a request."""

    name: str
    """In Python."""
    check: Check[Any]
    required: bool = False
    nullable: bool = False
    fixed: object = None
    """The only value it has, which need not be given."""
    deprecated: bool = False


def members(
    name: str,
    value: object,
    model: type[Any],
    known: Mapping[str, Member],
    *,
    alternatives: Sequence[Sequence[str]] = (),
    open_ended: bool = False,
) -> dict[str, object]:
    """An object: a model, or a mapping with the names of the API's JSON.

    Args:
        name: What messages call it.
        value: It.
        model: Its class.
        known: Its members, by their names in JSON.
        alternatives: Of which members, in JSON, exactly one set is there.
        open_ended: Whether it may have others.
    """
    if isinstance(value, model):
        given = {key: one for key, one in members_of(value, wire_names=True).items() if _is_given(one, known.get(key))}
        label_of = {key: member.name for key, member in known.items()}
    elif isinstance(value, Mapping):
        given, label_of = dict(cast("Mapping[str, object]", value)), {}
    else:
        expected = f"a {model.__name__} or a dict"
        raise ValueError(f"{name} must be {expected}, not {type(value).__name__} {short(value)}")
    if odd := [key for key in given if not isinstance(key, str)]:
        raise ValueError(f"{name} has the key {short(odd[0])}, which is no string")
    unknown = [key for key in given if key not in known]
    if unknown and not open_ended:
        raise ValueError(f"{name} has no member {', '.join(unknown)}; it has {', '.join(known)}")
    found: dict[str, object] = {key: anything(f"{name}.{key}", given[key]) for key in unknown}
    for key, member in known.items():
        one, shown = given.get(key), f"{name}.{label_of.get(key, key)}"
        if key not in given and member.fixed is not None:
            found[key] = member.fixed
        elif one is None and member.nullable and (key in given or member.required):
            found[key] = None
        elif key in given:
            if member.deprecated:
                deprecated(shown)
            found[key] = member.check(shown, one)
        elif member.required:
            raise ValueError(f"{shown} is missing")
    if alternatives and sum(set(one) <= found.keys() for one in alternatives) != 1:
        listed = ", or ".join(" and ".join(one) for one in alternatives)
        raise ValueError(f"{name} must have exactly one of {listed}")
    return found


def _is_given(value: object, member: Member | None) -> bool:
    """Whether a member of a model was given: None may stand for one that was not."""
    return value is not None or (member is not None and member.required)


def variant(
    name: str,
    value: object,
    tag: str | None,
    variants: Sequence[tuple[tuple[str, ...], type[Any], Check[dict[str, object]]]],
) -> dict[str, object]:
    """An object of one of several classes: a model of one of them, or a mapping.

    Args:
        name: What messages call it.
        value: It.
        tag: The member, in JSON, by which a mapping is told; None where it is by what it has.
        variants: The values of the tag, the class, and the check of each.
    """
    for _, model, check in variants:
        if type(value) is model:
            return check(name, value)
    if not isinstance(value, Mapping):
        classes = ", ".join(model.__name__ for _, model, _ in variants)
        raise ValueError(f"{name} must be one of {classes}, or a dict; not {type(value).__name__} {short(value)}")
    if tag is None:
        found: dict[str, object] = one_of(name, cast("object", value), *(check for _, _, check in variants))
        return found
    given = cast("Mapping[str, object]", value).get(tag)
    for values_of_tag, _, check in variants:
        if given in values_of_tag:
            return check(name, cast("object", value))
    listed = ", ".join(one for values_of_tag, _, _ in variants for one in values_of_tag)
    raise ValueError(f"{name}.{tag} is {short(given)}; it must be one of {listed}")


def deprecated(what: str) -> None:
    """Warn of something that will go away, at the line of the program that asks for it."""
    inner, level = {"sequence_runtime"}, 0
    for level, (frame, _) in enumerate(walk_stack(currentframe()), 1):  # noqa: B007 - it is where the loop ends
        root = str(frame.f_globals.get("__name__")).partition(".")[0]
        if root not in inner:
            if len(inner) > 1:
                break
            inner |= {root, "sequence_sdk"}  # the generated package whose function it is, and what may have called that
    warnings.warn(f"{what} is deprecated", DeprecationWarning, stacklevel=level)
