"""Makes calls: permission preflight, attempts, and what they come to, over what `connection` holds."""

from __future__ import annotations

import logging
import math
import random
import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar
from urllib.parse import quote, urlencode

from attrs import Factory, define, evolve, field, frozen

from sequence_api_client import Operation, Request

from . import errors, responses, retries, settings
from ._version import __version__
from .bodies import ACCEPTED_ENCODINGS
from .clock import Moment
from .connection import Connection, same_request_id
from .idempotency import (
    IdempotencyKey,
    check_first_use,
    check_not_ahead,
    in_words_for_later,
    is_first_try,
    usable_until,
)
from .key_memory import KeyUse
from .redaction import APIKey, in_words
from .settings import ResponseLimits
from .transport import Attempt, TransportError

if TYPE_CHECKING:
    from .permissions import Permissions

logger = logging.getLogger("sequence_sdk")
logger.addHandler(logging.NullHandler())  # silent where no logging is set up
"""One line a call at INFO, one an attempt at DEBUG; never a key, a body or an account."""

REQUEST_ID = "X-Request-ID"
IDEMPOTENCY_KEY = "Idempotency-Key"

LIBRARY_SHARE = 0.98
"""How much of an attempt's time connecting may take: so the HTTP library ends it, and knows that nothing was sent."""

LONGEST_URL = 65_536
"""Bytes that a URL may have: what HTTP libraries take, and more than servers do."""

ResponseT = TypeVar("ResponseT")
T = TypeVar("T")
U = TypeVar("U")


@frozen(kw_only=True)
class APIResponse(Generic[T]):
    """A response with what came along: what `.with_response(…)` gives."""

    data: T
    """What the operation responds with."""
    request_id: str
    """The identifier under which the vendor knows the request."""
    status_code: int
    headers: Mapping[str, str]
    """By name, whatever its case."""
    content: bytes = field(repr=False)
    """The body, unchanged."""
    elapsed: float
    """Seconds from the call to the end of the response, all attempts together."""
    attempts: int
    """How many requests were sent."""
    waited: float
    """Seconds that they waited for the rate limit, of those elapsed."""
    idempotency_key: str | None
    """What a write was sent with."""
    first_sent: Moment | None = field(default=None, repr=False)
    """When the first attempt of a write began, by the clocks of this machine."""
    key_first_used: datetime | None = field(default=None, repr=False)
    """When (UTC) a write's idempotency key was used first, where its owner has said so."""

    def map(self, function: Callable[[T], U]) -> APIResponse[U]:
        """The same response with other data."""
        return evolve(self, data=function(self.data))  # type: ignore[arg-type, return-value]


