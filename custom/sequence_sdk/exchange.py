"""Makes one call: the permission preflight, its attempts, and what they come to."""

from __future__ import annotations

import logging
import random
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from typing import Any, Generic, TypeVar

from attrs import define, evolve, field

from sequence_runtime import Call

from . import errors, responses, retries
from .age import MARGIN, Age
from .connection import is_for_another, same_request_id
from .idempotency import IdempotencyKey, check_age, kept_for, used_key
from .key_memory import KeyUse
from .redaction import in_words
from .requirements import requirement
from .responses import Received
from .session import APIResponse, Session, logger, raw
from .settings import own_headers
from .transport import Attempt, TransportError

LIBRARY_SHARE = 0.98
"""How much of an attempt's time connecting may take: so the HTTP library ends it, and knows that nothing was sent."""

SUMMARY = "%s: %s after %d attempt(s) in %.3f s (request %s)"
ATTEMPT = "%s: attempt %d, %s in %.3f s (request %s)"
NOT_SENT_AGAIN = "not sent again, since the server may have forgotten the idempotency key by now"

ResponseT = TypeVar("ResponseT")
DataT = TypeVar("DataT")


async def exchange(
    session: Session,
    call: Call[ResponseT, DataT],
    *,
    resumed: errors.OutcomeUnknownError | None = None,
    key_first_used: datetime | None = None,
) -> APIResponse[ResponseT]:
    """Make a call, with as many attempts as are right, and give its response with what came along.

    Args:
        session: What it is made with.
        call: The operation and the request.
        resumed: The error of an earlier call with the same request and idempotency key.
        key_first_used: When that key was used first, where its owner says so.

    Raises:
        PermissionDeniedError: The declared permissions do not grant it; nothing was sent.
        ConfigurationError: The client cannot be used here and now; nothing was sent.
        InvalidArgumentError: The idempotency key was used first too long ago, or the arguments are too long for a URL;
            nothing was sent.
        OutcomeUnknownError: It is a write that may have been done or not.
        APIError: It failed.
    """
    session.connection.check(call.operation.id)
    return await _prepare(session, call, resumed, key_first_used).run()


def _prepare(
    session: Session,
    call: Call[ResponseT, DataT],
    resumed: errors.OutcomeUnknownError | None,
    key_first_used: datetime | None,
) -> Exchange[ResponseT, DataT]:
    contract, connection, request = session.contract, session.connection, call.request
    headers = dict(request.headers)
    if request.content is not None:
        headers["Content-Type"] = "application/json"
    key: str | None = None
    use: KeyUse | None = None
    digest, used_before, ids = "", False, list[str]()
    if call.operation.idempotent and contract.idempotency is not None:
        key = headers.get(contract.idempotency.header)
        if key is None:
            import uuid  # noqa: PLC0415 - programs that only read never need it

            key = headers[contract.idempotency.header] = str(uuid.uuid4())
        digest = blake2b(
            b" ".join((key.encode(), request.path.encode(), request.content or b"")), digest_size=8
        ).hexdigest()
        use = connection.keys.use(key)
        used_before = _look_back(session, key, use, resumed=resumed, stated=key_first_used, operation=call.operation.id)
        ids.append(same_request_id(digest))  # the server may respond to a repeat with the first response
    if contract.request_id is not None:
        if contract.request_id not in headers:
            headers[contract.request_id] = ids[0] if ids else connection.make_request_id()
        ids.insert(0, headers[contract.request_id])
    started = connection.now()
    made = Exchange(
        session=session,
        call=call,
        request_ids=ids,
        url=session.url(request),
        headers=session.common_headers + raw(headers),
        idempotency_key=key,
        digest=digest,
        started=started,
        deadline=started + session.deadline,
        resumed=resumed,
        use=use,
    )
    if use is not None:
        use.begin(made, used_before=used_before)
    return made


