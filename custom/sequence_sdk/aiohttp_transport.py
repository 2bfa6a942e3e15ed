"""Sends requests over aiohttp: all that the SDK knows of it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable
from functools import lru_cache, partial
from typing import Any

import aiohttp
from multidict import CIMultiDict
from yarl import URL

from sequence_runtime import Response

from .errors import ConfigurationError
from .redaction import APIKey, in_words
from .transport import Adapter, Attempt, TransportError

SENT_AGAIN = (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)
"""The exceptions after which aiohttp sends a request again by itself."""


FRAMING = ("Content-Length", "Host", "Transfer-Encoding")
"""What a session must not have among its headers, since aiohttp would believe it of every request."""


class AiohttpTransport(Adapter):
    """Carries requests over an `aiohttp.ClientSession`, which adds its own headers, and is never closed.

    Cookies that a session was given by responses are not sent: they would be of whichever key was used before.
    """

    def __init__(self, http: Any, key: APIKey) -> None:
        super().__init__(http, key)
        found = [name for name in FRAMING if name in http.headers]
        if found:
            raise ConfigurationError(
                f"http_client is an aiohttp.ClientSession whose headers set {', '.join(found)} for every request: "
                "make it without"
            )

    def unusable(self, event_loop: object, /) -> str | None:
        if self.http.closed:
            return "its http_client is closed; give an open one"
        if event_loop is not getattr(self.http, "_loop", None):
            return (
                "its http_client is an aiohttp.ClientSession of another event loop, or aiohttp cannot run in this one: "
                "make the session where it is used, or under trio give an httpx.AsyncClient"
            )
        return None

    async def exchange(self, attempt: Attempt) -> Response:
        protocols = list[Any]()
        others = getattr(self.http, "_middlewares", ())
        headers = CIMultiDict([(name.decode(), value.decode()) for name, value in attempt.headers])
        last = partial(self._last, attempt, headers.copy(), protocols)
        response = await self.http.request(
            attempt.method,
            _url(attempt.url),
            headers=headers,
            data=attempt.content,
            allow_redirects=False,
            raise_for_status=False,
            auto_decompress=False,
            timeout=_timeout(round(attempt.timeout, 6)),
            middlewares=(self._once, *others, last) if others else (last,),
        )
        try:
            body, content = response.content, None
            if body.is_eof() and body.exception() is None:  # it came together with the headers
                content = [body.read_nowait()]
            read = await self.read(attempt, response.status, response.raw_headers, content or body.iter_any())
            if attempt.problem is not None or not response.closed:
                response.close()  # what is left of it would be read, or be the next response
        except BaseException:
            response.close()
            raise
        if attempt.for_another:  # what comes next on this connection would be for others, too
            for protocol in protocols:
                protocol.close()
        return read

    async def _once(self, request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
        """The middleware before the session's own, which may see what has happened; aiohttp itself does not."""
        try:
            return await handler(request)
        except SENT_AGAIN as error:
            raise self.no_response(error) from None

    async def _last(
        self,
        attempt: Attempt,
        own: CIMultiDict[str],
        protocols: list[Any],
        request: aiohttp.ClientRequest,
        handler: aiohttp.ClientHandlerType,
    ) -> aiohttp.ClientResponse:
        """The middleware next to the connection: it sets the key, and sees when writing begins, and on what."""
        headers, defaults, others = request.headers, self.http.headers, getattr(self.http, "_middlewares", ())
        self.authorize(headers)
        # A trace or a middleware may have put others in place of these: of other requests, or of one attempt.
        for name in attempt.own_headers:
            headers.popall(name, None)
            if name in own:
                headers[name] = own[name]
        if "Cookie" in headers:
            del headers["Cookie"]
            if "Cookie" in defaults:
                headers["Cookie"] = defaults["Cookie"]
        send = request.send

        def write(connection: Any) -> Awaitable[aiohttp.ClientResponse]:
            if connection.protocol.should_close:  # more has come on it than was asked for: it would be the response
                raise aiohttp.ClientConnectionError("a connection that was kept had data on it")
            attempt.leaving()
            protocols.append(connection.protocol)
            return send(connection)

        request.send = write  # type: ignore[method-assign, assignment]
        if not others and self._is_librarys_own():
            attempt.waiting()
        try:
            return await handler(request)
        except SENT_AGAIN as error:
            if others:  # which may want to see it
                raise
            raise self.no_response(error) from None
        finally:
            del request.send  # or the request and it would keep each other alive

    def _is_librarys_own(self) -> bool:
        """Whether the session does no more than aiohttp does: others may send a request elsewhere, before or after."""
        requests = getattr(self.http, "_request_class", None)
        return type(self.http) is aiohttp.ClientSession and requests is aiohttp.ClientRequest

    def failure(self, error: BaseException) -> BaseException:
        task = asyncio.current_task()
        if isinstance(error, asyncio.CancelledError) and not (task and task.cancelling()):
            return self.no_response(error)  # nobody has cancelled this task: the session was closed
        return super().failure(error)

    def no_response(self, error: BaseException) -> TransportError:
        may_pass = isinstance(error, (aiohttp.ClientError, asyncio.CancelledError, OSError))
        timed_out = isinstance(error, asyncio.TimeoutError)
        return TransportError(in_words(error, self.scrub), timed_out=timed_out, final=not may_pass)


_url = lru_cache(256)(partial(URL, encoded=True))


@lru_cache(16)
def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    """Until when there must be a connection. Reading has none, which would be a timer more: the attempt ends it."""
    return aiohttp.ClientTimeout(
        total=None, connect=seconds, sock_connect=seconds, sock_read=None, ceil_threshold=math.inf
    )
