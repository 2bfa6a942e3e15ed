"""Sends requests over httpx or httpx2: all that the SDK knows of these two."""

from __future__ import annotations

import os
import ssl
import sys
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from functools import cache, lru_cache
from typing import Any

import anyio
import httpx

from sequence_runtime import Response

from .errors import ConfigurationError
from .pool import PoolSlot, transports_of
from .redaction import APIKey, in_words
from .transport import Adapter, Attempt, HTTPClient, TransportError, packages_of

INSIDE = {"httpx", "httpx2", "httpcore", "httpcore2", "h11", "h2", "hpack", "hyperframe", "socksio"}
"""The packages in which HTTP is spoken: what they raise beside their own exceptions is about one connection."""


class HTTPXTransport(Adapter):
    """Carries requests over a client of httpx or httpx2."""

    def __init__(self, http: HTTPClient, key: APIKey, *, owned: bool) -> None:
        super().__init__(http, key, owned=owned)
        # What raises its exceptions: httpx, or a successor with the same names, such as httpx2.
        modules: Iterable[Any] = map(sys.modules.get, packages_of(http))
        self._library = next((module for module in modules if hasattr(module, "TransportError")), httpx)

    @property
    def headers(self) -> Mapping[str, str]:
        return self.http.headers  # type: ignore[no-any-return]

    def unusable(self, _event_loop: object, /) -> str | None:
        return "its http_client is closed; give an open one" if getattr(self.http, "is_closed", False) else None

    async def exchange(self, attempt: Attempt) -> Response:
        # A finished request goes to the client: merging it with the client's settings costs more than all of this.
        request = self._library.Request(
            attempt.method, _url(self._library.URL, attempt.url), headers=attempt.headers, content=attempt.content
        )
        slot = PoolSlot(self.http, request)
        hooks = getattr(self.http, "event_hooks", None)
        _Progress(attempt, request, slot, self._is_librarys_own(), hooks is None or bool(hooks["request"]))
        try:
            response = await self._respond(request)
            try:
                content = await _content(attempt, response)
                read = await self.read(attempt, response.status_code, response.headers.raw, content)
            finally:
                await response.aclose()
            _retire(response, surplus_only=not attempt.for_another)
            if attempt.problem is not None:  # there is more to come
                await slot.give_back()
        except (anyio.get_cancelled_exc_class(), Exception):
            await slot.give_back()
            raise
        return read

    async def _respond(self, request: Any) -> Any:
        try:
            return await self.http.send(request, stream=True, auth=self._authorize, follow_redirects=False)
        except self._library.HTTPStatusError as error:  # an event hook has judged the response, and closed it
            if error.response.request is not request:
                raise
            return error.response

    def _authorize(self, request: Any) -> Any:
        self.authorize(request.headers)
        return request

    def no_response(self, error: BaseException) -> TransportError:
        timed_out = isinstance(error, self._library.TimeoutException)
        may_pass = isinstance(error, self._library.RequestError) or _is_from_inside(error)
        return TransportError(in_words(error, self.scrub), timed_out=timed_out, final=not may_pass)

    def _is_librarys_own(self) -> bool:
        """Whether requests go through the library's own transports, which do what its documentation says."""
        if type(self.http) is not self._library.AsyncClient:
            return False
        own = self._library.AsyncHTTPTransport
        return all(type(transport) is own for transport in transports_of(self.http))


@lru_cache(256)
def _url(parse: Callable[[str], Any], url: str) -> Any:
    """A URL of the library's: what is asked for again, by any client, is not parsed again."""
    return parse(url)


