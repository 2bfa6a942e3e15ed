"""Decides which permission a call needs, by what its contract says."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import cast

from msgspec import Struct

from sequence_runtime import Permission

from .errors import InvalidArgumentError, Resource

EVERY = "*"


class Requirement(Struct, frozen=True):
    """What a call needs a key to grant."""

    scope: str
    """Such as `READ_CARDS`."""
    resources: tuple[Resource, ...] | None
    """IDs, or one `{"source", "target", "max_amount"}` set with the amount in cents; `()` where the scope has no
    resources; None where only the server knows which resource it checks."""
    hint: str | None = None
    """The resource in words, where only the server knows it."""

    @property
    def grant(self) -> str:
        """The entry, as JSON, that makes a key grant the call; it covers every resource where none is known."""
        return json.dumps(entry(self.scope, (EVERY,) if self.resources is None else self.resources))

    def __str__(self) -> str:
        if self.resources is None:
            return f"{self.scope} on {self.hint}"
        words = [in_words(resource) for resource in self.resources]
        return f"{self.scope} {', '.join(words)}" if words else self.scope


def requirement(operation: str, permission: Permission, arguments: Mapping[str, object]) -> Requirement:
    """What a call needs whose operation needs this permission.

    Raises:
        InvalidArgumentError: An argument that names the resource is missing.
    """
    match permission.location:
        case "none":
            return Requirement(permission.scope, ())
        case "server":
            return Requirement(permission.scope, None, permission.hint)
        case "organization":
            return Requirement(permission.scope, (EVERY,))
        case "path" | "query":
            named = _argument(operation, arguments, permission.name)
            if isinstance(named, str):
                return Requirement(permission.scope, (named,))
            ids = cast("Sequence[object]", named) if isinstance(named, list | tuple) else [named]
            return Requirement(permission.scope, tuple(dict.fromkeys(map(str, ids))))
        case _:  # "body"
            amount = _argument(operation, arguments, permission.max_amount)
            if not isinstance(amount, int):
                raise InvalidArgumentError(f"{operation}: {permission.max_amount} must be an int, the amount in cents")
            transfer: dict[str, str | int] = {
                "source": str(_argument(operation, arguments, permission.source)),
                "target": str(_argument(operation, arguments, permission.target)),
                "max_amount": amount,
            }
            return Requirement(permission.scope, (transfer,))


def _argument(operation: str, arguments: Mapping[str, object], name: str | None) -> object:
    value = arguments.get(name or "")
    if value is None:
        raise InvalidArgumentError(
            f"{operation} needs the argument {name}: it names what the permission is checked for"
        )
    return value


def entry(scope: str, resources: Sequence[Resource]) -> dict[str, object]:
    """One entry; a scope without resources has no `resources`, as the table of scopes says `none`."""
    return {"scope": scope, "resources": list(resources)} if resources else {"scope": scope}


def in_words(resource: Resource) -> str:
    if isinstance(resource, str):
        return "on everything" if resource == EVERY else f"on {resource}"
    return f"from {resource['source']} to {resource['target']} for {resource['max_amount']} cents"
