"""What an API and its operations are: records that a generator fills from a contract."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from importlib import import_module
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from attrs import field, frozen
from msgspec import Struct

from .decoding import decoder
from .pages import PageStyle

T = TypeVar("T")
ResponseT = TypeVar("ResponseT")
DataT = TypeVar("DataT")

Location: TypeAlias = Literal["none", "organization", "path", "query", "body", "server"]
"""Where a call names the resource that a permission is checked on; `none`: the scope has no resources; `organization`:
it has all, as `*`; `server`: only the server knows it."""

TEN_YEARS = 10 * 365 * 86400
"""Seconds."""


# The records that a generator fills are Structs, which take a fiftieth of the time of attrs classes to be defined: all
# programs wait for that when they import a package. What has parts that are found out later is an attrs class.
class ErrorFormat(Struct, frozen=True, kw_only=True):
    """Where the JSON of an error has what it says, as members one below the other."""

    code: tuple[str, ...] = ()
    message: tuple[str, ...] = ()
    request_id: tuple[str, ...] = ()


class Idempotency(Struct, frozen=True, kw_only=True):
    """How an API recognizes a write that is repeated."""

    header: str
    """Such as `Idempotency-Key`."""
    kept_for: float
    """Seconds for which the server remembers a key, for each API key."""
    mismatch: frozenset[str]
    """The codes by which it says that a key was used for another request; in lower case."""
    in_progress: tuple[str, ...]
    """How the codes end by which it says that it has not finished the first request; in lower case."""

    def __post_init__(self) -> None:
        if not 0 < self.kept_for <= TEN_YEARS:
            raise ValueError(f"kept_for is {self.kept_for!r}: it must be above 0, and at most {TEN_YEARS} seconds")


class Simulation(Struct, frozen=True, kw_only=True):
    """How calls say that nothing is to be done for real."""

    argument: str
    """The argument of a write that says so, where it is true."""
    member: str
    """What that is called in JSON."""
    filter: str
    """The argument of a list that says which are meant."""
    simulated: str
    """What that and responses say of what was simulated."""
    live: str
    """And of all else."""


@frozen
class Operations(Mapping[str, "Operation[Any, Any]"]):
    """The operations of an API by operationId, each of which is loaded when it is first asked for."""

    package: str
    """The package whose modules hold them."""
    places: Mapping[str, tuple[str, str]]
    """By operationId the module and the name in it."""

    def __getitem__(self, operation_id: str) -> Operation[Any, Any]:
        module, name = self.places[operation_id]
        found: Operation[Any, Any] = getattr(import_module(module, self.package), name)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self.places)

    def __len__(self) -> int:
        return len(self.places)


@frozen(kw_only=True, eq=False)
class Contract:
    """What all operations of an API have in common."""

    name: str
    """Such as `Sequence API v1`."""
    documentation: str
    """Address of the documentation."""
    base_url: str
    short_name: str = ""
    """What it is called beside other APIs of the same vendor."""
    base_url_variable: str = "BASE_URL"
    """The environment variable that says where the API is, if not there."""
    other_base_url_variables: tuple[str, ...] = ()
    """Those of the vendor's other APIs."""
    api_key_variable: str = "API_KEY"
    auth_scheme: str = "Bearer"
    """The word before the key in the header `Authorization`."""
    request_id: str | None = None
    """The header by which requests and their responses are recognized, if there is one."""
    response_id: str | None = None
    """Where a successful response has the identifier of its request, if not in a header."""
    rate_limit: tuple[int, float] | None = None
    """How many requests are allowed in how many seconds, where that is documented."""
    errors: ErrorFormat = field(factory=ErrorFormat)
    denied: Mapping[str, Literal["amount"] | None] = {}
    """The codes of a 403 for a missing permission, in lower case, each with the part that is known to be missing."""
    unsupported: frozenset[str] = frozenset()
    """The codes of a 403 for what the API cannot handle, in lower case."""
    simulation: Simulation | None = None
    """None where there is no such thing."""
    idempotency: Idempotency | None = None
    scopes: Mapping[str, Location] = {}
    """Where the resource of each scope is found in a call."""
    operations: Mapping[str, Operation[Any, Any]]
    """By operationId."""


