"""Sends requests: permission preflight, attempts, HTTP. All I/O of the SDK is here, on what `connection` holds."""

from __future__ import annotations

import logging
import math
import random
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from urllib.parse import quote, urlencode

import anyio
from attrs import Factory, define, evolve, field, frozen

from sequence_api_client import Operation, Request

from . import answers, errors, retries, settings
from ._version import __version__
from .bodies import ACCEPTED_ENCODINGS, Body
from .connection import Connection, HTTPResponse
from .pool import reclaim
from .settings import AnswerLimits

if TYPE_CHECKING:
    from .permissions import Permissions

logger = logging.getLogger("sequence_sdk")
"""One line a call at INFO, one an attempt at DEBUG; never a key, a body or an account."""

REQUEST_ID = "X-Request-ID"
IDEMPOTENCY_KEY = "Idempotency-Key"

AnswerT = TypeVar("AnswerT")
T = TypeVar("T")
U = TypeVar("U")


@frozen(kw_only=True)
class APIResponse(Generic[T]):
    """An answer with what came along: what `.with_response(…)` gives."""

    data: T
    """What the operation answers with."""
    request_id: str
    """The identifier under which the vendor knows the request."""
    status_code: int
    headers: Mapping[str, str]
    """By name, whatever its case."""
    content: bytes = field(repr=False)
    """The body, unchanged."""
    elapsed: float
    """Seconds from the call to the end of the answer, all attempts together."""
    attempts: int
    """How many requests were sent."""
    waited: float
    """Seconds that they waited for the rate limit, of those elapsed."""

    def map(self, function: Callable[[T], U]) -> APIResponse[U]:
        """The same answer with other data."""
        return evolve(self, data=function(self.data))  # type: ignore[arg-type, return-value]


def authorization(api_key: str) -> Callable[[Any], Any]:
    """What puts the API key on a request.

    The key is held by a function and by nothing else, and set on a request only after our own frames are left behind:
    so no repr, `vars()`, pickle or traceback of ours can show it.
    """

    def authorize(request: Any) -> Any:
        request.headers["Authorization"] = f"ApiKey {api_key}"
        return request

    return authorize


@define(kw_only=True)
class _Call(Generic[AnswerT]):
    """A call under way, over all of its attempts."""

    operation: Operation[AnswerT]
    request: Request
    request_id: str
    headers: list[tuple[bytes, bytes]] = field(repr=False)
    idempotency_key: str | None
    started: float
    """On the clock of the event loop, as `deadline`."""
    deadline: float
    attempts: int = 0
    """How many requests were sent."""
    waited: float = 0.0
    failures: list[errors.APIError] = field(factory=list[errors.APIError])
    """What the attempts that ended came to."""

    @property
    def repeatable(self) -> bool:
        return self.operation.method == "GET" or self.idempotency_key is not None


class _Again(Exception):
    """Makes the retry loop wait and go on. Its text may be logged, so nothing that the server said is in it."""

    def __init__(self, text: str, wait: float) -> None:
        super().__init__(text)
        self.wait = wait