@define(kw_only=True, eq=False)
class _Call(Generic[ResponseT]):
    """A call in flight, over all of its attempts."""

    operation: Operation[ResponseT]
    request: Request
    request_id: str
    url: str
    headers: list[tuple[bytes, bytes]] = field(repr=False)
    idempotency_key: str | None
    started: float
    """On the client's clock, as `deadline`."""
    deadline: float
    resumed: errors.OutcomeUnknownError | None
    """The earlier call of the same write, where this one is to find out what became of it."""
    use: KeyUse | None
    """What is known of the idempotency key together with this request."""
    attempts: int = 0
    """How many requests were sent."""
    waited: float = 0.0
    failures: list[errors.APIError] = field(factory=list[errors.APIError])
    """What the attempts that ended came to."""
    attempt: Attempt | None = None
    """The one that has not ended."""
    last_chance: bool = False
    """Whether it ends with the deadline, and not by its own timeout."""

    @property
    def is_write(self) -> bool:
        return self.operation.method != "GET"

    @property
    def repeatable(self) -> bool:
        return not self.is_write or self.idempotency_key is not None

    @property
    def key_made_here(self) -> bool:
        """Whether the SDK made the idempotency key, for this call or for the one that it resumes."""
        return self.resumed.key_made_here if self.resumed else IDEMPOTENCY_KEY not in self.request.headers

    @property
    def sending(self) -> bool:
        """Whether a byte of the attempt that has not ended may have left."""
        return self.attempt is not None and self.attempt.sent

    @property
    def may_have_sent(self) -> bool:
        """Whether one of its own attempts may have done what it asks for."""
        return self.sending or any(map(retries.leaves_open, self.failures))

    @property
    def first_sent(self) -> Moment | None:
        """When the first attempt with the idempotency key began, as far as that is known here."""
        return self.use.first_sent if self.use else None

    @property
    def key_first_used(self) -> datetime | None:
        """When (UTC) the idempotency key was used first, where its owner knows."""
        return self.use.first_used if self.use else None

    def key_in_words(self) -> str:
        """The idempotency key as a later call gives it."""
        return in_words_for_later(
            self.idempotency_key or "", self.key_first_used, self.first_sent, made_here=self.key_made_here
        )

    @property
    def request_ids(self) -> tuple[str, ...]:
        """What a response to it may name: a repeat may get the first response, headers included."""
        return (self.request_id, *((same_request_id(self.use),) if self.use else ()))

    def may_be_done(self) -> bool:
        """Whether a write may have been done: by its attempts, or by other calls with its key."""
        opened = self.sending or (self.use is not None and self.use.may_be_done_by_others(self))
        return self.is_write and retries.outcome_unknown(self.failures, self.operation.settling, opened=opened)


