"""Checks of arguments, before anything is sent: each gives the value for the wire or raises a ValueError.

The message names the argument, what is wrong with it, and what would be right.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from reprlib import repr as short
from typing import TypeVar
from urllib.parse import quote

from .models import OpenEnum

EnumT = TypeVar("EnumT", bound=OpenEnum)

_HEADER = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")


def _string(name: str, value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name} must be a string, not {type(value).__name__} {short(value)}")
    return value


def resource_id(name: str, value: object, prefix: str = "", *, others: tuple[str, ...] = (), max_length: int) -> str:
    """An ID that does not begin as those of `others` do, unless with its own `prefix`."""
    text = _string(name, value)
    example = f"{prefix}01HDEF0123"
    if not text:
        raise ValueError(f"{name} is empty; give an ID such as {example}")
    if text in {".", ".."}:
        raise ValueError(f"{name} is {text!r}, which is no ID; give one such as {example}")
    if not text.isprintable() or " " in text:  # no other space is printable
        raise ValueError(f"{name} {short(text)} has spaces or control characters; give the ID without them")
    if len(text) > max_length:
        raise ValueError(f"{name} has {len(text)} characters, which no ID has; give one such as {example}")
    if not text.startswith(prefix) and text.startswith(others):
        raise ValueError(f"{name} {short(text)} is the ID of something else; give one such as {example}")
    return text


def path_segment(name: str, value: object, prefix: str = "", *, others: tuple[str, ...] = (), max_length: int) -> str:
    """An ID as one segment of a path, percent-encoded: it can neither add segments nor remove any."""
    return quote(resource_id(name, value, prefix, others=others, max_length=max_length), safe="")


def text(name: str, value: object, *, min_length: int = 0) -> str:
    """Any text that UTF-8 can encode."""
    checked = _string(name, value)
    if len(checked) < min_length:
        raise ValueError(f"{name} is empty; leave it out, or give it a value")
    try:
        checked.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{name} {short(checked)} holds a lone surrogate, which no text can hold") from error
    return checked


def header(name: str, value: object, *, max_length: int | None = None, pattern: str | None = None) -> str:
    """The value of a header: visible ASCII characters, and spaces between them."""
    checked = _string(name, value)
    if not _HEADER.fullmatch(checked):
        raise ValueError(
            f"{name} {short(checked)} cannot be a header; use visible ASCII characters, and no line breaks"
        )
    if max_length is not None and len(checked) > max_length:
        raise ValueError(f"{name} has {len(checked)} characters; at most {max_length} are allowed")
    if pattern is not None and not re.fullmatch(pattern, checked):
        raise ValueError(f"{name} {short(checked)} has characters other than {pattern}; a UUID is always right")
    return checked


def integer(name: str, value: object, *, minimum: int | None = None, maximum: int | None = None) -> int:
    """A whole number; a bool is none, and neither is a float, whatever its value."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name} must be an int, not {type(value).__name__} {short(value)}; convert it first")
    shown = value if value.bit_length() < 128 else f"a number of {value.bit_length()} bits"
    if minimum is not None and value < minimum:
        raise ValueError(f"{name} is {shown}; it must be at least {minimum}")
    if maximum is not None and value > maximum:
        raise ValueError(f"{name} is {shown}; it must be at most {maximum}")
    return int(value)


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


def timestamp(name: str, value: object) -> str:
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
    if isinstance(value, enum):
        return str(value)
    if _string(name, value) not in enum.__members__.values():
        listed = ", ".join(enum)
        raise ValueError(
            f"{name} is {short(value)}; it must be one of {listed}. A value added since can be given as "
            f"models.{enum.__name__}(…)"
        )
    return str(value)