@frozen(kw_only=True, eq=False)
class Session:
    """Sends requests with one API key and one set of options; several share one `Connection`."""

    connection: Connection
    authorize: Callable[[Any], Any] = field(repr=False)
    base_url: str
    timeout: float
    deadline: float | None
    max_retries: int
    coalesce: bool
    limits: AnswerLimits
    headers: Mapping[str, str]
    permissions: Permissions | None
    _raw_headers: list[tuple[bytes, bytes]] = field(
        init=False,
        repr=False,
        default=Factory(
            lambda self: _raw(settings.common_headers(self.connection.http.headers, self.headers)), takes_self=True
        ),
    )
    """What every request carries: these headers, and those that the HTTP client has of its own."""

    async def send(self, operation: Operation[AnswerT], request: Request, /) -> AnswerT:
        """Send a request and decode its answer: what makes a session a transport for the generated operations."""
        return (await self.exchange(operation, request)).data

    async def exchange(self, operation: Operation[AnswerT], request: Request) -> APIResponse[AnswerT]:
        """Send a request, again where that is right, and give its answer with what came along.

        Raises:
            PermissionDeniedError: The declared permissions do not grant it; nothing was sent.
            ConfigurationError: The client cannot be used here and now; nothing was sent.
            OutcomeUnknownError: It is a write that may have been done or not.
            APIError: It failed.
        """
        if self.coalesce and operation.method == "GET" and not request.headers:
            return await self._share(operation, request)
        request_id = request.headers.get(REQUEST_ID) or self.connection.make_request_id()
        if self.permissions is not None:
            from .permissions import requirement  # noqa: PLC0415 - it is loaded where permissions are declared

            needed = requirement(operation, request.arguments)
            missing = self.permissions.check(needed)
            if missing is not None:
                raise answers.refusal(operation, needed, missing, request_id)
        self.connection.check(operation)
        headers = {**request.headers, REQUEST_ID: request_id}
        if request.content is not None:
            headers["Content-Type"] = "application/json"
        if operation.takes_idempotency_key and IDEMPOTENCY_KEY not in headers:
            import uuid  # noqa: PLC0415 - programs that only read never need it

            headers[IDEMPOTENCY_KEY] = str(uuid.uuid4())
        started = self.connection.now()
        call = _Call(
            operation=operation,
            request=request,
            request_id=request_id,
            headers=self._raw_headers + _raw(headers),
            idempotency_key=headers.get(IDEMPOTENCY_KEY),
            started=started,
            deadline=math.inf if self.deadline is None else started + self.deadline,
        )
        try:
            try:
                answer = await self._attempt(call)
            except errors.APIError as failure:
                answer = await self._repeat(call, failure)
            model = answers.decode(operation, answer)
        except errors.APIError as error:
            error.attempts, error.idempotency_key = call.attempts, call.idempotency_key
            self._log(call, getattr(error, "status_code", None) or type(error).__name__, error.request_id)
            raise
        self.connection.budget.succeed()
        if self.permissions is not None:
            self.permissions.learn(operation, model)
        self._log(call, answer.status_code, answer.request_id)
        return APIResponse(
            data=model,
            request_id=answer.request_id,
            status_code=answer.status_code,
            headers=answer.headers,
            content=answer.content,
            elapsed=self.connection.now() - started,
            attempts=call.attempts,
            waited=call.waited,
        )

    async def _share(self, operation: Operation[AnswerT], request: Request) -> APIResponse[AnswerT]:
        """The answer to a read, together with all who ask this session the same meanwhile."""
        key = self, operation.id, request.path, tuple(request.query.items())
        call = partial(evolve(self, coalesce=False).exchange, operation, request)
        response = await self.connection.flights.share(key, call)
        if response is None:
            text = f"{operation.id}: the client was closed while the call was under way"
            raise errors.APIConnectionError(text, operation=operation.id, request_id="")
        return response

    def _log(self, call: _Call[AnswerT], outcome: object, request_id: str) -> None:
        """One line for a call. What was asked for and what was answered is not in it."""
        if logger.isEnabledFor(logging.INFO):
            text = "%s: %s after %d attempt(s) in %.3f s (request %s)"
            elapsed = self.connection.now() - call.started
            logger.info(text, call.operation.id, outcome, call.attempts, elapsed, request_id)

    async def _attempt(self, call: _Call[AnswerT]) -> answers.Answer:
        """Send the request once, in its turn and within the timeout, and give the answer if it is a success."""
        connection, answer = self.connection, None
        with connection.until(call.deadline) as scope:
            try:
                call.waited += await connection.limiter.acquire()
            except errors.RateLimiterError as error:
                error.operation, error.request_id = call.operation.id, call.request_id
                raise
            begun = connection.now()
            scope.deadline = min(call.deadline, begun + self.timeout)
            try:
                if begun < call.deadline:
                    call.attempts += 1
                    answer = await self._send(call)
            finally:
                await connection.limiter.release()
                if logger.isEnabledFor(logging.DEBUG):
                    text = "%s: attempt %d, %s in %.3f s (request %s)"
                    outcome = answer.status_code if answer else "no answer"
                    elapsed = connection.now() - begun
                    logger.debug(text, call.operation.id, call.attempts, outcome, elapsed, call.request_id)
        if answer is None:
            raise self._interrupted(call)
        if not 200 <= answer.status_code < 300:
            raise answers.error_for(call.operation, call.request, answer)
        return answer

    async def _repeat(self, call: _Call[AnswerT], failure: errors.APIError) -> answers.Answer:
        """Attempts after the first one, which failed, for as long as `retries` says.

        The retry loop is entered only now: most calls never need it.
        """
        wait = await self._wait_after(call, failure)
        if wait is None:
            raise self._final(call)
        import stamina  # noqa: PLC0415 - most programs never need it

        with self.connection.until(call.deadline):
            try:
                async for turn in stamina.retry_context(_seconds, attempts=None, timeout=None):
                    with turn:
                        if turn.num > 1:
                            try:
                                return await self._attempt(call)
                            except errors.APIError as error:
                                wait = await self._wait_after(call, error)
                        if wait is None:
                            raise self._final(call)
                        raise _Again(f"{call.operation.id}: {type(call.failures[-1]).__name__}", wait)
            except _Again:  # the whole program's retries are switched off, by stamina.set_active or set_testing
                raise self._final(call) from None
        call.failures.append(self._interrupted(call))
        raise self._final(call)

    async def _wait_after(self, call: _Call[AnswerT], failure: errors.APIError) -> float | None:
        """Seconds from a failed attempt to the next; None where there is no next. Others wait with it after a 429."""
        call.failures.append(failure)
        connection, now = self.connection, self.connection.now()
        wait = retries.delay(call.failures, datetime.now(UTC), random.random())  # noqa: S311 - jitter is no secret
        limited = isinstance(failure, errors.RateLimitError)
        if limited:
            await connection.limiter.pause(wait)
        if (
            connection.closed
            or not retries.retryable(failure, repeatable=call.repeatable)
            or not retries.retries_left(call.failures, self.max_retries)
            or now + wait >= call.deadline
        ):
            return None
        # What the server asks for, or never hears of, does not multiply its load.
        free = limited or retries.in_progress(failure) or not getattr(failure, "sent", True)
        return wait if free or connection.budget.spend(now) else None

    def _interrupted(self, call: _Call[AnswerT]) -> errors.APIError:
        """The failure of an attempt that was stopped here, before it had its turn or before it had an answer."""
        cls: type[errors.APIConnectionError] = errors.APITimeoutError
        why = f"no answer from {_origin(self.base_url)} within {self.timeout:g} seconds"
        if self.connection.closed:
            cls, why = errors.APIConnectionError, "the client was closed while the call was under way"
        elif self.connection.now() >= call.deadline:
            why = f"not done within the deadline of {self.deadline:g} seconds"
        sent = call.attempts > len(call.failures)
        return cls(
            f"{call.operation.id}: {why} (request {call.request_id})",
            operation=call.operation.id,
            request_id=call.request_id,
            sent=sent,
        )

    def _final(self, call: _Call[AnswerT]) -> errors.APIError:
        """The error of a call, by the failures of its attempts."""
        last = call.failures[-1]
        if call.idempotency_key is None or not retries.outcome_unknown(call.failures):
            return last
        asked = datetime.now(UTC) - timedelta(seconds=self.connection.now() - call.started)
        until = asked + retries.REMEMBERED_FOR
        error = errors.OutcomeUnknownError(
            f"{call.operation.id}: it may have been done or not. Repeat it to find out: `await error.resume(client)`, "
            f"or the same call with idempotency_key={call.idempotency_key!r}; until {until:%Y-%m-%d %H:%M} UTC that "
            f"does nothing twice. {call.attempts} attempt(s), the last: {last}",
            operation=call.operation.id,
            request_id=last.request_id,
            arguments={name: value for name, value in call.request.arguments.items() if value is not None},
            remembered_until=until,
            base_url=self.base_url,
            request=evolve(call.request, headers={**call.request.headers, IDEMPOTENCY_KEY: call.idempotency_key}),
        )
        error.__cause__ = last
        return error

    async def _send(self, call: _Call[AnswerT]) -> answers.Answer:
        """One exchange over HTTP."""
        http, library, operation = self.connection.http, self.connection.library, call.operation
        try:
            # A finished request goes to the client: merging it with the client's settings costs more than all of this.
            request = library.Request(
                operation.method,
                self.connection.url(_url(self.base_url, call.request)),
                headers=call.headers,
                content=call.request.content,
                extensions={"timeout": dict.fromkeys(("connect", "read", "write", "pool"), self.timeout)},
            )
            response = await http.send(request, stream=True, auth=self.authorize, follow_redirects=False)
            try:
                return await self._read(call, response)
            finally:
                await response.aclose()
        except anyio.get_cancelled_exc_class():
            await reclaim(http, call.request_id)
            raise
        except library.InvalidURL as error:
            raise ValueError(f"{operation.id}: the arguments are too long for a URL: {error}") from error
        except library.RequestError as error:
            timed_out = isinstance(error, library.TimeoutException)
            cls = errors.APITimeoutError if timed_out else errors.APIConnectionError
            raise cls(
                f"{operation.id}: no answer from {_origin(self.base_url)}, {type(error).__name__}: {error} "
                f"(request {call.request_id})",
                operation=operation.id,
                request_id=call.request_id,
                sent=not isinstance(
                    error, (library.ConnectError, library.ConnectTimeout, library.PoolTimeout, library.ProxyError)
                ),
            ) from error

    async def _read(self, call: _Call[AnswerT], response: HTTPResponse) -> answers.Answer:
        """The answer in a response, if it is to this request and not too large."""
        headers = response.headers
        # One look at them all costs less than one for each name.
        plain = {name.lower().decode("latin-1"): value.decode("latin-1") for name, value in headers.raw}
        request_id = plain.get("x-request-id") or call.request_id
        if self.connection.is_for_another(call.request_id, request_id):
            raise errors.APIConnectionError(
                f"{call.operation.id}: what arrived is the answer to another request, {request_id} "
                f"(request {call.request_id})",
                operation=call.operation.id,
                request_id=call.request_id,
            )

        def answer(content: bytes) -> answers.Answer:
            return answers.Answer(
                status_code=response.status_code, headers=headers, content=content, request_id=request_id
            )

        body = Body(self.limits)
        try:
            body.count(len(headers.raw))
            if response.is_stream_consumed:  # by an event hook or a transport, which have decompressed it, too
                body.feed(await response.aread())
            else:
                body.begin(plain)
                async for chunk in response.aiter_raw():
                    body.feed(chunk)
            return answer(body.whole())
        except ValueError as problem:
            raise answers.invalid_answer(call.operation, answer(body.so_far()), None, str(problem)) from problem


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as they are sent: an HTTP client need not look at them again."""
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def _seconds(error: Exception) -> float | bool:
    """How the retry loop learns how long to wait."""
    return error.wait if isinstance(error, _Again) else False


def default_headers() -> dict[str, str]:
    return {
        "Accept": "application/json",
        "Accept-Encoding": ACCEPTED_ENCODINGS,
        "User-Agent": f"sequence-sdk/{__version__} python/{sys.version.split()[0]}",
    }


def _origin(base_url: str) -> str:
    return "/".join(base_url.split("/")[:3])


def _url(base_url: str, request: Request) -> str:
    query = f"?{urlencode(request.query, quote_via=quote)}" if request.query else ""
    return f"{base_url}{request.path}{query}"
