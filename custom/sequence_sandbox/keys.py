"""Decides what an API key may do: a reading of the table of scopes, independent of the SDK's."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

import msgspec
from attrs import define, field

from .protocol import Refused

ACCOUNT_SCOPES = ("READ_ACCOUNTS", "READ_TRANSFERS", "READ_CARDS")
RULE_SCOPES = ("READ_RULES", "TRIGGER_RULES", "READ_RULE_EXECUTIONS")
LIST_SCOPES = ("LIST_ACCOUNTS", "LIST_RULES")


def every_permission(account_ids: Iterable[str]) -> list[dict[str, Any]]:
    """Entries that grant everything: all scopes, on everything, and transfers between all accounts."""
    accounts = list(account_ids)
    routes = [{"source": source, "target": target} for source in accounts for target in accounts if source != target]
    return [
        *({"scope": scope, "resources": []} for scope in LIST_SCOPES),
        *({"scope": scope, "resources": ["*"]} for scope in ACCOUNT_SCOPES + RULE_SCOPES),
        {"scope": "MANUAL_TRANSFER", "resources": routes},
    ]


class _Route(msgspec.Struct, omit_defaults=True):
    source: str
    target: str
    max_amount: int | None = None


class _Entry(msgspec.Struct):
    scope: str
    resources: Literal["*"] | list[str | _Route] | None = None


def check_permissions(entries: object) -> list[dict[str, Any]]:
    """The entries of a key, if that is what they are.

    Raises:
        ValueError: They are not a list of entries of known scopes; the text names the entry.
    """
    try:
        read = msgspec.convert(entries, list[_Entry])
    except msgspec.ValidationError as error:
        raise ValueError(f"permissions: {error}") from error
    checked: list[dict[str, Any]] = []
    for index, entry in enumerate(read):
        resources = ["*"] if entry.resources == "*" else entry.resources or []
        ids = all(isinstance(resource, str) for resource in resources)
        fits = {
            **dict.fromkeys(LIST_SCOPES, not resources),
            **dict.fromkeys(ACCOUNT_SCOPES + RULE_SCOPES, ids and entry.resources is not None),
            "MANUAL_TRANSFER": not any(isinstance(resource, str) for resource in resources),
        }
        if not fits.get(entry.scope, False):
            raise ValueError(
                f"permissions[{index}]: {entry.scope} is no scope, or its resources are not as it needs them"
            )
        checked.append({"scope": entry.scope, "resources": msgspec.to_builtins(resources)})
    return checked


@define
class Key:
    """An API key of the organization: its permission entries, and what it keeps account of."""

    name: str = field(repr=False)
    permissions: list[dict[str, Any]]

    def _resources(self, scope: str) -> list[Any]:
        """All resources of a scope's entries.

        Raises:
            Refused: There is no such entry.
        """
        entries = [entry for entry in self.permissions if entry["scope"] == scope]
        if not entries:
            raise forbidden()
        return [resource for entry in entries for resource in entry["resources"]]

    def require(self, scope: str, any_of: Iterable[str] = ()) -> None:
        """Refuse unless an entry grants the scope, on one of the resources where some are given.

        Raises:
            Refused: 403, with nothing said about what is missing.
        """
        resources, wanted = self._resources(scope), set(any_of)
        if wanted and "*" not in resources and wanted.isdisjoint(resources):
            raise forbidden()

    def require_transfer(self, source: str, target: str, amount: int) -> None:
        """Refuse unless an entry grants transfers from one account to another, of this amount in cents.

        Raises:
            Refused: 403.
        """
        routes = [
            route
            for route in self._resources("MANUAL_TRANSFER")
            if (route["source"], route["target"]) == (source, target)
        ]
        if not routes:
            raise forbidden()
        limits = [route.get("max_amount") for route in routes]
        if all(limit is not None and limit < amount for limit in limits):
            raise Refused(403, "MAXIMUM_AMOUNT_EXCEEDED", "The amount exceeds this API key's maximum.")


def forbidden() -> Refused:
    return Refused(403, "forbidden", "This API key does not have the required permission.")
