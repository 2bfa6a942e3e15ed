"""Decides which permission a call needs, and whether a key's permissions grant it.

The scopes and where each operation's resource is found come from openapi.yaml, by way of the generated
`Operation`. Documentation: the table of scopes at https://cartesio.getsequence.io/docs/cards/listCards.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, TypeVar

import msgspec
from attrs import frozen

from sequence_api_client import Operation, api

from .errors import ConfigurationError, InvalidArgumentError, Missing, Resource
from .paths import values_at

ResponseT = TypeVar("ResponseT")

EVERY = "*"


@frozen
class Requirement:
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
        return json.dumps(_entry(self.scope, (EVERY,) if self.resources is None else self.resources))

    def __str__(self) -> str:
        if self.resources is None:
            return f"{self.scope} on {self.hint}"
        words = [_in_words(resource) for resource in self.resources]
        return f"{self.scope} {', '.join(words)}" if words else self.scope


def requirement(operation: Operation[ResponseT], arguments: Mapping[str, object]) -> Requirement:
    """What a call of `operation` with `arguments` needs.

    Raises:
        InvalidArgumentError: An argument that names the resource is missing.
    """
    where = operation.resource

    def argument(name: str | None) -> object:
        value = arguments.get(name or "")
        if value is None:
            raise InvalidArgumentError(
                f"{operation.id} needs the argument {name}: it names what the permission is checked for"
            )
        return value

    match where.location:
        case "none":
            return Requirement(operation.scope, ())
        case "server":
            return Requirement(operation.scope, None, where.hint)
        case "path" | "query":
            return Requirement(operation.scope, (str(argument(where.name)),))
        case _:  # "body"
            amount = argument(where.max_amount)
            if not isinstance(amount, int):
                raise InvalidArgumentError(f"{operation.id}: {where.max_amount} must be an int, the amount in cents")
            entry: dict[str, str | int] = {
                "source": str(argument(where.source)),
                "target": str(argument(where.target)),
                "max_amount": amount,
            }
            return Requirement(operation.scope, (entry,))


class _TransferSet(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    source: Annotated[str, msgspec.Meta(min_length=1)]
    target: Annotated[str, msgspec.Meta(min_length=1)]
    max_amount: Annotated[int, msgspec.Meta(ge=0)] | None = None


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    scope: Annotated[str, msgspec.Meta(min_length=1)]
    resources: str | list[Annotated[str, msgspec.Meta(min_length=1)] | _TransferSet] | None = None


class Permissions:
    """The permission entries of an API key, as they were set when the key was made.

    Given to a client, they turn a refusal that the server is bound to make into a local one, before a request is
    spent, and let errors say what is missing.

        permissions = Permissions.from_json('[{"scope": "READ_ACCOUNTS", "resources": ["acc_01HDEF0123"]}]')
        permissions.allows("getAccount", id="acc_01HDEF0123")  # True
    """

    def __init__(self) -> None:
        self._resources: dict[str, list[Resource]] = {}

    @classmethod
    def from_json(cls, entries: str | bytes | Sequence[Mapping[str, object]]) -> Permissions:
        """Read a list of entries, `{"scope": …, "resources": […]}`, from JSON text or from JSON that was read already.

        `resources` is a list of IDs, `"*"` or a list that holds it; for `MANUAL_TRANSFER` a list of
        `{"source", "target", "max_amount"}` sets with an optional amount in cents; for the `LIST_…` scopes it is
        left out, null or empty. Several entries of one scope add up. A scope that this version does not know is kept.

        Raises:
            ConfigurationError: That is no such list; the message names the entry.
        """
        try:
            if isinstance(entries, str | bytes):
                read = msgspec.json.decode(entries, type=list[_Entry])
            else:
                read = msgspec.convert(entries, list[_Entry])
        except msgspec.DecodeError as error:
            raise ConfigurationError(
                f'permissions: {error}; give a JSON list such as [{{"scope": "READ_CARDS", "resources": ["acc_…"]}}]'
            ) from error
        permissions = cls()
        for index, entry in enumerate(read):
            resources = _read_resources(f"permissions[{index}]", entry)
            permissions._resources.setdefault(entry.scope, []).extend(resources)
        return permissions

    @staticmethod
    def recording() -> RecordingPermissions:
        """Permissions that refuse nothing and collect the smallest set that a program needed while it ran."""
        return RecordingPermissions()

    def allows(self, operation: Operation[ResponseT] | str, **arguments: object) -> bool:
        """Whether these permissions grant a call of `operation` (or of its operationId) with `arguments`.

        Where only the server knows which resource it checks, as for `getCard`, having the scope is enough.

        Raises:
            InvalidArgumentError: There is no such operation, or an argument that names the resource is missing.
        """
        if isinstance(operation, str):
            if operation not in api.OPERATIONS:
                raise InvalidArgumentError(
                    f"there is no operation {operation!r}; use one of {', '.join(api.OPERATIONS)}"
                )
            return self.missing(requirement(api.OPERATIONS[operation], arguments)) is None
        return self.missing(requirement(operation, arguments)) is None

    def missing(self, needed: Requirement) -> Missing | None:
        """Which part of a requirement these permissions lack; None where they lack nothing."""
        if needed.scope not in self._resources:
            return "scope"
        granted = self._resources[needed.scope]
        if needed.resources is None:
            return None if granted else "resource"
        for resource in needed.resources:
            if (part := _missing_part(resource, granted)) is not None:
                return part
        return None

    def check(self, needed: Requirement) -> Missing | None:
        """What a client asks before it sends a request: `missing`, and a recording takes note."""
        return self.missing(needed)

    def to_json(self) -> str:
        """The entries as JSON, an entry a scope."""
        return json.dumps(self._entries(), indent=2)

    def _entries(self) -> list[dict[str, object]]:
        return [_entry(scope, resources) for scope, resources in self._resources.items()]

    def learn(self, operation: Operation[ResponseT], response: ResponseT) -> None:
        """Take note of a response. Declared permissions have nothing to learn from one."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(str(entry['scope']) for entry in self._entries())})"


