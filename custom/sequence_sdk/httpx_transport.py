"""Sends requests over httpx or httpx2: all that the SDK knows of these two."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Any, Protocol

import anyio
import httpx

from sequence_runtime import Response

from .bodies import Body, BodyError
from .errors import ConfigurationError
from .pool import EXTENSION, PoolSlot
from .redaction import APIKey, in_words
from .transport import Attempt, Headers, HTTPClient, TransportError, comes_from, stripped

INSIDE = frozenset({"httpx", "httpx2", "httpcore", "httpcore2", "h11", "h2", "hpack", "hyperframe", "socksio"})
"""The packages in which HTTP is spoken: what they raise beside their own exceptions is about one connection."""


class HTTPResponse(Protocol):
    """The response of an HTTP client, as far as it is read."""

    @property
    def status_code(self) -> int: ...

    @property
    def headers(self) -> Any: ...

    @property
    def is_closed(self) -> bool: ...

    @property
    def is_stream_consumed(self) -> bool: ...

    def aiter_raw(self) -> AsyncIterator[bytes]: ...

    async def aread(self) -> bytes: ...

    async def aclose(self) -> None: ...


class HTTPXTransport:
    """Carries requests over a client of httpx or httpx2."""

    def __init__(self, http: HTTPClient, key: APIKey, *, owned: bool) -> None:
        self.http = http
        self._owned = owned
        self._library = _library(http)
        self._url: Callable[[str], Any] = lru_cache(128)(
            self._library.URL
        )  # what is asked for again is not parsed again
        self._scrub = key.scrub
        self._nothing_sent = tuple(
            getattr(self._library, name)
            for name in ("ConnectError", "ConnectTimeout", "PoolTimeout", "ProxyError", "UnsupportedProtocol")
        )

        def authorize(request: Any) -> Any:
            key.authorize(request.headers)
            return request

        self._authorize = authorize

    @property
    def headers(self) -> Mapping[str, str]:
        return self.http.headers

    @property
    def unusable(self) -> str | None:
        return "its http_client is closed; give an open one" if getattr(self.http, "is_closed", False) else None

    async def send(self, attempt: Attempt) -> Response:
        trace = _Trace(attempt, PoolSlot(self.http), trusted=self._is_librarys_own())
        try:
            return await self._exchange(attempt, trace)
        except BaseException as error:
            failure = self._failure(trace, error) if isinstance(error, Exception) else stripped(error)
        try:
            if isinstance(failure, (anyio.get_cancelled_exc_class(), Exception)):
                await trace.slot.give_back()
        except BaseException as error:  # cancelled once more
            failure = stripped(error)
        try:
            raise failure
        finally:
            del failure, trace  # or the exception and this frame would keep each other alive

    async def aclose(self) -> None:
        if self._owned:
            await self.http.aclose()

    async def _exchange(self, attempt: Attempt, trace: _Trace) -> Response:
        # A finished request goes to the client: merging it with the client's settings costs more than all of this.
        request = trace.request = self._library.Request(
            attempt.method,
            self._url(attempt.url),
            headers=attempt.headers,
            content=attempt.content,
            extensions={
                "timeout": _Timeouts(trace),
                "trace": trace,
                EXTENSION: trace.slot,
            },
        )
        try:
            response = await self.http.send(request, stream=True, auth=self._authorize, follow_redirects=False)
        except self._library.HTTPStatusError as error:  # an event hook has judged the response, and closed it
            if error.response.request is not request:
                raise
            response = error.response
        try:
            read = await _read(attempt, response, self._scrub)
        finally:
            await response.aclose()
        _retire(response, surplus_only=not attempt.for_another)
        if attempt.problem is not None:  # there is more to come
            await trace.slot.give_back()
        return read

    def _failure(self, trace: _Trace, error: Exception) -> TransportError:
        """What an exchange that broke came to."""
        if isinstance(error, self._nothing_sent):
            trace.nothing_sent()
        timed_out = isinstance(error, self._library.TimeoutException)
        may_pass = isinstance(error, self._library.RequestError) or comes_from(error, INSIDE)
        return TransportError(in_words(error, self._scrub), timed_out=timed_out, final=not may_pass)

    def _is_librarys_own(self) -> bool:
        """Whether requests go through the library's own transports, which do what its documentation says."""
        transports = [getattr(self.http, "_transport", None), *getattr(self.http, "_mounts", {}).values()]
        own = getattr(self._library, "AsyncHTTPTransport", ())
        return type(self.http) is getattr(self._library, "AsyncClient", None) and all(
            transport is None or type(transport) is own for transport in transports
        )


