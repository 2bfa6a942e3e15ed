"""Reads the permissions of an API key, says what they grant, and records which ones a program needs."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, ClassVar, Self, cast

import msgspec

from sequence_runtime import Contract, Operation

from ..errors import ConfigurationError, InvalidArgumentError, Missing, Resource
from ..requirements import EVERY, Requirement, entry, requirement
from ..responses import canonical, values_at

Route = str | tuple[str | int, str | int]
"""What a resource is, whatever the amount: an ID, or the source and the target of transfers."""

Granted = dict[str, dict[Route, Resource]]
"""Resources by scope. Of several transfer sets with one route, the one with the highest limit."""


Source = str | bytes | Sequence[Mapping[str, object]] | Mapping[str, object]
"""JSON, as text or read already: a list of entries, or such lists by the APIs' names."""


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

    contract: ClassVar[Contract]
    """Of the API whose keys have them."""

    def __init__(self) -> None:
        self._granted: Granted = {}
        self._source: Source | None = None
        """What they were read from."""

    @classmethod
    def from_json(cls, entries: Source) -> Self:
        """Read a list of entries, `{"scope": …, "resources": […]}`, from JSON text or from JSON that was read already.

        `resources` is a list of IDs, `"*"` or a list that holds it; for `MANUAL_TRANSFER` a list of
        `{"source", "target", "max_amount"}` sets with an optional amount in cents; for the `LIST_…` scopes it is
        left out, null or empty. Several entries of one scope add up; of several sets with the same source and target,
        the highest limit counts. A scope that this version does not know is kept.

        The APIs mean different things by the names of scopes. So a key's permissions for both are an object with a list
        for each, `{"v1": […], "platform": […]}`. A list alone belongs to the API of the client that it is given to.

        Raises:
            ConfigurationError: That is no such list; the message names the entry.
        """
        try:
            read = msgspec.json.decode(entries) if isinstance(entries, str | bytes) else entries
            if isinstance(read, Mapping):
                read = _part(cast("Mapping[str, object]", read), cls.contract.short_name)
            given = msgspec.convert(read, list[_Entry])
        except msgspec.DecodeError as error:
            raise ConfigurationError(
                f'permissions: {error}; give a JSON list such as [{{"scope": "READ_CARDS", "resources": ["acc_…"]}}]'
            ) from error
        permissions = cls()
        permissions._source = entries
        for index, one in enumerate(given):
            permissions._grant(one.scope, _read_resources(f"permissions[{index}]", one, cls.contract))
        return permissions

    def of(self, contract: Contract) -> Permissions:
        """These permissions, for the client of an API: what they were read from is read for that.

        Raises:
            ConfigurationError: They are of another API and were not read, or there are none for this one.
        """
        if self.contract is contract:
            return self
        if self._source is None:
            raise ConfigurationError(f"permissions are of the {self.contract.name}, and not of the {contract.name}")
        its_own: type[Permissions] = type(type(self).__name__, (Permissions,), {"contract": contract})
        return its_own.from_json(self._source)

    def allows(self, operation: Operation[Any, Any] | str, **arguments: object) -> bool:
        """Whether these permissions grant a call of `operation` (or of its operationId) with `arguments`.

        Where only the server knows which resource it checks, as for `getCard`, having the scope is enough.

        Raises:
            InvalidArgumentError: There is no such operation, or an argument that names the resource is missing.
        """
        operations = self.contract.operations
        if isinstance(operation, str):
            if operation not in operations:
                raise InvalidArgumentError(f"there is no operation {operation!r}; use one of {', '.join(operations)}")
            operation = operations[operation]
        permission = operation.permission
        return permission is None or self.missing(requirement(operation.id, permission, arguments)) is None

    def missing(self, needed: Requirement) -> Missing | None:
        """Which part of a requirement these permissions lack; None where they lack nothing."""
        if needed.scope not in self._granted:
            return "scope"
        granted = self._granted[needed.scope]
        if needed.resources is None:
            return None if granted else "resource"
        for resource in needed.resources:
            if isinstance(resource, str) and resource in granted:
                continue  # which is so for most calls
            held = granted.get(_route(resource), granted.get(EVERY))
            if held is None:
                return "resource"
            if _limit(held) < _limit(resource):
                return "amount"
        return None

    def check(self, needed: Requirement) -> Missing | None:
        """What a client asks before it sends a request: `missing`, and a recording takes note."""
        return self.missing(needed)

    def to_json(self) -> str:
        """The entries as JSON, an entry a scope."""
        entries = [entry(scope, list(resources.values())) for scope, resources in self._listed().items()]
        return json.dumps(entries, indent=2)

    def _listed(self) -> Granted:
        """What `to_json` gives."""
        return self._granted

    def _grant(self, scope: str, resources: Iterable[Resource]) -> None:
        granted = self._granted.setdefault(scope, {})
        for resource in resources:
            held = granted.get(_route(resource))
            if held is None or _limit(held) < _limit(resource):
                granted[_route(resource)] = resource

    def learn(self, operation: Operation[Any, Any], response: object) -> None:
        """Take note of a response. Declared permissions have nothing to learn from one."""

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(self._listed())})"


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
        self._grant(needed.scope, needed.resources)

    def learn(self, operation: Operation[Any, Any], response: object) -> None:
        """Take note of the resource that a response names, where only the server knew it before."""
        permission = operation.permission
        paths = permission.response if permission is not None else ()
        found = frozenset(text for path in paths for text in values_at(response, path) if isinstance(text, str))
        if found and permission is not None:
            self._any_of[permission.scope, found] = None
            self._unresolved[requirement(operation.id, permission, {})] -= 1

    def _listed(self) -> Granted:
        """A small set with which the program would have run."""
        needed: Granted = {scope: dict(resources) for scope, resources in self._granted.items()}
        open_choices = list(self._any_of)
        while open_choices:
            # A transfer can be read through either of its accounts: first take those that were needed anyway, then
            # the account that settles most of the others.
            open_choices = [(scope, ids) for scope, ids in open_choices if not ids & needed.get(scope, {}).keys()]
            votes = Counter((scope, resource) for scope, ids in open_choices for resource in sorted(ids))
            for (scope, resource), _ in votes.most_common(1):
                needed.setdefault(scope, {})[resource] = resource
        return needed


def _route(resource: Resource) -> Route:
    if isinstance(resource, str):
        return canonical(resource)
    return canonical(str(resource["source"])), canonical(str(resource["target"]))


def _limit(resource: Resource) -> float:
    """The amount in cents that a resource is limited to; infinite where it is not."""
    if isinstance(resource, str) or "max_amount" not in resource:
        return math.inf
    return int(resource["max_amount"])


def _part(parts: Mapping[str, object], name: str) -> object:
    """What permissions for several APIs hold for one of them."""
    if name not in parts:
        others = f", only for {', '.join(map(repr, parts))}" if parts else ""
        raise ConfigurationError(f"permissions: there are none for {name!r}{others}")
    return parts[name]


def _read_resources(where: str, entry: _Entry, contract: Contract) -> list[Resource]:
    location = contract.scopes.get(entry.scope)
    if location == "organization":
        if entry.resources in (None, EVERY, [EVERY]):
            return [EVERY]
        raise ConfigurationError(f'{where}: {entry.scope} is of the whole organization: its resources are "*"')
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
