"""Refuses arguments that cannot be sent or used."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ParamSpec, TypeVar

from msgspec.structs import replace

from sequence_runtime import Operation, Request, checks

from .errors import InvalidArgumentError
from .settings import own_headers

P = ParamSpec("P")
T = TypeVar("T")


def checked(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """What a function of the generated package gives: the call of an operation, or what a check lets pass.

    Raises:
        InvalidArgumentError: It refuses an argument, or cannot do anything with it.
    """
    try:
        return function(*args, **kwargs)
    except (ValueError, TypeError, OverflowError) as refused:
        if isinstance(refused, TypeError) and refused.__traceback__ and refused.__traceback__.tb_next is None:
            raise  # it is not the values that are wrong: the function has not begun
        problem = str(refused)
    raise InvalidArgumentError(problem)


def as_its_operations(operation: Operation[Any, Any], request: Request) -> Request:
    """A request that somebody made, with headers spelt as its operation has them.

    Raises:
        InvalidArgumentError: It is none of that operation: what holds for that would not hold for it.
    """
    path = re.sub(r"\\\{\w+\\\}", "[^/?#]+", re.escape(operation.path))
    if request.method != operation.method or not re.fullmatch(path, request.path):
        raise InvalidArgumentError(
            f"{operation.id} is {operation.method} {operation.path}, and not {request.method} {request.path[:100]}"
        )
    spelt = own_headers(operation.contract)
    return replace(request, headers={spelt.get(name.lower(), name): value for name, value in request.headers.items()})


def check_moment(name: str, value: object) -> datetime:
    """A datetime with a time zone, in UTC.

    Raises:
        InvalidArgumentError: It is something else.
    """
    if not isinstance(value, datetime) or value.utcoffset() is None:
        raise InvalidArgumentError(
            f"{name} is {value!r}; give a datetime with a time zone, such as datetime(2024, 4, 24, 12, tzinfo=UTC)"
        )
    checked(checks.moment, name, value)  # there are moments that are outside the years 1 to 9999 in UTC
    return value.astimezone(UTC)