class _Trace:
    """Hears from httpcore how far it gets with a request: what httpx calls the `trace` extension."""

    __slots__ = ("attempt", "other", "request", "slot", "trusted", "written")

    def __init__(self, attempt: Attempt, slot: PoolSlot, *, trusted: bool) -> None:
        self.attempt = attempt
        self.request: Any = None
        self.other: Callable[[str, dict[str, Any]], Awaitable[None]] | None = None
        """What a hook of the HTTP client's has put in the slot of this."""
        self.slot = slot
        self.trusted = trusted
        self.written = False

    def nothing_sent(self) -> None:
        """Take note of a sign that nothing was sent until now, if it can be trusted, and what comes will be heard."""
        if self.trusted and not self.written and self.request.extensions.get("trace") is self:
            self.attempt.sent = False

    def at_the_pool(self) -> None:
        """Take note that the request has come to the pool, which looks for a trace after this."""
        other = self.request.extensions.get("trace")
        if other is not self:
            self.other, self.request.extensions["trace"] = other, self
        self.nothing_sent()

    async def __call__(self, event: str, info: dict[str, Any]) -> None:
        self.slot.watch(event, info)
        if self.other is not None:
            await self.other(event, info)
        if event.endswith(".send_request_headers.started"):
            request = info["request"]
            if request.method == b"CONNECT":  # which goes to a proxy, and is not ours
                return
            if self.written:
                raise ConnectionError("the server gave the connection up, and the request is not sent again unseen")
            self.attempt.leaving()
            self.written = True
            if event.startswith("http11.") and self.other is None:
                request.extensions.pop("trace", None)  # what follows changes nothing
        elif event.startswith("connection.connect_"):
            self.nothing_sent()


class _Timeouts(dict[str, float | None]):
    """The times that httpcore looks up, that for the pool when a request gets there: nothing of it was sent by then.

    Reading and writing have none: over HTTP/2 the first request that is late would end all others on its connection.
    The attempt ends them.
    """

    def __init__(self, trace: _Trace) -> None:
        seconds = trace.attempt.timeout
        super().__init__(connect=seconds, pool=seconds, read=None, write=None)
        self._trace = trace

    def get(self, key: str, default: Any = None, /) -> Any:
        if key == "pool":
            self._trace.at_the_pool()
        return super().get(key, default)


async def _read(attempt: Attempt, response: HTTPResponse, scrub: Callable[[str], str]) -> Response:
    """The whole response, within its limits."""
    headers = Headers(response.headers.raw, scrub)
    body = Body(attempt.limits)
    attempt.for_another = attempt.is_for_another(headers)
    try:
        body.count(headers.count)
        if response.is_stream_consumed:  # by an event hook or a transport, which have decompressed it, too
            body.feed(await response.aread())
        elif response.is_closed:
            attempt.problem = "an event hook of the HTTP client closed it unread"
        else:
            body.begin(headers)
            async for chunk in response.aiter_raw():
                body.feed(chunk)
            body.end()
    except BodyError as error:
        attempt.problem = str(error)
    return Response(status_code=response.status_code, headers=headers, content=body.so_far())


def _retire(response: Any, *, surplus_only: bool) -> None:
    """Let the pool close the connection of HTTP/1.1 that a response came over: what comes next on it cannot be trusted.

    Args:
        response: A response that was read.
        surplus_only: Whether to do so only if more came than was asked for: that would be taken for the next response.
    """
    found: Any = getattr(response, "stream", None)
    for name in ("_stream", "_httpcore_stream", "_stream", "_connection"):
        found = getattr(found, name, None)
    state = getattr(found, "_h11_state", None)
    if found is not None and state is not None and not (surplus_only and not state.trailing_data[0]):
        state.send_failed()  # h11's word for a connection that cannot be used: for who got it in this very moment
        found._expire_at = 0.0  # long ago


def make_client(base_url: str) -> httpx.AsyncClient:
    """A client of our own. Proxies of the environment are for https, which they cannot read, and not for loopback.

    Raises:
        ConfigurationError: The environment does not let one be made.
    """
    try:
        return httpx.AsyncClient(trust_env=base_url.startswith("https:"))
    except (ImportError, OSError) as error:
        problem = in_words(error, str)
    except (ValueError, httpx.InvalidURL):
        # What they say may quote a part of a proxy's password, and so may their frames.
        problem = "one of HTTPS_PROXY, ALL_PROXY and NO_PROXY is not what httpx understands; see that its URL is valid"
    raise ConfigurationError(
        f"no HTTP client can be made with the proxy and certificate settings of the environment: {problem}"
    )


def _library(http: HTTPClient) -> Any:
    """The package whose exceptions a client raises: httpx, or a successor with the same names, such as httpx2."""
    for cls in type(http).__mro__:
        package = sys.modules.get(cls.__module__.partition(".")[0])
        if package is not None and hasattr(package, "TransportError"):
            return package
    return httpx