class RecordingPermissions(Permissions):
    """Permissions that refuse nothing and collect what was needed; made by `Permissions.recording()`.

    `to_json()` gives a small set of entries with which the program would have run, for its next key. Where several
    accounts would do for a call it takes those that settle most calls, which is not always the fewest.
    """

    def __init__(self) -> None:
        super().__init__()
        self._any_of: dict[tuple[str, frozenset[str]], None] = {}
        self._unresolved: Counter[Requirement] = Counter()

    @property
    def unresolved(self) -> tuple[str, ...]:
        """What was needed on a resource that no response named, in words; `to_json()` leaves it out.

        So it is with a call that failed, or a list that is empty.
        """
        return tuple(str(needed) for needed in +self._unresolved)

    def missing(self, needed: Requirement) -> None:
        """Nothing: a recording refuses nothing."""

    def check(self, needed: Requirement) -> None:
        """Take note of what a call needs, whether it will succeed or not."""
        if needed.resources is None:
            self._unresolved[needed] += 1
            return
        self._resources.setdefault(needed.scope, [])
        for resource in needed.resources:
            self._add(needed.scope, resource)

    def learn(self, operation: Operation[ResponseT], response: ResponseT) -> None:
        """Take note of the resource that a response names, where only the server knew it before."""
        found = frozenset(
            text for path in operation.resource.response for text in values_at(response, path) if isinstance(text, str)
        )
        if found:
            self._any_of[operation.scope, found] = None
            self._unresolved[requirement(operation, {})] -= 1

    def _entries(self) -> list[dict[str, object]]:
        """A small set of entries with which the program would have run."""
        recorded = Permissions()
        recorded._resources = {scope: list(resources) for scope, resources in self._resources.items()}
        open_choices = [(scope, ids) for scope, ids in self._any_of]
        while open_choices:
            # A transfer can be read through either of its accounts: first take those that were needed anyway, then
            # the account that settles most of the others.
            held = {scope: set(map(str, resources)) for scope, resources in recorded._resources.items()}
            open_choices = [(scope, ids) for scope, ids in open_choices if not ids & held.get(scope, set())]
            votes = Counter((scope, resource) for scope, ids in open_choices for resource in sorted(ids))
            for (scope, resource), _ in votes.most_common(1):
                recorded._resources.setdefault(scope, []).append(resource)
        return recorded._entries()

    def _add(self, scope: str, resource: Resource) -> None:
        held = self._resources.setdefault(scope, [])
        if isinstance(resource, str):
            if resource not in held:
                held.append(resource)
            return
        for index, other in enumerate(held):
            if not isinstance(other, str) and _route(other) == _route(resource):
                held[index] = other if _covers(other, resource) else resource
                return
        held.append(resource)


def _missing_part(needed: Resource, granted: Iterable[Resource]) -> Missing | None:
    if isinstance(needed, str):
        return None if needed in granted or EVERY in granted else "resource"
    entries = [entry for entry in granted if not isinstance(entry, str) and _route(entry) == _route(needed)]
    if not entries:
        return "resource"
    return None if any(_covers(entry, needed) for entry in entries) else "amount"


def _route(entry: Mapping[str, str | int]) -> tuple[str | int, str | int]:
    return entry["source"], entry["target"]


def _covers(entry: Mapping[str, str | int], needed: Mapping[str, str | int]) -> bool:
    """Whether an entry's limit, if it has one, is at least an amount; both in cents."""
    return "max_amount" not in entry or int(needed["max_amount"]) <= int(entry["max_amount"])


def _entry(scope: str, resources: Sequence[Resource]) -> dict[str, object]:
    """One entry; a scope without resources has no `resources`, as the table of scopes says `none`."""
    return {"scope": scope, "resources": list(resources)} if resources else {"scope": scope}


def _in_words(resource: Resource) -> str:
    if isinstance(resource, str):
        return f"on {resource}"
    return f"from {resource['source']} to {resource['target']} for {resource['max_amount']} cents"


def _read_resources(where: str, entry: _Entry) -> list[Resource]:
    location = api.SCOPES.get(entry.scope)
    if entry.resources is None and location not in {"none", None}:
        raise ConfigurationError(f"{where}: {entry.scope} needs resources; give [] if it is to have none")
    if not entry.resources or entry.resources == "none":
        return []
    if location == "none":
        raise ConfigurationError(f"{where}: {entry.scope} takes no resources; leave them out")
    resources = [entry.resources] if isinstance(entry.resources, str) else entry.resources
    if location == "body" and any(isinstance(resource, str) for resource in resources):
        raise ConfigurationError(f'{where}: {entry.scope} takes sets such as {{"source": "acc_…", "target": "acc_…"}}')
    if location not in {"body", None} and not all(isinstance(resource, str) for resource in resources):
        raise ConfigurationError(f'{where}: {entry.scope} takes IDs, or "*" for all')
    if isinstance(entry.resources, str) and entry.resources != EVERY:
        raise ConfigurationError(f'{where}: resources must be a list of IDs, or "*" for all')
    return [resource if isinstance(resource, str) else msgspec.to_builtins(resource) for resource in resources]
