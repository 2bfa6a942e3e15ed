"""Defines what an HTTP library is asked to do, and what is heard of it: each library has a small adapter."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterable, Callable, Collection, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol, TypeAlias, TypeVar, overload

from msgspec import Struct

from sequence_runtime import Response
from sequence_runtime.calls import Shown

from .bodies import Body, BodyError
from .errors import ConfigurationError
from .redaction import APIKey
from .settings import ResponseLimits

T = TypeVar("T")

RawHeaders: TypeAlias = Sequence[tuple[bytes, bytes]]
"""Names and values as they came, those of the same name one after the other."""


class Attempt(Shown, Struct, kw_only=True, eq=False):
    """One request on its way to the server, and how far it has come."""

    hidden = ("headers", "content")

    method: str
    url: str
    headers: list[tuple[bytes, bytes]]
    own_headers: Collection[str]
    """The names, in lower case, of headers that nobody but the SDK may set."""
    content: bytes | None
    timeout: float
    """Seconds that the library may take for waiting for a connection, and for connecting."""
    until: float
    """When it is cancelled, by the clock of the event loop."""
    limits: ResponseLimits
    expired: Callable[[], bool] | None = None
    """Whether it is too late to send it, asked when its first byte is about to leave; None where it never is."""
    is_for_another: Callable[[Mapping[str, str]], bool]
    """Whether a response with these headers is known to be for another request."""
    sent: bool = True
    """Whether a byte of the request may have left. It is true unless the library has shown that none has."""
    written: bool = False
    """Whether the library has begun to write it."""
    for_another: bool = False
    """Whether the response is known to be for another request: its connection is not used again."""
    problem: str | None = None
    """Why the body of the response is not whole."""

    def owned(self) -> list[tuple[bytes, bytes]]:
        """Those of `own_headers` that it carries."""
        return [(name, value) for name, value in self.headers if name.decode().lower() in self.own_headers]

    def waiting(self) -> None:
        """Take note that the library looks for a connection: nothing was sent unless it was before."""
        self.sent = self.written

    def leaving(self) -> None:
        """Take note that the first byte is about to leave.

        Raises:
            ConnectionError: It is too late to send it.
        """
        if self.expired is not None and self.expired():
            raise ConnectionError("not sent, since the server may have forgotten the idempotency key by now")
        self.sent = self.written = True


class Headers(Mapping[str, str]):
    """The headers of a response, by name, whatever its case. Values of the same name are joined by a comma."""

    __slots__ = ("_values",)

    def __init__(self, raw: RawHeaders, scrub: Callable[[str], str]) -> None:
        """Make them of bytes; `scrub` removes the API key, which a server may echo."""
        values: dict[str, str] = {}
        for key, value in raw:
            name, text = (_name(key) if len(key) < 50 else _name.__wrapped__(key)), value.decode("latin-1")
            values[name] = f"{values[name]}, {text}" if name in values else text
        together = "\n".join((*values, *values.values()))
        if scrub(together) != together:
            values = {scrub(name): scrub(text) for name, text in values.items()}
        self._values = values

    def __getitem__(self, name: str) -> str:
        return self._values[name.lower()]

    @overload
    def get(self, key: str, default: None = None, /) -> str | None: ...

    @overload
    def get(self, key: str, default: str | T, /) -> str | T: ...

    def get(self, key: str, default: object = None, /) -> object:
        return self._values.get(key.lower(), default)

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def __repr__(self) -> str:
        return f"<Headers: {', '.join(self._values)}>"  # a server may echo what it was sent


@lru_cache(256)
def _name(key: bytes) -> str:
    """The name of a header in lower case: servers send the same ones each time."""
    return key.decode("latin-1").lower()


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


class Adapter(ABC):
    """Carries requests over a client of an HTTP library, and lets no exception of that library out."""

    def __init__(self, http: Any, key: APIKey, *, owned: bool = False) -> None:
        self.http = http
        self.scrub = key.scrub
        self.authorize = key.authorize
        self._owned = owned

    @property
    def headers(self) -> Mapping[str, str]:
        """The headers that the library's client adds to every request, where the SDK has to see to that."""
        return {}

    @abstractmethod
    def unusable(self, event_loop: object, /) -> str | None:
        """Why nothing can be sent now, in this event loop; None where something can."""

    async def send(self, attempt: Attempt) -> Response:
        """Send a request once, and read the response.

        No exception that leaves this holds the request: neither its frames nor its causes do.

        Raises:
            TransportError: No response came; `attempt.sent` tells whether a byte may have left.
        """
        try:
            return await self.exchange(attempt)
        except BaseException as error:
            failure = self.failure(error)
        try:
            raise failure
        finally:
            del failure  # or the exception and this frame would keep each other alive

    async def aclose(self) -> None:
        """Close the library's client if it is the SDK's own."""
        if self._owned:
            await self.http.aclose()

    @abstractmethod
    async def exchange(self, attempt: Attempt) -> Response:
        """Send a request once, and read the response, with whatever exceptions the library raises."""

    @abstractmethod
    def no_response(self, error: BaseException) -> TransportError:
        """What an exception of the library comes to."""

    def failure(self, error: BaseException) -> BaseException:
        """What is raised for what an exchange has raised: a cancellation stays one, without its frames."""
        if isinstance(error, Exception) and not isinstance(error, TransportError):
            return self.no_response(error)
        error.__cause__ = error.__context__ = None
        return error.with_traceback(None)

    async def read(
        self, attempt: Attempt, status_code: int, raw: RawHeaders, content: AsyncIterable[bytes] | list[bytes] | bytes
    ) -> Response:
        """Read a response within its limits, and note on the attempt what is wrong with it.

        Args:
            attempt: What it is the response to.
            status_code: Its status.
            raw: Its headers.
            content: Its body as it comes or came, or whole and decompressed.
        """
        headers = Headers(raw, self.scrub)
        attempt.for_another = attempt.is_for_another(headers)
        body = Body(attempt.limits)
        try:
            if isinstance(content, bytes):
                body.begin(len(raw), None, None)
                body.feed(content)
            else:
                body.begin(len(raw), headers.get("content-encoding"), headers.get("content-length"))
                if isinstance(content, list):
                    for chunk in content:
                        body.feed(chunk)
                else:
                    async for chunk in content:
                        body.feed(chunk)
                body.end()
        except BodyError as error:
            attempt.problem = str(error)
        return Response(status_code=status_code, headers=headers, content=body.so_far())