def _look_back(
    session: Session,
    key: str,
    use: KeyUse,
    *,
    resumed: errors.OutcomeUnknownError | None,
    stated: datetime | None,
    operation: str,
) -> bool:
    """Take note of what is known of a key's age, see to it that it may be used, and say whether it was used before."""
    owned = key if isinstance(key, IdempotencyKey) else IdempotencyKey(key)
    check_owner(session, operation, owned.api_key_fingerprint)
    now, kept = session.connection.clock.moment(), kept_for(session.contract)
    known = Age(first_used=owned.first_used) if resumed is None else Age(resumed.first_sent, stated)
    age = use.age.older(known, now)
    check_age(operation, age, now, kept, limit=resumed.remembered_until if resumed is not None else None)
    use.age = age
    used_before = owned.used_before
    return resumed is not None or (owned.first_used is not None if used_before is None else used_before)


def check_owner(session: Session, operation: str, fingerprint: str | None) -> None:
    """See to it that an idempotency key was used with this API key, if that is known.

    Raises:
        ConfigurationError: It was used with another one.
    """
    if fingerprint is not None and not session.key.has(fingerprint):
        raise errors.ConfigurationError(
            f"{operation} was sent with another API key, and the server remembers idempotency keys for each API key: "
            "with the key of this client it could be done twice, so use a client with the key that sent it"
        )


