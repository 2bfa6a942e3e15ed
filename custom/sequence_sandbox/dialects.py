"""What differs between the APIs that a sandbox serves: where each is, its operations, and how it says things."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Generic, TypeAlias, TypeVar

from attrs import define, field, frozen
from starlette.requests import Request
from starlette.responses import Response

from .keys import API, Grants, Key
from .organization import Organization


@define(kw_only=True)
class Settings:
    """What of a sandbox can be set while it runs."""

    late_gets: int = 0
    """How often a transfer or an execution is not found that was just made over `/platform/v1`."""
    _late: dict[str, int] = field(factory=dict[str, int], init=False)
    _made_with: int = field(init=False, default=0)

    def __attrs_post_init__(self) -> None:
        self._made_with = self.late_gets

    def reset(self) -> None:
        """Be as it was made."""
        self.late_gets = self._made_with
        self._late.clear()

    def made(self, identifier: str) -> None:
        """Begin to count how often something new is got."""
        if self.late_gets > 0:
            self._late[identifier] = self.late_gets

    def is_late(self, identifier: str) -> bool:
        """Whether something is not found yet, by this get."""
        left = self._late.pop(identifier, 0)
        if left > 1:
            self._late[identifier] = left - 1
        return left > 0


@frozen(kw_only=True)
class Call:
    """A request to respond to: who asks, what for, and of which organization."""

    operation: str
    request: Request
    body: bytes
    key: Key
    grants: Grants
    organization: Organization
    settings: Settings
    now: datetime


C = TypeVar("C", bound=Call)
Operation: TypeAlias = tuple[str, str, str, Callable[[C], Response]]
"""Name, method, path and handler."""


@frozen(kw_only=True)
class Dialect(Generic[C]):
    """One API."""

    name: API
    base_path: str
    scheme: str
    """The word before the key in the header `Authorization`."""
    operations: Sequence[Operation[C]]
    idempotent: frozenset[str]
    """The operations that an idempotency key can be given to."""
    call: Callable[..., C]
    codes: dict[int, str]
    """What errors are called, by their status, where they have no name of their own."""
    request_id: Callable[[Request, int], None]
    """Gives a request its ID, from a number where it brings none."""
    headers: Callable[[Request], dict[str, str]]
    """The headers of every response to a request."""
    error: Callable[[str, str, str], dict[str, Any]]
    """The body of an error, from its code, its message, and the ID of the request."""
    done: Callable[[C, str | None], None]
    """Told of every call made with a key, with the code of its error."""


def operation_of(operations: Sequence[Operation[Any]], method: str, path: str) -> str | None:
    """The operation that a path below the base path is of."""
    for name, its_method, its_path, _ in operations:
        if its_method == method and re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", its_path), path):
            return name
    return None
