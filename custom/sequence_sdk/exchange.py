"""Makes one call: the permission preflight, its attempts, and what they come to."""

from __future__ import annotations

import logging
import random
import uuid
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from hashlib import blake2b
from typing import Any, Generic, TypeVar

import anyio.lowlevel
from msgspec.structs import replace

from sequence_runtime import Call

from . import errors, responses, retries, simulation
from .age import Age, usable_for
from .connection import is_for_another, same_request_id
from .idempotency import IdempotencyKey, check_age, kept_for, used_key
from .key_memory import KeyUse
from .redaction import in_words
from .requirements import requirement
from .responses import Received
from .session import APIResponse, Session, logger, raw
from .transport import Attempt, TransportError

LIBRARY_SHARE = 0.98
"""How much of an attempt's time connecting may take: so the HTTP library ends it, and knows that nothing was sent."""

ATTEMPT = "%s: attempt %d, %s in %.3f s (request %s)"
NOT_SENT_AGAIN = "not sent again, since the server may have forgotten the idempotency key by now"

NO_USE = KeyUse()
"""That of all calls without an idempotency key, which change nothing of it."""

ResponseT = TypeVar("ResponseT")


async def exchange(
    session: Session,
    call: Call[ResponseT, Any],
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
    made, telemetry = None, session.telemetry
    begun = telemetry and telemetry.begin(call, session)
    try:
        session.connection.check(call.operation.id)
        if session.simulation:
            simulation.check(call)
        made = Exchange(session, call, resumed, key_first_used)
        response = await made.run()
    except BaseException as failure:
        if telemetry is not None:
            telemetry.end(begun, session, call, made, failure)
        raise
    if telemetry is not None:
        telemetry.end(begun, session, call, made, response)
    return response


class Exchange(Generic[ResponseT]):
    """A call in flight, over all of its attempts."""

    key: str | None = None
    """The idempotency key."""
    key_made_here = True
    use: KeyUse = NO_USE
    """What is known of the idempotency key."""
    digest = ""
    """What stands for the key and the request."""
    attempts, waited = 0, 0.0
    attempt: Attempt | None = None
    """The one that has not ended."""
    attempt_until = 0.0
    """Until when the HTTP library may try."""
    backoff = 0.0
    """Seconds between attempts."""
    in_line_since: float | None = None
    """Since when it waits for its turn."""
    last_chance = False
    """Whether it ends with the deadline, and not by its own timeout."""
    succeeded = False

    def __init__(
        self,
        session: Session,
        call: Call[ResponseT, Any],
        resumed: errors.OutcomeUnknownError | None,
        key_first_used: datetime | None,
    ) -> None:
        self.session, self.connection, self.contract = session, session.connection, session.contract
        self.call, self.operation, self.id = call, call.operation, call.operation.id
        self.url = session.url(call.request)
        self.started = self.connection.now()
        self.deadline = self.started + session.deadline
        self.request_ids: list[str] = []
        """The identifier that is sent, and others that a response may name."""
        self.failures: list[errors.APIError] = []
        """What the attempts that ended came to."""
        headers = dict(call.request.headers)
        if call.request.content is not None:
            headers["Content-Type"] = "application/json"
        if self.operation.idempotent and self.contract.idempotency is not None:
            self._take_key(self.contract.idempotency.header, headers, resumed, key_first_used)
        if self.contract.request_id is not None:
            # The server may respond to a repeat with the first response, headers included.
            same = [same_request_id(self.digest)] if self.digest else []
            made = headers.get(self.contract.request_id) or (same or [self.connection.make_request_id()])[0]
            headers[self.contract.request_id] = made
            self.request_ids = [made, *same]
        common = session.common_headers
        if call.request.headers:  # the call may have another value for one
            own = set(map(str.lower, call.request.headers))
            common = [(name, value) for name, value in common if name.decode().lower() not in own]
        self.headers = common + raw(headers)

    def _take_key(
        self, header: str, headers: dict[str, str], resumed: errors.OutcomeUnknownError | None, stated: datetime | None
    ) -> None:
        """Take the caller's idempotency key or make one, and see to it that it may be used.

        Raises:
            ConfigurationError: It was used with another API key.
            InvalidArgumentError: Its first use is in the future.
            IdempotencyKeyExpiredError: The server may have forgotten it.
        """
        given, request = headers.get(header), self.call.request
        if given is not None and resumed is None and simulation.is_simulated(self.call):
            given = simulation.simulated_key(given)
        self.key = headers[header] = str(uuid.uuid4()) if given is None else given
        self.key_made_here = given is None if resumed is None else resumed.key_made_here
        what = b" ".join((f"{self.key} {request.method} {self.url}".encode(), request.content or b""))
        self.digest = blake2b(what, digest_size=8).hexdigest()
        owned = self.key if isinstance(self.key, IdempotencyKey) else IdempotencyKey(self.key)
        check_owner(self.session, self.id, owned.api_key_fingerprint)
        self.use, now = self.connection.keys.use(self.key), self.connection.clock.moment()
        known = Age(owned.first_sent, owned.first_used) if resumed is None else Age(resumed.first_sent, stated)
        age, limit = self.use.age.older(known, now), None if resumed is None else resumed.remembered_until
        try:
            check_age(self.id, age, now, kept_for(self.contract), limit=limit)
        except errors.IdempotencyKeyExpiredError:
            self.use.age = age if resumed is None else self.use.age
            raise
        self.use.age = age
        if resumed is not None or owned.may_have_been_used:
            self.use.open_up(self.digest)

    @property
    def request_id(self) -> str:
        return self.request_ids[0] if self.request_ids else ""

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
        opened, settling = self.use.may_be_done_by_others(self), self.operation.settling
        unknown = self.sending or retries.outcome_unknown(self.failures, settling, opened=opened)
        return self.operation.writes and unknown

    @property
    def used_key(self) -> IdempotencyKey:
        """The idempotency key as a later call gives it."""
        fingerprint = self.session.key.fingerprint()
        return used_key(self.key or "", self.use.age, made_here=self.key_made_here, fingerprint=fingerprint)

    async def run(self) -> APIResponse[ResponseT]:
        """Make the call, and let whatever ends it say what may have been done."""
        if self.key is not None:
            self.use.begin(self)
        try:
            self._check_permissions()
            while True:
                try:
                    received, model = await self._attempt_once()
                    break
                except errors.APIError as failure:
                    self.failures.append(failure)
                await self._wait_for_next()
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
            if self.key is not None:
                self.use.end(self)
            self.attempt = None  # or it and this would keep each other alive
            self.failures.clear()  # for the same reason
        if self.connection.budget.spent:
            self.connection.budget.succeed()
        if self.session.permissions is not None:
            self.session.permissions.learn(self.operation, model)
        if self.operation.makes is not None:
            self.connection.remember(responses.values_at(model, self.operation.makes))
        return APIResponse(
            data=model,
            request_id=responses.request_id(self.contract, model, self.session.key.scrub) or received.request_id,
            status_code=received.status_code,
            headers=received.headers,
            content=received.content,
            elapsed=self.connection.now() - self.started,
            attempts=self.attempts,
            waited=self.waited,
            idempotency_key=self.key,
            key_age=self.use.age,
        )

    def _check_permissions(self) -> None:
        """See to it that the declared permissions grant the call."""
        permission, permissions = self.operation.permission, self.session.permissions
        if permission is not None and permissions is not None:
            needed = requirement(self.id, permission, self.call.request.arguments)
            missing = permissions.check(needed)
            if missing is not None:
                raise responses.refusal(self.operation, needed, missing, self.request_id)

    async def _attempt_once(self) -> tuple[Received, ResponseT]:
        """Send the request once, in its turn and within the timeout, and give the response if it is a success."""
        session, connection, received = self.session, self.connection, None
        turn, begun = connection.limiter.acquire_now(), connection.now()
        end = min(self.deadline, begun + session.timeout)
        scope = connection.begin(end if turn else self.deadline)
        try:
            with scope:
                if not turn:
                    await self._wait_for_turn()
                    begun = connection.now()
                    end = min(self.deadline, begun + session.timeout)
                    connection.move(scope, end)
                self.last_chance = end == self.deadline
                try:
                    if begun < self.deadline:
                        received = await self._send(self._begin(begun, end))
                finally:
                    await connection.limiter.release()
                    if logger.isEnabledFor(logging.DEBUG):
                        self._tell_of_attempt(received.status_code if received else None, connection.now() - begun)
            if received is None:
                raise self._interrupted()
            if not 200 <= received.status_code < 300:
                now = connection.clock.now()
                raise responses.error_for(self.call, received, now=now, scrub=session.key.scrub)
            if self.operation.pages is not None:  # to decode a page takes long: others have their turn before
                await anyio.lowlevel.cancel_shielded_checkpoint()
            return received, responses.decode(self.call, received, session.key.scrub)
        except errors.APIError:
            self.attempt = None
            raise
        finally:
            connection.deadlines.end(scope)

    async def _wait_for_turn(self) -> None:
        """Wait until the limits let the next attempt pass."""
        self.in_line_since = self.connection.now()
        try:
            self.waited += await self.connection.limiter.acquire()
        except errors.RateLimiterError as error:
            error.operation, error.request_id = self.id, self.request_id
            raise
        self.in_line_since = None

    def _begin(self, begun: float, end: float) -> Attempt:
        """The next attempt, which may take so long."""
        writes = self.operation.writes
        if writes and self._expired():
            raise self._no_response(errors.APIConnectionError, NOT_SENT_AGAIN, final=True)
        if self.key is not None and self.use.age.first_sent is None:
            self.use.age = replace(self.use.age, first_sent=self.connection.clock.moment())
        self.attempts += 1
        seconds = (end - begun) * LIBRARY_SHARE
        self.attempt_until = begun + seconds
        self.attempt = Attempt(
            method=self.call.request.method,
            url=self.url,
            headers=self.headers,
            own_headers=self.session.own_headers,
            content=self.call.request.content,
            timeout=seconds,
            until=self.connection.in_loop(end),
            limits=self.session.limits,
            expired=self._expired if writes else None,
            is_for_another=self._is_for_another,
        )
        return self.attempt

    def _is_for_another(self, headers: Mapping[str, str]) -> bool:
        """Whether a response is known to be for another request than this one."""
        name = self.contract.request_id
        found = "" if name is None else headers.get(name, "")
        return bool(found) and found not in self.request_ids and is_for_another(self.request_ids, found)

    def _expired(self) -> bool:
        """Whether the server may have forgotten the idempotency key by now."""
        now = self.connection.clock.moment()
        until = self.use.age.usable_until(now, kept_for(self.contract))
        return until is not None and now.wall >= until

    async def _send(self, attempt: Attempt) -> Received:
        """One exchange over HTTP."""
        session, header = self.session, self.contract.request_id
        try:
            response = await session.connection.transport.send(attempt)
        except TransportError as error:
            if error.timed_out:
                early = session.connection.now() < self.attempt_until  # a middleware or a hook has times of its own
                why = f"no response from {session.origin}" if early else self._too_late()
                raise self._no_response(errors.APITimeoutError, f"{why}, {error}") from error
            why = f"no response from {session.origin}, {error}"
            raise self._no_response(errors.APIConnectionError, why, final=error.final) from error
        found = response.headers.get(header, "") if header is not None else ""
        request_id = self.request_id
        if found and found != request_id:
            request_id = responses.shown_id(found, session.key.scrub) or request_id
        if attempt.for_another:
            why = f"what arrived is the response to another request, {request_id}"
            raise self._no_response(errors.APIConnectionError, why)
        received = Received(
            status_code=response.status_code, headers=response.headers, content=response.content, request_id=request_id
        )
        if attempt.problem is not None and 200 <= received.status_code < 300:
            raise responses.invalid_response(self.operation, received, None, attempt.problem, session.key.scrub)
        return received

    async def _wait_for_next(self) -> None:
        """Wait from a failed attempt to the next.

        Raises:
            APIError: There is no next.
        """
        wait = await self._time_to_next(self.failures[-1])
        if wait is None:
            raise self.failures[-1]
        connection = self.connection
        began = connection.now()
        try:
            with connection.until(self.deadline):
                await connection.clock.sleep(wait)
        finally:
            if isinstance(self.failures[-1], errors.RateLimitError):
                self.waited += connection.now() - began
            else:
                self.backoff += connection.now() - began
        if connection.closed or connection.now() >= self.deadline:
            self.failures.append(self._interrupted())
            raise self.failures[-1]

    async def _time_to_next(self, failure: errors.APIError) -> float | None:
        """Seconds from a failed attempt to the next; None where there is no next. Others wait with it after a 429."""
        session, connection = self.session, self.connection
        now = connection.now()
        wait = retries.delay(self.failures, connection.clock.now(), random.random())  # noqa: S311 - jitter is no secret
        limited = isinstance(failure, errors.RateLimitError)
        if limited:
            await connection.limiter.pause(wait)
        repeatable = not self.operation.writes or self.key is not None
        if (
            connection.closed
            or not (retries.retryable(failure, repeatable=repeatable) or self._may_appear(failure))
            or not retries.retries_left(self.failures, session.max_retries)
            or now + wait >= self.deadline
        ):
            return None
        # What the server asks for, or never hears of, does not multiply its load.
        free = limited or retries.in_progress(failure) or not getattr(failure, "sent", True)
        return wait if free or connection.budget.spend(now) else None

    def _may_appear(self, failure: errors.APIError) -> bool:
        """Whether what was not found was made a moment ago, so that it may be there the next time."""
        asked = self.call.request.arguments.values()
        return isinstance(failure, errors.NotFoundError) and self.connection.made_lately(asked)

    def _interrupted(self) -> errors.APIConnectionError:
        """The failure of an attempt that was stopped here, before it had its turn or before it had a response."""
        if not self.connection.closed:
            return self._no_response(errors.APITimeoutError, self._too_late())
        return self._no_response(errors.APIConnectionError, "the client was closed while the call was in flight")

    def _too_late(self) -> str:
        session = self.session
        if self.last_chance or session.connection.now() >= self.deadline:
            waits = self.in_line_since is not None
            in_line = ": it waited for its turn, by the rate limit of this client" if waits else ""
            return f"not done within the deadline of {session.deadline:g} seconds{in_line}"
        return f"no response from {session.origin} within {session.timeout:g} seconds"

    def _no_response(
        self, cls: type[errors.APIConnectionError], why: str, *, final: bool = False
    ) -> errors.APIConnectionError:
        """The failure of an attempt that brought no response."""
        text = f"{self.id}: {why}{errors.of_request(self.request_id)}"
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
        error.idempotency_key = self.key
        if self.may_be_done:
            error = self._unknown(error)
        error.attempts = self.attempts
        return error

    def _unknown(self, last: errors.APIError) -> errors.OutcomeUnknownError:
        contract, request, key = self.contract, self.call.request, None
        now, kept, until = self.connection.clock.moment(), kept_for(contract), None
        if self.key_made_here or self.use.age.first_used is not None:
            until = self.use.age.usable_until(now, kept)
        remedy = (
            "It has no idempotency key: look for what it did before you call it again. "
            "`await error.candidates(client)` lists what that may be"
        )
        if self.key is not None and contract.idempotency is not None:
            key = self.used_key
            request = replace(request, headers={**request.headers, contract.idempotency.header: key})
            hours = usable_for(kept).total_seconds() / 3600
            while_safe = (
                f"until {until:%Y-%m-%d %H:%M} UTC" if until else f"within {hours:g} hours of the key's first use"
            )
            resume = "error.resume(client)" if until else "error.resume(client, key_first_used=…)"
            remedy = (
                f"Repeat it to find out: `await {resume}`, or the same call with idempotency_key={key.in_words}; "
                f"{while_safe} that does nothing twice"
            )
        # What is not as was asked for may be live.
        simulated = simulation.is_simulated(self.call) and not isinstance(last, errors.APIResponseValidationError)
        done = "simulated" if simulated else "done"
        attempts = f"{self.attempts} attempt{'' if self.attempts == 1 else 's'}"
        error = errors.OutcomeUnknownError(
            f"{self.id}: it may have been {done} or not. {remedy}. {attempts}, the last: {last}",
            operation=self.id,
            request_id=last.request_id,
            idempotency_key=key,
            arguments={name: value for name, value in request.arguments.items() if value is not None},
            remembered_until=until,
            key_first_used=self.use.age.first_used,
            first_sent=self.use.age.first_sent or now,
            key_kept_for=kept,
            base_url=self.session.base_url,
            request=request,
            status_code=last.status_code,
            key_made_here=self.key_made_here,
            api_key_fingerprint=self.session.key.fingerprint(),
            simulated=simulated,
            clock=self.connection.clock,
        )
        error.__cause__ = last
        return error

    def _warn_of(self, cancelled: BaseException) -> None:
        """Say what must be known of a write that was cancelled, in the exception's notes and in the log."""
        text = f"{self.id} was cancelled when it may have been done already. To find out, "
        if self.key is None:
            text += "look for what it did"
        else:
            text += f"call it again with the same arguments and idempotency_key={self.used_key.in_words}"
        text += errors.of_request(self.request_id)
        cancelled.add_note(text)
        self._log(logging.WARNING, text, idempotency_key=None if self.key is None else str(self.key))

    def _tell_of_attempt(self, status: int | None, seconds: float) -> None:
        text = (ATTEMPT, self.id, self.attempts, status or "no response", seconds, self.request_id or "-")
        self._log(logging.DEBUG, *text, attempt=self.attempts, status=status, elapsed=seconds)

    def _log(self, level: int, text: str, *arguments: object, **fields: object) -> None:
        """One line; neither the call's arguments nor its response are in it."""
        known = {"api": self.contract.short_name, "operation": self.id, "request_id": self.request_id or None}
        extra = {f"sequence_{name}": value for name, value in (known | fields).items()}
        with suppress(Exception):  # a handler that breaks must not take the place of what became of the call
            logger.log(level, text, *arguments, extra=extra)


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