@define(kw_only=True, eq=False)
class Exchange(Generic[ResponseT, DataT]):
    """A call in flight, over all of its attempts."""

    session: Session
    call: Call[ResponseT, DataT]
    request_ids: Sequence[str]
    """The identifier that is sent, and others that a response may name."""
    url: str
    headers: list[tuple[bytes, bytes]] = field(repr=False)
    idempotency_key: str | None
    digest: str
    """What stands for the idempotency key and the request."""
    started: float
    """On the client's clock, as `deadline`."""
    deadline: float
    resumed: errors.OutcomeUnknownError | None
    """The earlier call of the same write, where this one is to find out what became of it."""
    use: KeyUse | None
    """What is known of the idempotency key."""
    attempts: int = 0
    """How many requests were sent."""
    waited: float = 0.0
    failures: list[errors.APIError] = field(factory=list[errors.APIError])
    """What the attempts that ended came to."""
    attempt: Attempt | None = None
    """The one that has not ended."""
    last_chance: bool = False
    """Whether it ends with the deadline, and not by its own timeout."""
    succeeded: bool = False

    @property
    def id(self) -> str:
        return self.call.operation.id

    @property
    def request_id(self) -> str:
        return self.request_ids[0] if self.request_ids else ""

    @property
    def age(self) -> Age:
        return self.use.age if self.use else Age()

    @property
    def sending(self) -> bool:
        """Whether a byte of the attempt that has not ended may have left."""
        return self.attempt is not None and self.attempt.sent

    @property
    def may_have_sent(self) -> bool:
        """Whether one of its own attempts may have done what it asks for."""
        return self.sending or any(map(retries.leaves_open, self.failures))

    @property
    def may_be_done(self) -> bool:
        """Whether a write may have been done: by its attempts, or by other calls with its key."""
        operation = self.call.operation
        opened = self.sending or (self.use is not None and self.use.may_be_done_by_others(self))
        return operation.writes and retries.outcome_unknown(self.failures, operation.settling, opened=opened)

    @property
    def used_key(self) -> IdempotencyKey:
        """The idempotency key as a later call gives it."""
        return used_key(self.idempotency_key or "", self.age, made_here=self.key_made_here)

    @property
    def key_made_here(self) -> bool:
        """Whether the SDK made the idempotency key, for this call or for the one that it resumes."""
        if self.resumed is not None:
            return self.resumed.key_made_here
        idempotency = self.session.contract.idempotency
        return idempotency is None or idempotency.header not in self.call.request.headers

    async def run(self) -> APIResponse[ResponseT]:
        """Make the call, and let all that ends it say what may have been done."""
        session, connection = self.session, self.session.connection
        try:
            self._check_permissions()
            received, model = await self._attempt_until_done()
            self.succeeded = True
        except Exception as failure:
            error = self._final(failure)
            try:
                raise error from error.__cause__
            finally:
                del error  # or it and the frames of its traceback would keep each other alive
        except BaseException as cancelled:
            if self.may_be_done:
                self._warn_of(cancelled)
            raise
        finally:
            if self.use is not None:
                self.use.end(self)
            self.failures.clear()  # for the same reason
        connection.budget.succeed()
        if session.permissions is not None:
            session.permissions.learn(self.call.operation, model)
        self._summarize(received.status_code, received.request_id)
        return APIResponse(
            data=model,
            request_id=received.request_id,
            status_code=received.status_code,
            headers=received.headers,
            content=received.content,
            elapsed=connection.now() - self.started,
            attempts=self.attempts,
            waited=self.waited,
            idempotency_key=self.idempotency_key,
            first_sent=self.age.first_sent,
            key_first_used=self.age.first_used,
        )

    def _check_permissions(self) -> None:
        """See to it that the declared permissions grant the call."""
        permission, permissions = self.call.operation.permission, self.session.permissions
        if permission is not None and permissions is not None:
            needed = requirement(self.id, permission, self.call.request.arguments)
            missing = permissions.check(needed)
            if missing is not None:
                raise responses.refusal(self.call.operation, needed, missing, self.request_id)

    async def _attempt_until_done(self) -> tuple[Received, ResponseT]:
        """Attempt the call for as long as `retries` says, and give the response and the model in it."""
        connection = self.session.connection
        while True:
            try:
                return await self._attempt_once()
            except errors.APIError as failure:
                wait = await self._wait_after(failure)
                if wait is None:
                    raise
            with connection.until(self.deadline):
                await connection.clock.sleep(wait)
            if connection.closed or connection.now() >= self.deadline:
                self.failures.append(self._interrupted())
                raise self.failures[-1]

    async def _attempt_once(self) -> tuple[Received, ResponseT]:
        """Send the request once, in its turn and within the timeout, and give the response if it is a success."""
        session, connection, received = self.session, self.session.connection, None
        try:
            with connection.until(self.deadline) as scope:
                try:
                    self.waited += await connection.limiter.acquire()
                except errors.RateLimiterError as error:
                    error.operation, error.request_id = self.id, self.request_id
                    raise
                begun = connection.now()
                end = min(self.deadline, begun + session.timeout)
                self.last_chance = end == self.deadline
                scope.deadline = connection.loop_deadline(end)
                try:
                    if begun < self.deadline:
                        received = await self._send(self._begin(end - begun))
                finally:
                    await connection.limiter.release()
                    outcome, seconds = received.status_code if received else "no response", connection.now() - begun
                    _log(logging.DEBUG, ATTEMPT, self.id, self.attempts, outcome, seconds, self.request_id)
            if received is None:
                raise self._interrupted()
            if not 200 <= received.status_code < 300:
                now = connection.clock.now()
                raise responses.error_for(self.call, received, now=now, scrub=session.key.scrub)
            return received, responses.decode(self.call, received, session.key.scrub)
        except errors.APIError:
            self.attempt = None
            raise

    def _begin(self, seconds: float) -> Attempt:
        """The next attempt, which may take so long."""
        writes = self.call.operation.writes
        if writes and self._expired():
            raise self._no_response(errors.APIConnectionError, NOT_SENT_AGAIN, final=True)
        if self.use is not None and self.age.first_sent is None:
            self.use.age = evolve(self.age, first_sent=self.session.connection.clock.moment())
        self.attempts += 1
        self.attempt = Attempt(
            method=self.call.request.method,
            url=self.url,
            headers=self.headers,
            own_headers=own_headers(self.session.contract),
            content=self.call.request.content,
            timeout=seconds * LIBRARY_SHARE,
            limits=self.session.limits,
            expired=self._expired if writes else None,
            is_for_another=self._is_for_another,
        )
        return self.attempt

    def _is_for_another(self, headers: Mapping[str, str]) -> bool:
        """Whether a response is known to be for another request than this one."""
        name = self.session.contract.request_id
        return name is not None and is_for_another(self.request_ids, headers.get(name, ""))

    def _expired(self) -> bool:
        """Whether the server may have forgotten the idempotency key by now."""
        now = self.session.connection.clock.moment()
        until = self.age.usable_until(now, kept_for(self.session.contract))
        return until is not None and now.wall >= until

    async def _send(self, attempt: Attempt) -> Received:
        """One exchange over HTTP."""
        session, header = self.session, self.session.contract.request_id
        try:
            response = await session.connection.transport.send(attempt)
        except TransportError as error:
            if error.timed_out:
                raise self._no_response(errors.APITimeoutError, f"{self._too_late()}, {error}") from error
            why = f"no response from {session.origin}, {error}"
            raise self._no_response(errors.APIConnectionError, why, final=error.final) from error
        request_id = response.headers.get(header, "") if header is not None else ""
        if (
            not request_id.isprintable()
            or not 1 <= len(request_id) <= 255
            or session.key.scrub(request_id) != request_id
        ):
            request_id = self.request_id
        if attempt.for_another:
            why = f"what arrived is the response to another request, {request_id}"
            raise self._no_response(errors.APIConnectionError, why)
        received = Received(
            status_code=response.status_code, headers=response.headers, content=response.content, request_id=request_id
        )
        if attempt.problem is not None and 200 <= received.status_code < 300:
            raise responses.invalid_response(self.call.operation, received, None, attempt.problem)
        return received

    async def _wait_after(self, failure: errors.APIError) -> float | None:
        """Seconds from a failed attempt to the next; None where there is no next. Others wait with it after a 429."""
        self.failures.append(failure)
        session, connection = self.session, self.session.connection
        now = connection.now()
        wait = retries.delay(self.failures, connection.clock.now(), random.random())  # noqa: S311 - jitter is no secret
        limited = isinstance(failure, errors.RateLimitError)
        if limited:
            await connection.limiter.pause(wait)
        repeatable = not self.call.operation.writes or self.idempotency_key is not None
        if (
            connection.closed
            or not retries.retryable(failure, repeatable=repeatable)
            or not retries.retries_left(self.failures, session.max_retries)
            or now + wait >= self.deadline
        ):
            return None
        # What the server asks for, or never hears of, does not multiply its load.
        free = limited or retries.in_progress(failure) or not getattr(failure, "sent", True)
        return wait if free or connection.budget.spend(now) else None

    def _interrupted(self) -> errors.APIConnectionError:
        """The failure of an attempt that was stopped here, before it had its turn or before it had a response."""
        if not self.session.connection.closed:
            return self._no_response(errors.APITimeoutError, self._too_late())
        return self._no_response(errors.APIConnectionError, "the client was closed while the call was in flight")

    def _too_late(self) -> str:
        session = self.session
        if self.last_chance or session.connection.now() >= self.deadline:
            return f"not done within the deadline of {session.deadline:g} seconds"
        return f"no response from {session.origin} within {session.timeout:g} seconds"

    def _no_response(
        self, cls: type[errors.APIConnectionError], why: str, *, final: bool = False
    ) -> errors.APIConnectionError:
        """The failure of an attempt that brought no response."""
        text = f"{self.id}: {why} (request {self.request_id})"
        return cls(text, operation=self.id, request_id=self.request_id, sent=self.sending, final=final)

    def _final(self, failure: Exception) -> Exception:
        """The error of the call, by the failures of its attempts and what ended it."""
        scrub = self.session.key.scrub
        if not isinstance(failure, errors.APIError):
            if not self.may_be_done:
                return failure
            why = f"it broke: {in_words(failure, scrub)}"
            self.failures.append(self._no_response(errors.APIConnectionError, why, final=True))
        elif not self.failures:
            self.failures.append(failure)
        self.attempt = None
        error: errors.APIError = self.failures[-1]
        error.args = (scrub(str(error)),)  # a server may echo the key in any header or member
        if isinstance(error, errors.APIResponseValidationError):
            error.problem = scrub(error.problem)
        error.idempotency_key = self.idempotency_key
        if self.may_be_done:
            error = self._unknown(error)
        error.attempts = self.attempts
        status = None if isinstance(error, errors.OutcomeUnknownError) else error.status_code
        self._summarize(status or type(error).__name__, error.request_id)
        return error

    def _unknown(self, last: errors.APIError) -> errors.OutcomeUnknownError:
        contract, request, key = self.session.contract, self.call.request, None
        now, kept, until = self.session.connection.clock.moment(), kept_for(contract), None
        if self.key_made_here or self.age.first_used is not None:
            until = self.age.usable_until(now, kept)
        remedy = "It has no idempotency key: look for what it did before you call it again"
        if self.idempotency_key is not None and contract.idempotency is not None:
            key = self.used_key
            request = evolve(request, headers={**request.headers, contract.idempotency.header: key})
            hours = (kept - MARGIN).total_seconds() / 3600
            while_safe = (
                f"until {until:%Y-%m-%d %H:%M} UTC" if until else f"within {hours:g} hours of the key's first use"
            )
            resume = "error.resume(client)" if until else "error.resume(client, key_first_used=…)"
            remedy = (
                f"Repeat it to find out: `await {resume}`, or the same call with idempotency_key={key.in_words}; "
                f"{while_safe} that does nothing twice"
            )
        attempts = f"{self.attempts} attempt{'' if self.attempts == 1 else 's'}"
        error = errors.OutcomeUnknownError(
            f"{self.id}: it may have been done or not. {remedy}. {attempts}, the last: {last}",
            operation=self.id,
            request_id=last.request_id,
            idempotency_key=key,
            arguments={name: value for name, value in request.arguments.items() if value is not None},
            remembered_until=until,
            key_first_used=self.age.first_used,
            first_sent=self.age.first_sent or now,
            key_kept_for=kept,
            base_url=self.session.base_url,
            request=request,
            status_code=last.status_code,
            key_made_here=self.key_made_here,
            api_key_fingerprint=self.session.key.fingerprint(),
        )
        error.__cause__ = last
        return error

    def _warn_of(self, cancelled: BaseException) -> None:
        """Say what must be known of a write that was cancelled, in the exception's notes and in the log."""
        text = f"{self.id} was cancelled when it may have been done already. To find out, "
        if self.idempotency_key is None:
            text += f"look for what it did (request {self.request_id})"
        else:
            text += (
                f"call it again with the same arguments and idempotency_key={self.used_key.in_words} "
                f"(request {self.request_id})"
            )
        cancelled.add_note(text)
        _log(logging.WARNING, text)

    def _summarize(self, outcome: object, request_id: str) -> None:
        seconds = self.session.connection.now() - self.started
        _log(logging.INFO, SUMMARY, self.id, outcome, self.attempts, seconds, request_id)


