"""What is told of a call once it has ended, and to whom."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Protocol

from msgspec import Struct

from sequence_runtime import Call


class CallRecord(Struct, frozen=True, kw_only=True):  # attrs would take a microsecond more, at every call
    """How a call ended, with all of its attempts. It holds no API key, no amount, no name and no body.

    `msgspec.structs.asdict(record)` is a dict of it.
    """

    api: str
    """Which API: `v1` or `platform`."""
    operation: str
    """The operation's ID, such as `getAccount`."""
    scope: str | None
    """The permission that it needs; None where it needs none."""
    resources: tuple[str, ...] | None
    """The IDs that the permission is checked for, else those in the path; None where there are none."""
    attempts: int
    """How many requests were sent; 0 for a call that was refused before."""
    waited: float
    """Seconds that it waited for the rate limit: the client's, or after a 429 the server's."""
    backoff: float
    """Seconds that it waited between attempts for other reasons."""
    elapsed: float
    """Seconds from its beginning to its end."""
    status: int | None
    """The HTTP status of the last response; None where there was none."""
    error: str | None
    """The class of the exception that it raised, such as `NotFoundError`; None for a success."""
    denied: bool
    """Whether the API key's permissions do not grant it."""
    retryable: bool
    """Whether the same call may succeed later, as the error says; False for a success."""
    request_id: str | None
    """The identifier under which the vendor knows the request; None where there is none."""
    idempotency_key: str | None
    """What a write was sent with."""
    simulated: bool
    """Whether it asked for a simulation."""


Observer = Callable[[CallRecord], object]
"""A plain function that is called with each record."""


class Telemetry(Protocol):
    """Whoever is told of a client's calls. It raises nothing."""

    def begin(self, call: Call[Any, Any], session: Any, /) -> object:
        """A call begins in this context; what this gives is handed to `end`."""
        ...

    def end(self, begun: object, session: Any, call: Call[Any, Any], made: object, outcome: object, /) -> None:
        """It has ended, in a response or an exception; `made` is its `Exchange`, None where it was not begun."""
        ...


class MakesTelemetry(Protocol):
    """Finds out who is told of a client's calls: its observers, and those of the client that it was made from."""

    def __call__(
        self, observe: Observer | Iterable[Observer], earlier: Telemetry | None = None, /
    ) -> Telemetry | None: ...
