"""Sends requests over aiohttp: all that the SDK knows of it."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache, partial
from typing import Any

import aiohttp
from yarl import URL

from sequence_runtime import Response

from .background import event_loop
from .bodies import Body, BodyError
from .redaction import APIKey, in_words
from .transport import Attempt, Headers, TransportError, stripped

Handler = Callable[[aiohttp.ClientRequest], Awaitable[aiohttp.ClientResponse]]

_BREAKS = (aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)
"""What makes aiohttp send a request again by itself."""


class _Broken(Exception):
    """Carries an exception past aiohttp, which would send the request again if it saw it."""

    def __init__(self, error: Exception) -> None:
        self.error = error


class AiohttpTransport:
    """Carries requests over an `aiohttp.ClientSession`, which it never closes."""

    def __init__(self, http: Any, key: APIKey) -> None:
        self.http: aiohttp.ClientSession = http
        self._key = key
        self._url = lru_cache(128)(partial(URL, encoded=True))

    @property
    def headers(self) -> Mapping[str, str]:
        return {}  # the session adds its own

    @property
    def unusable(self) -> str | None:
        if self.http.closed:
            return "its http_client is closed; give an open one"
        if event_loop() is not getattr(self.http, "_loop", None):
            return (
                "its http_client is an aiohttp.ClientSession of another event loop, or aiohttp cannot run in this one: "
                "make the session where it is used, or under trio give an httpx.AsyncClient"
            )
        return None

    async def send(self, attempt: Attempt) -> Response:
        try:
            return await self._exchange(attempt)
        except BaseException as error:
            foreign = isinstance(error, asyncio.CancelledError) and not _cancelled()  # such as by closing the session
            failure = self._failure(error) if foreign or isinstance(error, Exception) else stripped(error)
        try:
            raise failure
        finally:
            del failure  # or the exception and this frame would keep each other alive

    async def aclose(self) -> None:
        """The session is not ours to close."""

    async def _exchange(self, attempt: Attempt) -> Response:
        seconds, protocols = attempt.timeout, list[Any]()
        async with self.http.request(
            attempt.method,
            self._url(attempt.url),
            headers={name.decode(): value.decode() for name, value in attempt.headers},
            data=attempt.content,
            allow_redirects=False,
            raise_for_status=False,
            auto_decompress=False,
            timeout=aiohttp.ClientTimeout(
                total=None, connect=seconds, sock_connect=seconds, sock_read=seconds, ceil_threshold=math.inf
            ),
            # The session's own middlewares are between ours.
            middlewares=(_once, *getattr(self.http, "_middlewares", ()), self._last(attempt, protocols)),
        ) as response:
            read = await _read(attempt, response, self._key.scrub)
        if attempt.for_another:  # what comes next on this connection would be for others, too
            for protocol in protocols:
                protocol.close()
        return read

    def _last(
        self, attempt: Attempt, protocols: list[Any]
    ) -> Callable[[aiohttp.ClientRequest, Handler], Awaitable[aiohttp.ClientResponse]]:
        """The middleware next to the connection: it sets the key, and sees when writing begins, and on what."""
        given = {name.decode().lower() for name, _ in attempt.headers}
        # A session that does more than aiohttp does may send the request elsewhere, before or after.
        trusted = (
            type(self.http) is aiohttp.ClientSession
            and getattr(self.http, "_request_class", None) is aiohttp.ClientRequest
            and not getattr(self.http, "_middlewares", ())
        )
        written = False

        async def last(request: aiohttp.ClientRequest, handler: Handler) -> aiohttp.ClientResponse:
            nonlocal written
            self._key.authorize(request.headers)
            for name in attempt.own_headers - given:
                request.headers.popall(name, None)  # a session's own would be that of other requests
            send = request.send

            async def write(connection: Any) -> aiohttp.ClientResponse:
                nonlocal written
                if connection.protocol.should_close:  # more has come on it than was asked for: it would be the response
                    raise aiohttp.ClientConnectionError("a connection that was kept had data on it")
                attempt.leaving()
                protocols.append(connection.protocol)
                written = True
                return await send(connection)

            request.send = write  # type: ignore[method-assign, assignment]
            if trusted and not written:
                attempt.sent = False
            try:
                return await handler(request)
            finally:
                del request.send  # or the request and it would keep each other alive

        return last

    def _failure(self, error: BaseException) -> TransportError:
        """What an exchange that broke came to."""
        if isinstance(error, _Broken):
            error = error.error
        known = isinstance(error, (aiohttp.ClientError, asyncio.TimeoutError, asyncio.CancelledError, OSError))
        timed_out = isinstance(error, asyncio.TimeoutError)
        return TransportError(in_words(error, self._key.scrub), timed_out=timed_out, final=not known)


def _cancelled() -> bool:
    """Whether somebody has cancelled this task."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


async def _once(request: aiohttp.ClientRequest, handler: Handler) -> aiohttp.ClientResponse:
    """The middleware before all others: it keeps aiohttp from sending a request again."""
    try:
        return await handler(request)
    except _BREAKS as error:
        broken = _Broken(error)
    raise broken


async def _read(attempt: Attempt, response: aiohttp.ClientResponse, scrub: Callable[[str], str]) -> Response:
    """The whole response, within its limits."""
    headers = Headers(response.raw_headers, scrub)
    body = Body(attempt.limits)
    attempt.for_another = attempt.is_for_another(headers)
    try:
        body.count(headers.count)
        body.begin(headers)
        async for chunk in response.content.iter_any():
            body.feed(chunk)
        body.end()
    except BodyError as error:
        attempt.problem = str(error)
        response.close()  # what is left of it would be read, or be the next response
    return Response(status_code=response.status, headers=headers, content=body.so_far())