def _log(level: int, text: str, *arguments: object) -> None:
    """One line for a call or an attempt; neither its arguments nor its response are in it."""
    if logger.isEnabledFor(level):
        with suppress(Exception):  # a handler that breaks must not take the place of what became of the call
            logger.log(level, text, *arguments)


async def resume(
    session: Session, error: errors.OutcomeUnknownError, key_first_used: datetime | None
) -> APIResponse[Any]:
    """Make the call of a write again whose outcome is unknown, while the server knows its idempotency key.

    Raises:
        IdempotencyKeyExpiredError: The server may have forgotten the key; nothing was sent.
        InvalidArgumentError: Nobody says when the key was used first; nothing was sent.
        ConfigurationError: The client has another API key or address, or the write has no key; nothing was sent.
        OutcomeUnknownError: It is still unknown.
    """
    operation = error.operation
    if error.base_url != session.base_url:
        raise errors.ConfigurationError(f"{operation} was sent to {error.base_url}: resume it with a client of that")
    if error.idempotency_key is None:
        raise errors.ConfigurationError(f"{operation} has no idempotency key, so that a repeat could do it twice")
    check_owner(session, operation, error.api_key_fingerprint)
    first_used = min(filter(None, (key_first_used, error.key_first_used)), default=None)
    if first_used is None and not error.key_made_here:
        raise errors.InvalidArgumentError(
            f"{operation}: its idempotency key was given by the caller, and when it was used first is not known here: "
            "give key_first_used=…, the moment when the first call with it began, a datetime with a time zone"
        )
    call = Call(session.contract.operations[operation], error.request)
    return await exchange(session, call, resumed=error, key_first_used=first_used)