def adapter_for(http: Any, base_url: str, key: APIKey) -> Adapter:
    """The adapter for an HTTP client, or for one of the SDK's own where there is none.

    Raises:
        ConfigurationError: There is none for this client, or the environment does not let one be made.
    """
    packages = packages_of(http)
    if "httpx_aiohttp" in [*packages, *packages_of(getattr(http, "_transport", None))]:
        raise ConfigurationError(
            "http_client is httpx over aiohttp, which hides whether a request was sent: give the aiohttp.ClientSession"
        )
    if "aiohttp" in packages and hasattr(http, "request"):
        from .aiohttp_transport import AiohttpTransport  # noqa: PLC0415 - it needs aiohttp

        return AiohttpTransport(http, key)
    if http is not None and (isinstance(http, type) or not hasattr(http, "send") or not hasattr(http, "aclose")):
        raise ConfigurationError(
            "http_client must be an httpx.AsyncClient, an httpx2.AsyncClient or an aiohttp.ClientSession"
        )
    from .httpx_transport import HTTPXTransport, make_client  # noqa: PLC0415

    return HTTPXTransport(make_client(base_url) if http is None else http, key, owned=http is None)


def packages_of(thing: object) -> list[str]:
    """The packages that the class of something, and those that it inherits from, are in."""
    return [cls.__module__.partition(".")[0] for cls in type(thing).__mro__]
