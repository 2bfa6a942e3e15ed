"""Defines what an HTTP library is asked to do, and what is heard of it: each library has a small adapter."""

from __future__ import annotations

import sys
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Set
from typing import TYPE_CHECKING, Any, Protocol

from attrs import define, field

from sequence_runtime import Response

from .errors import ConfigurationError
from .settings import ResponseLimits

if TYPE_CHECKING:
    from .redaction import APIKey


@define(kw_only=True, eq=False)
class Attempt:
    """One request on its way to the server, and how far it has come."""

    method: str
    url: str
    headers: list[tuple[bytes, bytes]] = field(repr=False)
    own_headers: Set[str]
    """The names, in lower case, of headers that nobody but the SDK may set."""
    content: bytes | None = field(repr=False)
    timeout: float
    """Seconds that the library may take for waiting for a connection, and for connecting."""
    limits: ResponseLimits
    expired: Callable[[], bool] | None = None
    """Whether it is too late to send it, asked when its first byte is about to leave; None where it never is."""
    is_for_another: Callable[[Mapping[str, str]], bool]
    """Whether a response with these headers is known to be for another request."""
    sent: bool = True
    """Whether a byte of the request may have left. It is true unless the library has shown that none has."""
    for_another: bool = False
    """Whether the response is known to be for another request: its connection is not used again."""
    problem: str | None = None
    """Why the body of the response is not whole."""

    def leaving(self) -> None:
        """Take note that the first byte is about to leave.

        Raises:
            ConnectionError: It is too late to send it.
        """
        if self.expired is not None and self.expired():
            raise ConnectionError("not sent, since the server may have forgotten the idempotency key by now")
        self.sent = True


class Headers(Mapping[str, str]):
    """The headers of a response, by name, whatever its case. Values of the same name are joined by a comma."""

    __slots__ = ("_values", "count")

    def __init__(self, raw: Iterable[tuple[bytes, bytes]] = (), scrub: Callable[[str], str] = str) -> None:
        """Make them of bytes; `scrub` removes the API key, which a server may echo."""
        self._values: dict[str, str] = {}
        self.count = 0
        """How many there are, those of the same name each counted."""
        for key, value in raw:
            self.count += 1
            name, text = key.decode("latin-1").lower(), value.decode("latin-1")
            self._values[name] = f"{self._values[name]}, {text}" if name in self._values else text
        together = "\n".join(self._values.values())
        if scrub(together) != together:
            self._values = {name: scrub(text) for name, text in self._values.items()}

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<Headers: {', '.join(self._values)}>"  # a server may echo what it was sent


class TransportError(Exception):
    """No response came. It says in words what the HTTP library raised: that itself holds the request and the key."""

    def __init__(self, reason: str, *, timed_out: bool = False, final: bool = False) -> None:
        super().__init__(reason)
        self.timed_out = timed_out
        self.final = final
        """Whether another attempt would end in the same way."""


class HTTPClient(Protocol):
    """An HTTP client, as far as it is used: `httpx.AsyncClient` and `httpx2.AsyncClient` are such."""

    @property
    def headers(self) -> Mapping[str, str]: ...

    async def send(self, request: Any, *, stream: bool, auth: Callable[[Any], Any], follow_redirects: bool) -> Any: ...

    async def aclose(self) -> None: ...


class Adapter(Protocol):
    """Carries requests over an HTTP library."""

    http: Any
    """The client of that library."""

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers that the library's client adds to every request."""
        ...

    @property
    def unusable(self) -> str | None:
        """Why nothing can be sent here and now; None where something can."""
        ...

    async def send(self, attempt: Attempt) -> Response:
        """Send a request once, and read the response.

        No exception that leaves this holds the request: neither its frames nor its causes do.

        Raises:
            TransportError: No response came; `attempt.sent` tells whether a byte may have left.
        """
        ...

    async def aclose(self) -> None:
        """Close the library's client if it is the SDK's own."""
        ...


def adapter_for(http: Any, base_url: str, key: APIKey) -> Adapter:
    """The adapter for an HTTP client, or for one of the SDK's own where there is none.

    Raises:
        ConfigurationError: There is none for this client, or the environment does not let one be made.
    """
    modules = {cls.__module__.partition(".")[0] for cls in type(http).__mro__}
    if "httpx_aiohttp" in modules or _is_httpx_aiohttp(http):
        raise ConfigurationError(
            "http_client is httpx over aiohttp, which hides whether a request was sent: give the aiohttp.ClientSession"
        )
    if "aiohttp" in modules and hasattr(http, "request"):
        from .aiohttp_transport import AiohttpTransport  # noqa: PLC0415 - it needs aiohttp

        return AiohttpTransport(http, key)
    from .httpx_transport import HTTPXTransport, make_client  # noqa: PLC0415

    if http is None:
        return HTTPXTransport(make_client(base_url), key, owned=True)
    if isinstance(http, type) or not hasattr(http, "send") or not hasattr(http, "aclose"):
        raise ConfigurationError(
            "http_client must be an httpx.AsyncClient, an httpx2.AsyncClient or an aiohttp.ClientSession"
        )
    return HTTPXTransport(http, key, owned=False)


def _is_httpx_aiohttp(http: object) -> bool:
    return "httpx_aiohttp" in sys.modules and type(getattr(http, "_transport", None)).__module__.startswith(
        "httpx_aiohttp"
    )


def comes_from(error: BaseException, packages: Collection[str]) -> bool:
    """Whether nothing but these packages, the event loops and the standard library took part in an exception."""
    inside = {*packages, *sys.stdlib_module_names, "anyio", "trio", "outcome", "sequence_sdk"}
    frames = traceback.walk_tb(error.__traceback__)
    return all(frame.f_globals.get("__name__", "").partition(".")[0] in inside for frame, _ in frames)


def stripped(error: BaseException) -> BaseException:
    """An exception, such as a cancellation, without the frames and exceptions that it went through."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)