class _Progress(dict[str, float | None]):
    """How far httpcore gets with a request: it looks up its timeouts here, and calls this as its `trace`.

    Reading and writing have no timeouts: over HTTP/2 the first request that is late would end all others on its
    connection. The attempt ends them.
    """

    __slots__ = ("_attempt", "_hooked", "_other", "_request", "_slot", "_trusted")

    def __init__(self, attempt: Attempt, request: Any, slot: PoolSlot, trusted: bool, hooked: bool, /) -> None:
        super().__init__(connect=attempt.timeout, pool=attempt.timeout, read=None, write=None)
        request.extensions.update(timeout=self, trace=self)
        self._attempt = attempt
        self._request = request
        self._slot = slot
        self._trusted = trusted
        self._hooked = hooked
        self._other: Callable[[str, dict[str, Any]], Awaitable[None]] | None = None
        """What a hook of the HTTP client's has put in the slot of this."""

    def get(self, key: str, default: Any = None, /) -> Any:
        if key == "pool":  # the request has come to the pool, which looks for a trace after this
            found = self._request.extensions.get("trace")
            if found is not self:
                self._other, self._request.extensions["trace"] = found, self
            if self._trusted:
                self._attempt.waiting()
        return self[key] if key in self else default  # noqa: SIM401 - this is what it would call

    async def __call__(self, event: str, info: dict[str, Any]) -> None:
        http1 = event.startswith("http11.")
        if not http1:  # of which the slot need not hear
            self._slot.watch(event, info)
        if self._other is not None:
            await self._other(event, info)
        if event.endswith(".send_request_headers.started") and info["request"].method != b"CONNECT":
            if self._attempt.written:
                raise ConnectionError("the server gave the connection up, and the request is not sent again unseen")
            self._attempt.leaving()
            if self._hooked:  # what it has put in place of these would be of other requests, or of one attempt
                own, sent = self._attempt.own_headers, info["request"].headers
                kept = [(name, value) for name, value in sent if name.decode().lower() not in own]
                info["request"].headers = kept + self._attempt.owned()
            if http1 and self._other is None:
                info["request"].extensions.pop("trace", None)  # what follows changes nothing


async def _content(attempt: Attempt, response: Any) -> AsyncIterator[bytes] | bytes:
    """The body of a response, which an event hook or a transport may have read, and decompressed, or closed."""
    if response.is_stream_consumed:
        return await response.aread()  # type: ignore[no-any-return]
    if response.is_closed:
        attempt.problem = "an event hook of the HTTP client closed it unread"
        return b""
    return response.aiter_raw()  # type: ignore[no-any-return]


def _retire(response: Any, *, surplus_only: bool) -> None:
    """Let the pool close the connection of HTTP/1.1 that a response came over: what comes next on it cannot be trusted.

    Args:
        response: A response that was read.
        surplus_only: Whether to do so only if more came than was asked for: that would be taken for the next response.
    """
    found = response.stream
    for name in ("_stream", "_httpcore_stream", "_stream", "_connection"):
        found = getattr(found, name, None)
    state = getattr(found, "_h11_state", None)
    if found is not None and state is not None and (state.trailing_data[0] or not surplus_only):
        state.send_failed()  # h11's word for a connection that cannot be used: for who got it in this very moment
        found._expire_at = 0.0  # long ago


def _is_from_inside(error: BaseException) -> bool:
    """Whether nothing but HTTP libraries, the event loops and the standard library took part in an exception."""
    inside = {*INSIDE, *sys.stdlib_module_names, "anyio", "trio", "outcome", "sequence_sdk"}
    frames = traceback.walk_tb(error.__traceback__)
    return all(frame.f_globals.get("__name__", "").partition(".")[0] in inside for frame, _ in frames)


def make_client(base_url: str) -> httpx.AsyncClient:
    """A client of our own. Proxies of the environment are for https, which they cannot read, and not for loopback.

    Raises:
        ConfigurationError: The environment does not let one be made.
    """
    try:
        tls = _tls(os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
        return httpx.AsyncClient(verify=tls, trust_env=base_url.startswith("https:"))
    except (ImportError, OSError) as error:
        problem = in_words(error, str)
    except (ValueError, httpx.InvalidURL):
        # What they say may quote a part of a proxy's password, and so may their frames.
        problem = "one of HTTPS_PROXY, ALL_PROXY and NO_PROXY is not what httpx understands; see that its URL is valid"
    raise ConfigurationError(
        f"no HTTP client can be made with the proxy and certificate settings of the environment: {problem}"
    )


@cache
def _tls(_file: str | None, _folder: str | None) -> ssl.SSLContext:
    """The settings of TLS for all clients, by what the environment says of certificates: they take 20 ms and 600 KB."""
    return httpx.create_ssl_context()