@frozen(kw_only=True, eq=False)
class Session:
    """Sends requests with one API key and one set of options; several share one `Connection`."""

    connection: Connection
    key: APIKey = field(repr=False)
    base_url: str
    timeout: float
    deadline: float | None
    max_retries: int
    limits: ResponseLimits
    headers: Mapping[str, str]
    permissions: Permissions | None
    _raw_headers: list[tuple[bytes, bytes]] = field(
        init=False,
        repr=False,
        default=Factory(
            lambda self: _raw(settings.common_headers(self.connection.transport.headers, self.headers)), takes_self=True
        ),
    )
    """What every request carries: these headers, and those that the HTTP client has of its own."""

    async def send(self, operation: Operation[ResponseT], request: Request, /) -> ResponseT:
        """Send a request and decode its response: what makes a session a transport for the generated operations."""
        return (await self.exchange(operation, request)).data

    async def exchange(
        self,
        operation: Operation[ResponseT],
        request: Request,
        *,
        resumed: errors.OutcomeUnknownError | None = None,
        key_first_used: datetime | None = None,
    ) -> APIResponse[ResponseT]:
        """Send a request, again where that is right, and give its response with what came along.

        Args:
            operation: What is called.
            request: What is sent.
            resumed: The error of an earlier call with the same request and idempotency key.
            key_first_used: When that key was used first, where its owner says so.

        Raises:
            PermissionDeniedError: The declared permissions do not grant it; nothing was sent.
            ConfigurationError: The client cannot be used here and now; nothing was sent.
            InvalidArgumentError: The idempotency key was used first too long ago, or the arguments are too long for a
                URL; nothing was sent.
            OutcomeUnknownError: It is a write that may have been done or not.
            APIError: It failed.
        """
        self.connection.check(operation)
        call = self._call(operation, request, resumed, key_first_used)
        if call.use is not None:
            call.use.begin(call)
        try:
            if self.permissions is not None:
                self._check(self.permissions, call)
            response, model = await self._attempts(call)
            if call.use is not None:
                call.use.may_be_done = True  # it was: no refusal of a later call with the key may deny it
        except Exception as failure:
            error = self._final(call, failure)
            try:
                raise error from error.__cause__
            finally:  # or the error and the frames of its traceback would keep each other alive
                call.failures.clear()
                del error
        except BaseException as cancelled:
            if call.may_be_done():
                self._warn_of(call, cancelled)
            raise
        finally:
            if call.use is not None:
                call.use.end(call)
        self.connection.budget.succeed()
        if self.permissions is not None:
            self.permissions.learn(operation, model)
        self._log(call, response.status_code, response.request_id)
        return APIResponse(
            data=model,
            request_id=response.request_id,
            status_code=response.status_code,
            headers=response.headers,
            content=response.content,
            elapsed=self.connection.now() - call.started,
            attempts=call.attempts,
            waited=call.waited,
            idempotency_key=call.idempotency_key,
            first_sent=call.first_sent,
            key_first_used=call.key_first_used,
        )

    async def resume(
        self, operation: Operation[ResponseT], error: errors.OutcomeUnknownError, key_first_used: datetime | None
    ) -> ResponseT:
        """Make the call of a write again whose outcome is unknown, while the server knows its idempotency key.

        Raises:
            IdempotencyKeyExpiredError: The server may have forgotten the key; nothing was sent.
            InvalidArgumentError: Nobody says when the key was used first; nothing was sent.
            OutcomeUnknownError: It is still unknown.
        """
        now = self.connection.clock.moment()
        first_used = min(filter(None, (key_first_used, error.key_first_used)), default=None)
        if first_used is not None:
            check_not_ahead(f"{operation.id}: key_first_used", first_used, now.wall)
        elif not error.key_made_here:
            raise errors.InvalidArgumentError(
                f"{operation.id}: its idempotency key was given by the caller, and when it was used first is not known "
                "here: give key_first_used=…, the moment when the first call with it began, a datetime with a time zone"
            )
        ends = filter(None, (usable_until(now, error.first_sent, first_used), error.remembered_until))
        until = min(ends)
        if now.wall >= until:
            raise errors.IdempotencyKeyExpiredError(
                f"{operation.id}: its idempotency key could be used until {until:%Y-%m-%d %H:%M} UTC; now the server "
                "may have forgotten it, and a repeat could do it twice. See what the first call may have made: "
                "`await error.candidates(client)`"
            )
        return (await self.exchange(operation, error.request, resumed=error, key_first_used=first_used)).data

    def _call(
        self,
        operation: Operation[ResponseT],
        request: Request,
        resumed: errors.OutcomeUnknownError | None,
        key_first_used: datetime | None,
    ) -> _Call[ResponseT]:
        headers = dict(request.headers)
        if request.content is not None:
            headers["Content-Type"] = "application/json"
        key = headers.get(IDEMPOTENCY_KEY)
        if operation.takes_idempotency_key and key is None:
            import uuid  # noqa: PLC0415 - programs that only read never need it

            key = headers[IDEMPOTENCY_KEY] = str(uuid.uuid4())
        use: KeyUse | None = None
        if key is not None:
            use = self.connection.keys.use(key, request.path, request.content)
            owned = key if isinstance(key, IdempotencyKey) else IdempotencyKey(key)
            self._look_back(operation, owned, use, resumed, key_first_used)
        request_id = headers.get(REQUEST_ID)
        if request_id is None:
            request_id = same_request_id(use) if use else self.connection.make_request_id()
            headers[REQUEST_ID] = request_id
        started = self.connection.now()
        return _Call(
            operation=operation,
            request=request,
            request_id=request_id,
            url=_url(self.base_url, operation, request),
            headers=self._raw_headers + _raw(headers),
            idempotency_key=key,
            started=started,
            deadline=math.inf if self.deadline is None else started + self.deadline,
            resumed=resumed,
            use=use,
        )

    def _look_back(
        self,
        operation: Operation[ResponseT],
        key: IdempotencyKey,
        use: KeyUse,
        resumed: errors.OutcomeUnknownError | None,
        stated: datetime | None,
    ) -> None:
        """Take note of what is known of a key's earlier uses, and see to it that it may be used again."""
        self.check_owner(operation, key.api_key_fingerprint)
        now = self.connection.clock.moment()
        first_used = min(filter(None, (use.first_used, key.first_used, stated)), default=None)
        if resumed is not None:  # whose age was looked at already
            known = filter(None, (use.first_sent, resumed.first_sent))
            use.first_used, use.may_be_done = first_used, True
            use.first_sent = max(known, key=lambda moment: moment.until(now))
            return
        check_first_use(operation.id, now, use.first_sent, first_used)
        use.first_used = first_used
        used_before = key.used_before
        if used_before is None:
            began = use.first_sent.wall if use.first_sent else now.wall
            used_before = not is_first_try(use.first_used, began, self.connection.made)
        use.may_be_done = use.may_be_done or used_before

    def check_owner(self, operation: Operation[ResponseT], fingerprint: str | None) -> None:
        """See to it that an idempotency key was used with this API key, if that is known."""
        if fingerprint is not None and not self.key.has(fingerprint):
            raise errors.ConfigurationError(
                f"{operation.id} was sent with another API key, and the server remembers idempotency keys for each "
                "API key: with the key of this client it could be done twice, so use a client with the key that sent it"
            )

    def _check(self, permissions: Permissions, call: _Call[ResponseT]) -> None:
        """See to it that permissions grant a call."""
        from .permissions import requirement  # noqa: PLC0415 - it is loaded where permissions are declared

        needed = requirement(call.operation, call.request.arguments)
        missing = permissions.check(needed)
        if missing is not None:
            raise responses.refusal(call.operation, needed, missing, call.request_id)

    def _log(self, call: _Call[ResponseT], outcome: object, request_id: str) -> None:
        """One line for a call. Neither the arguments nor the response are in it."""
        if logger.isEnabledFor(logging.INFO):
            text = "%s: %s after %d attempt(s) in %.3f s (request %s)"
            elapsed = self.connection.now() - call.started
            logger.info(text, call.operation.id, outcome, call.attempts, elapsed, request_id)

    def _warn_of(self, call: _Call[ResponseT], cancelled: BaseException) -> None:
        """Say what must be known of a write that was cancelled, in the log and in the exception's notes."""
        text = (
            f"{call.operation.id} was cancelled when it may have been done already. To find out, call it again with "
            f"the same arguments and idempotency_key={call.key_in_words()} (request {call.request_id})"
        )
        if call.use is not None:
            call.use.may_be_done = True
        logger.warning(text)
        cancelled.add_note(text)

    async def _attempts(self, call: _Call[ResponseT]) -> tuple[responses.Received, ResponseT]:
        """Attempt the call for as long as `retries` says, and give the response and the model in it."""
        while True:
            try:
                return await self._attempt(call)
            except errors.APIError as failure:
                wait = await self._wait_after(call, failure)
                if wait is None:
                    raise
            with self.connection.until(call.deadline):
                await self.connection.clock.sleep(wait)
            if self.connection.closed or self.connection.now() >= call.deadline:
                call.failures.append(self._interrupted(call))
                raise call.failures[-1]

    async def _attempt(self, call: _Call[ResponseT]) -> tuple[responses.Received, ResponseT]:
        """Send the request once, in its turn and within the timeout, and give the response if it is a success."""
        connection, response = self.connection, None
        try:
            with connection.until(call.deadline) as scope:
                try:
                    call.waited += await connection.limiter.acquire()
                except errors.RateLimiterError as error:
                    error.operation, error.request_id = call.operation.id, call.request_id
                    raise
                begun = connection.now()
                end = min(call.deadline, begun + self.timeout)
                call.last_chance = end == call.deadline
                scope.deadline = connection.loop_deadline(end)
                try:
                    if begun < call.deadline:
                        response = await self._send(call, self._begin(call, end - begun))
                finally:
                    await connection.limiter.release()
                    if logger.isEnabledFor(logging.DEBUG):
                        text = "%s: attempt %d, %s in %.3f s (request %s)"
                        outcome = response.status_code if response else "no response"
                        elapsed = connection.now() - begun
                        logger.debug(text, call.operation.id, call.attempts, outcome, elapsed, call.request_id)
            if response is None:
                raise self._interrupted(call)
            if not 200 <= response.status_code < 300:
                now = connection.clock.now()
                raise responses.error_for(call.operation, call.request, response, now=now, scrub=self.key.scrub)
            return response, responses.decode(call.operation, call.request, response, self.key.scrub)
        except errors.APIError:
            call.attempt = None
            raise

    def _begin(self, call: _Call[ResponseT], seconds: float) -> Attempt:
        """The next attempt, which may take so long."""
        expired: Callable[[], bool] | None = None
        if call.is_write:
            expired = partial(self._expired, call)
            if expired():
                why = "not sent again, since the server may have forgotten the idempotency key by now"
                raise self._no_response(call, errors.APIConnectionError, why, final=True)
            if call.use is not None and call.use.first_sent is None:
                call.use.first_sent = self.connection.clock.moment()
        call.attempts += 1
        call.attempt = Attempt(
            method=call.operation.method,
            url=call.url,
            headers=call.headers,
            content=call.request.content,
            timeout=seconds * LIBRARY_SHARE,
            limits=self.limits,
            expired=expired,
            is_for_another=partial(self.connection.is_for_another, call.request_ids),
        )
        return call.attempt

    def _expired(self, call: _Call[ResponseT]) -> bool:
        """Whether the server may have forgotten the idempotency key by now."""
        now = self.connection.clock.moment()
        until = usable_until(now, call.first_sent, call.key_first_used)
        return until is not None and now.wall >= until

    async def _wait_after(self, call: _Call[ResponseT], failure: errors.APIError) -> float | None:
        """Seconds from a failed attempt to the next; None where there is no next. Others wait with it after a 429."""
        call.failures.append(failure)
        connection, now = self.connection, self.connection.now()
        wait = retries.delay(call.failures, connection.clock.now(), random.random())  # noqa: S311 - jitter is no secret
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

    def _interrupted(self, call: _Call[ResponseT]) -> errors.APIConnectionError:
        """The failure of an attempt that was stopped here, before it had its turn or before it had a response."""
        if not self.connection.closed:
            return self._no_response(call, errors.APITimeoutError, self._too_late(call))
        return self._no_response(call, errors.APIConnectionError, "the client was closed while the call was in flight")

    def _too_late(self, call: _Call[ResponseT]) -> str:
        if call.last_chance or self.connection.now() >= call.deadline:
            return f"not done within the deadline of {self.deadline:g} seconds"
        return f"no response from {_origin(self.base_url)} within {self.timeout:g} seconds"

    def _no_response(
        self, call: _Call[ResponseT], cls: type[errors.APIConnectionError], why: str, *, final: bool = False
    ) -> errors.APIConnectionError:
        """The failure of an attempt that brought no response."""
        return cls(
            f"{call.operation.id}: {why} (request {call.request_id})",
            operation=call.operation.id,
            request_id=call.request_id,
            sent=call.sending,
            final=final,
        )

    def _final(self, call: _Call[ResponseT], failure: Exception) -> Exception:
        """The error of a call, by the failures of its attempts and what ended it."""
        if not isinstance(failure, errors.APIError):
            if not call.may_be_done():
                return failure
            why = f"it broke: {in_words(failure, self.key.scrub)}"
            call.failures.append(self._no_response(call, errors.APIConnectionError, why, final=True))
        elif not call.failures:
            call.failures.append(failure)
        call.attempt = None
        error: errors.APIError = call.failures[-1]
        error.args = (self.key.scrub(str(error)),)  # a server may echo the key in any header or member
        if isinstance(error, errors.APIResponseValidationError):
            error.problem = self.key.scrub(error.problem)
        if call.may_be_done():
            error = self._unknown(call, error)
            if call.use is not None:
                call.use.may_be_done = True
        error.attempts, error.idempotency_key = call.attempts, call.idempotency_key
        status = None if isinstance(error, errors.OutcomeUnknownError) else error.status_code
        self._log(call, status or type(error).__name__, error.request_id)
        return error

    def _usable_until(self, call: _Call[ResponseT]) -> datetime | None:
        """Until when the idempotency key may be used, if its first use is known."""
        known = call.key_made_here or call.key_first_used is not None
        return usable_until(self.connection.clock.moment(), call.first_sent, call.key_first_used) if known else None

    def _unknown(self, call: _Call[ResponseT], last: errors.APIError) -> errors.OutcomeUnknownError:
        until = self._usable_until(call)
        if call.idempotency_key is None:
            remedy = "It has no idempotency key: look for what it did before you call it again"
        else:
            while_safe = f"until {until:%Y-%m-%d %H:%M} UTC" if until else "within 23 hours of the key's first use"
            resume = "error.resume(client)" if until else "error.resume(client, key_first_used=…)"
            remedy = (
                f"Repeat it to find out: `await {resume}`, or the same call with "
                f"idempotency_key={call.key_in_words()}; {while_safe} that does nothing twice"
            )
        attempts = f"{call.attempts} attempt{'' if call.attempts == 1 else 's'}"
        error = errors.OutcomeUnknownError(
            f"{call.operation.id}: it may have been done or not. {remedy}. {attempts}, the last: {last}",
            operation=call.operation.id,
            request_id=last.request_id,
            arguments={name: value for name, value in call.request.arguments.items() if value is not None},
            remembered_until=until,
            key_first_used=call.key_first_used,
            first_sent=call.first_sent or self.connection.clock.moment(),
            base_url=self.base_url,
            request=evolve(call.request, headers={**call.request.headers, IDEMPOTENCY_KEY: call.idempotency_key or ""}),
            status_code=last.status_code,
            key_made_here=call.key_made_here,
            api_key_fingerprint=self.key.fingerprint(),
        )
        error.__cause__ = last
        return error

    async def _send(self, call: _Call[ResponseT], attempt: Attempt) -> responses.Received:
        """One exchange over HTTP."""
        try:
            response = await self.connection.transport.send(attempt)
        except TransportError as error:
            if error.timed_out:
                raise self._no_response(call, errors.APITimeoutError, f"{self._too_late(call)}, {error}") from error
            why = f"no response from {_origin(self.base_url)}, {error}"
            raise self._no_response(call, errors.APIConnectionError, why, final=error.final) from error
        request_id = response.headers.get(REQUEST_ID, "")
        if not request_id.isprintable() or not 1 <= len(request_id) <= 255 or self.key.scrub(request_id) != request_id:
            request_id = call.request_id
        if response.for_another:
            why = f"what arrived is the response to another request, {request_id}"
            raise self._no_response(call, errors.APIConnectionError, why)
        received = responses.Received(
            status_code=response.status_code, headers=response.headers, content=response.content, request_id=request_id
        )
        if response.problem is not None and 200 <= received.status_code < 300:
            raise responses.invalid_response(call.operation, received, None, response.problem)
        return received


def _raw(headers: Mapping[str, str]) -> list[tuple[bytes, bytes]]:
    """Headers as they are sent: an HTTP client need not look at them again."""
    return [(name.encode(), value.encode()) for name, value in headers.items()]


def default_headers() -> dict[str, str]:
    return {
        "Accept": "application/json",
        "Accept-Encoding": ACCEPTED_ENCODINGS,
        "User-Agent": f"sequence-sdk/{__version__} python/{sys.version.split()[0]}",
    }


def _origin(base_url: str) -> str:
    return "/".join(base_url.split("/")[:3])


def _url(base_url: str, operation: Operation[ResponseT], request: Request) -> str:
    query = f"?{urlencode(request.query, quote_via=quote)}" if request.query else ""
    url = f"{base_url}{request.path}{query}"
    if len(url) > LONGEST_URL:
        raise errors.InvalidArgumentError(
            f"{operation.id}: the arguments are too long for a URL of {LONGEST_URL} bytes: give shorter ones"
        )
    return url
