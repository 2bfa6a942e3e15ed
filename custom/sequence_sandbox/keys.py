"""Decides what an API key may do: a reading of the tables of scopes, independent of the SDK's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeAlias, cast

import msgspec
from attrs import define, evolve, field, frozen

from .refusals import Denied
from .structs import convert

API: TypeAlias = Literal["v1", "platform"]
Entry: TypeAlias = dict[str, Any]
"""A permission: `{"scope": …, "resources": […]}`."""
Entries: TypeAlias = list[Entry]
"""Permissions of one API."""


@frozen
class Scopes:
    """The scopes of an API, by what their resources are."""

    none: frozenset[str]
    """Without resources."""
    ids: frozenset[str]
    """IDs of accounts or rules, or `*`."""
    routes: frozenset[str] = frozenset({"MANUAL_TRANSFER"})
    """Pairs of accounts."""


_EXAMPLES = {
    "none": "[]",
    "IDs or *": '["*"]',
    "account pairs": '[{"source": "acc_01HDEF0123", "target": "acc_01HGHI7890", "max_amount": 5000}]',
}

SCOPES: dict[API, Scopes] = {
    "v1": Scopes(
        none=frozenset({"LIST_ACCOUNTS", "LIST_RULES"}),
        ids=frozenset(
            {"READ_ACCOUNTS", "READ_TRANSFERS", "READ_CARDS", "READ_RULES", "TRIGGER_RULES", "READ_RULE_EXECUTIONS"}
        ),
    ),
    "platform": Scopes(
        none=frozenset({"CREATE_ACCOUNTS", "READ_AUDIT_LOGS"}),
        ids=frozenset({"READ_ACCOUNTS", "READ_RULES", "TRIGGER_RULES", "CREATE_AND_EDIT_RULES", "READ_TRANSFERS"}),
    ),
}


class _Route(msgspec.Struct, omit_defaults=True):
    source: str
    target: str
    max_amount: int | None = None


class _Entry(msgspec.Struct):
    scope: str
    resources: Literal["*"] | list[str | _Route] | None = None


def check_permissions(permissions: object) -> dict[str, Entries]:
    """The entries of a key for each API, if that is what they are.

    A list is of v1's; for both, or for the platform API, they come as `{"v1": […], "platform": […]}`. What is not
    named is not granted.

    Raises:
        ValueError: They are not lists of entries of known scopes; the text names the entry.
    """
    if isinstance(permissions, Mapping):
        named = cast("Mapping[object, object]", permissions)
        if not named or not named.keys() <= SCOPES.keys():
            raise ValueError(f"permissions: the APIs are {' and '.join(SCOPES)}, not {', '.join(map(str, named))}")
        return {api: _entries(api, named.get(api, []), f"permissions[{api!r}]") for api in SCOPES}
    return {"v1": _entries("v1", permissions, "permissions"), "platform": []}


def _entries(api: API, entries: object, place: str) -> Entries:
    try:
        read = convert(entries, list[_Entry])
    except msgspec.ValidationError as error:
        raise ValueError(f"{place}: {error}") from error
    scopes, checked = SCOPES[api], Entries()
    for index, entry in enumerate(read):
        resources = ["*"] if entry.resources == "*" else entry.resources or []
        ids = all(isinstance(resource, str) for resource in resources)
        fits = {
            **dict.fromkeys(scopes.none, not resources or (api == "platform" and resources == ["*"])),
            **dict.fromkeys(scopes.ids, ids and entry.resources is not None),
            **dict.fromkeys(scopes.routes, not any(isinstance(resource, str) for resource in resources)),
        }
        if entry.scope not in fits:
            raise ValueError(
                f"{place}[{index}]: {entry.scope} is no scope of {api}; use one of {', '.join(sorted(fits))}"
            )
        if not fits[entry.scope] or (entry.scope in scopes.routes and not resources):
            needed = (
                "account pairs" if entry.scope in scopes.routes else "IDs or *" if entry.scope in scopes.ids else "none"
            )
            raise ValueError(
                f"{place}[{index}].resources: what {entry.scope} needs is {needed}, such as {_EXAMPLES[needed]}"
            )
        checked.append({"scope": entry.scope, "resources": msgspec.to_builtins(resources)})
    return checked


@frozen
class Grants:
    """What a key may do through one API: what its entries say, or everything."""

    entries: Entries | None
    accounts: Mapping[str, object] | None = None
    """Those between which a key that may do everything can move money; None for any."""
    but: frozenset[str] = frozenset()
    """Accounts that a key that may do everything else cannot read."""
    needed: Entries = field(factory=Entries, eq=False)
    """What was asked for, in order."""

    def watched(self) -> Grants:
        """The same, for one request: what it needs is kept."""
        return evolve(self, needed=[])

    def _resources(self, scope: str, wanted: list[Any]) -> list[Any]:
        """All resources of a scope's entries, of which some are wanted.

        Raises:
            Denied: There is no such entry.
        """
        self.needed.append({"scope": scope, "resources": wanted})
        if self.entries is None:
            return ["*"]
        entries = [entry for entry in self.entries if entry["scope"] == scope]
        if not entries:
            raise Denied
        return [resource for entry in entries for resource in entry["resources"]]

    def require_some(self, scope: str, wanted: list[Any]) -> None:
        """Refuse unless there is an entry with the scope at all; what is wanted of it is looked at later.

        Raises:
            Denied: 403, with nothing said about what is missing.
        """
        self._resources(scope, wanted)

    def require(self, scope: str, any_of: Iterable[str] = ()) -> None:
        """Refuse unless an entry grants the scope, on one of the resources where some are given.

        Raises:
            Denied: 403, with nothing said about what is missing.
        """
        wanted = list(dict.fromkeys(any_of))
        resources = self._resources(scope, wanted)
        if wanted and "*" not in resources and set(wanted).isdisjoint(resources):
            raise Denied
        if scope == "READ_ACCOUNTS" and wanted and self.but.issuperset(wanted):
            raise Denied

    def require_each(self, scope: str, all_of: Iterable[str]) -> None:
        """Refuse unless entries grant the scope on every one of some resources.

        Raises:
            Denied: 403, with nothing said about what is missing.
        """
        wanted = list(dict.fromkeys(all_of))
        resources = self._resources(scope, wanted)
        if "*" not in resources and not set(wanted).issubset(resources):
            raise Denied

    def require_transfer(self, source: str, target: str, amount: int) -> None:
        """Refuse unless an entry grants transfers from one account to another, of this amount in cents.

        Raises:
            Denied: 403.
        """
        wanted = {"source": source, "target": target, "max_amount": amount}
        resources = self._resources("MANUAL_TRANSFER", [wanted])
        if self.entries is None:
            if self.accounts is None or (source != target and {source, target} <= self.accounts.keys()):
                return
            raise Denied
        routes = [route for route in resources if (route["source"], route["target"]) == (source, target)]
        if not routes:
            raise Denied
        limits = [route.get("max_amount") for route in routes]
        if all(limit is not None and limit < amount for limit in limits):
            raise Denied("MAXIMUM_AMOUNT_EXCEEDED", "The amount exceeds this API key's maximum.")


@define
class Key:
    """An API key of the organization."""

    name: str = field(repr=False)
    """The key itself."""
    id: str
    label: str
    """What people call it."""
    grants: dict[API, Grants]
    but: tuple[str, ...] = ()
    """Accounts that it cannot read although it may do everything else, by their IDs in v1."""

    def entries(self) -> dict[str, Entries] | None:
        """What it may do in each API; None where that is everything."""
        found: dict[str, Entries] = {
            api: grants.entries for api, grants in self.grants.items() if grants.entries is not None
        }
        return found or None