class Permission(Struct, frozen=True, kw_only=True):
    """What a key needs for an operation: a scope, and where the resource is found that the server checks it on."""

    scope: str
    """Such as `READ_CARDS`."""
    location: Location
    name: str | None = None
    """The argument that holds the ID, or the IDs, for `path` and `query`."""
    source: str | None = None
    """The argument that holds the source account's ID, for `body`."""
    target: str | None = None
    """The argument that holds the target account's ID, for `body`."""
    max_amount: str | None = None
    """The argument that holds the amount in cents, for `body`."""
    hint: str | None = None
    """The resource in words, for `server`."""
    response: tuple[str, ...] = ()
    """Where a response names the resource, for `server`; any one of several is enough."""
    otherwise: str | None = None
    """What else a refusal with the same code may be about, in words."""


class Terminal(Struct, frozen=True, kw_only=True):
    """The statuses that nothing follows."""

    succeeded: frozenset[str]
    failed: frozenset[str]


class Timeline(Struct, frozen=True, kw_only=True):
    """How a list can be bounded in time; it is sorted from the newest to the oldest."""

    oldest: str
    """The query parameter that says where it ends, this moment included."""
    newest: str
    """And the one that says where it begins."""
    moment: str
    """The member of an item that it is sorted by."""


@frozen(kw_only=True, eq=False)
class Operation(Generic[ResponseT, DataT]):
    """One operation of an API."""

    contract: Contract = field(repr=False)
    id: str
    """The operationId, such as `listCards`."""
    method: str
    path: str
    """The path below the base URL, with `{name}` for parameters."""
    documentation: str
    """Address of the documentation page."""
    response: type[ResponseT] | None
    """None where it has no body."""
    data: Callable[[ResponseT], DataT]
    """What a response is about, without what comes along."""
    permission: Permission | None = None
    """None where any key may call it."""
    pages: PageStyle | None = None
    """How the next page of a list is asked for; None where the response is whole."""
    timeline: Timeline | None = None
    idempotent: bool = False
    """Whether it takes an idempotency key."""
    available: bool = True
    """False where the documentation says that the endpoint is coming soon."""
    echoes: tuple[tuple[str, str], ...] = ()
    """Arguments that a successful response repeats, each with the path at which it does."""
    settling: tuple[tuple[int, str], ...] = ()
    """The statuses and codes of refusals that follow from the request's bytes alone: a write that is refused so was not
    done by an earlier attempt with the same idempotency key either."""
    makes: str | None = None
    """Where a response has the ID of what a write made, which may be missing for a moment when it is asked for."""
    terminal: Terminal | None = None
    """Where the data has a status: those that nothing follows."""

    def is_terminal(self, status: str | None) -> bool:
        """Whether nothing will follow a status. An unknown one may be followed by others."""
        return self.has_failed(status) or (self.terminal is not None and status in self.terminal.succeeded)

    def has_failed(self, status: str | None) -> bool:
        """Whether a status is an end other than success."""
        return self.terminal is not None and status in self.terminal.failed

    @property
    def writes(self) -> bool:
        """Whether it may change something."""
        return self.method != "GET"

    @cached_property
    def decode(self) -> Callable[[bytes], ResponseT]:
        """From the bytes of a successful response to its model, in one pass.

        Raises:
            msgspec.DecodeError: The bytes are not JSON, or not of this shape (`msgspec.ValidationError`).
        """
        return _nothing if self.response is None else decoder(self.response)


@frozen(kw_only=True, eq=False)
class Webhook(Generic[ResponseT]):
    """What an API sends by itself."""

    name: str
    """That of the event."""
    doc: str
    body: type[ResponseT]

    @cached_property
    def decode(self) -> Callable[[bytes], ResponseT]:
        """From the bytes of its body to the model, as `Operation.decode`."""
        return decoder(self.body)


def whole(response: T) -> T:
    """What a response is about, where nothing comes along."""
    return response


def _nothing(content: bytes) -> Any:  # noqa: ARG001 - whatever it is
    """What there is in a response without a body."""
    return None
