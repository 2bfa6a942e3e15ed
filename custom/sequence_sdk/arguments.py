"""Refuses arguments that cannot be sent or used."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import ParamSpec, TypeVar

from .errors import InvalidArgumentError

P = ParamSpec("P")
T = TypeVar("T")


def checked(check: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What a check of the generated package gives.

    Raises:
        InvalidArgumentError: It refuses its argument, or cannot do anything with it.
    """
    try:
        return check(*args, **kwargs)
    except (ValueError, TypeError, OverflowError) as refused:
        problem = str(refused)
    raise InvalidArgumentError(problem)


def check_moment(name: str, value: object) -> datetime:
    """A datetime with a time zone, in UTC.

    Raises:
        InvalidArgumentError: It is something else.
    """
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise InvalidArgumentError(
            f"{name} is {value!r}; give a datetime with a time zone, such as datetime(2024, 4, 24, 12, tzinfo=UTC)"
        )
    try:
        return value.astimezone(UTC)
    except OverflowError:
        problem = f"{name} is {value.isoformat()}, which is outside the years 1 to 9999 in UTC"
    raise InvalidArgumentError(problem)
