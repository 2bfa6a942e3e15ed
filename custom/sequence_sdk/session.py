"""Holds what calls are made with: an API key and options, over a `Connection` that sessions share."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import quote, urlencode

from attrs import Factory, evolve, field, frozen
from msgspec import Struct
from msgspec.structs import replace

from sequence_runtime import Contract, Operation, Request
from sequence_runtime.calls import Shown

from . import settings
from ._version import __version__
from .age import Age
from .bodies import ACCEPTED_ENCODINGS
from .connection import Connection
from .errors import InvalidArgumentError, Missing
from .observation import Telemetry
from .redaction import APIKey
from .requirements import Requirement
from .settings import ResponseLimits

logger = logging.getLogger("sequence_sdk")
logger.addHandler(logging.NullHandler())  # silent where no logging is set up
"""One line a call at INFO, one an attempt at DEBUG; never a key, a body or an account."""

SHARED = {"Accept", "Accept-Encoding", "User-Agent", "accept", "accept-encoding", "connection", "user-agent"}
"""The headers that HTTP clients and this SDK send if nobody says otherwise."""

LONGEST_URL = 65_536
"""Bytes that a URL may have: what HTTP libraries take, and more than servers do."""

T = TypeVar("T")
U = TypeVar("U")


class APIResponse(Shown, Struct, Generic[T], frozen=True, kw_only=True, weakref=True):
    """A response with what came along: what `.with_response(…)` gives."""

    hidden = ("content", "key_age")

    data: T
    """What the operation responds with."""
    request_id: str
    """The identifier under which the vendor knows the request."""
    status_code: int
    headers: Mapping[str, str]
    """By name, whatever its case."""
    content: bytes
    """The body, unchanged."""
    elapsed: float
    """Seconds from the call to the end of the response, all attempts together."""
    attempts: int
    """How many requests were sent."""
    waited: float
    """Seconds that they waited for the rate limit, the client's or, after a 429, the server's, of those elapsed."""
    idempotency_key: str | None
    """What a write was sent with."""
    key_age: Age = Age()
    """What is known of when that was used first."""

    def map(self, function: Callable[[T], U]) -> APIResponse[U]:
        """The same response with other data."""
        return replace(self, data=function(self.data))  # type: ignore[arg-type]


class Grants(Protocol):
    """What is known of what an API key grants."""

    def of(self, contract: Contract) -> Grants:
        """The same for the API of a contract.

        Raises:
            ConfigurationError: They are of another API.
        """
        ...

    def check(self, needed: Requirement) -> Missing | None:
        """Which part of a requirement is missing, asked before a request is sent; None where nothing is."""
        ...

    def learn(self, operation: Operation[Any, Any], response: object) -> None:
        """Take note of a response."""
        ...


@lru_cache(16)
def shared(headers: tuple[tuple[str, str], ...]) -> list[tuple[bytes, bytes]]:
    """Headers as they are sent, which all clients that send the same have together: nobody changes them."""
    return raw(dict(headers))


@frozen(kw_only=True, eq=False)
class Session:
    """What calls are made with."""

    contract: Contract
    connection: Connection
    key: APIKey = field(repr=False)
    base_url: str
    timeout: float
    """Seconds, as all times."""
    deadline: float
    """Infinite for any time."""
    max_retries: int
    limits: ResponseLimits
    headers: Mapping[str, str]
    permissions: Grants | None
    telemetry: Telemetry | None
    simulation: bool = False
    """Whether nothing is done for real."""
    common_headers: list[tuple[bytes, bytes]] = field(
        init=False, repr=False, default=Factory(lambda self: self.raw_headers(), takes_self=True)
    )
    """What every request carries: these headers, and those that the HTTP client has of its own."""
    own_headers: Mapping[str, str] = field(
        init=False, repr=False, default=Factory(lambda self: settings.own_headers(self.contract), takes_self=True)
    )
    """The headers that nobody else may set, by their names in lower case."""

    @property
    def origin(self) -> str:
        return "/".join(self.base_url.split("/")[:3])

    def raw_headers(self) -> list[tuple[bytes, bytes]]:
        found = settings.common_headers(self.contract, self.connection.transport.headers, self.headers)
        # A header that somebody has chosen may be secret: it is gone with the client.
        return shared(tuple(found.items())) if found.keys() <= SHARED else raw(found)

    def url(self, request: Request) -> str:
        """The address of a request.

        Raises:
            InvalidArgumentError: It is too long.
        """
        query = f"?{urlencode(request.query, doseq=True, quote_via=quote)}" if request.query else ""
        url = f"{self.base_url}{request.path}{query}"
        if len(url) > LONGEST_URL:
            raise InvalidArgumentError(
                f"{request.operation}: the arguments are too long for a URL of {LONGEST_URL} bytes: give shorter ones"
            )
        return url

    def within(self, seconds: float) -> Session:
        """One whose calls end within so many seconds, if they did not already."""
        return evolve(self, deadline=min(self.deadline, seconds))


def raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as they are sent: an HTTP client need not look at them again."""
    return [(name.encode(), value.encode()) for name, value in headers.items()]


DEFAULT_HEADERS: Mapping[str, str] = {
    "Accept": "application/json",
    "Accept-Encoding": ACCEPTED_ENCODINGS,
    "User-Agent": f"sequence-sdk/{__version__} python/{sys.version.split()[0]}",
}
