"""Waits for what the server goes on working on, until its status is one that nothing follows."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import count
from reprlib import repr as short
from typing import Any, Protocol, TypeVar
from urllib.parse import quote

from sequence_runtime import Call, Operation, Request

from ..connection import UNKNOWN_FOR
from ..errors import APIConnectionError, APIError, ConfigurationError, NotFoundError, SequenceError, WaitTimeoutError
from ..exchange import exchange
from ..idempotency import kept_for, used_key
from ..redaction import printable
from ..retries import retryable
from ..session import APIResponse, Session, logger
from ..settings import check_seconds


class HasStatus(Protocol):
    """What is waited for."""

    @property
    def status(self) -> str: ...


T = TypeVar("T", bound=HasStatus)

LONGEST_ID = 1000
"""Characters that an ID may have for a path to hold it, however it is percent-encoded."""

FIRST_WAIT = 1.0
"""Seconds between the first two polls; each wait is half as long again as the one before."""

LONGEST_WAIT = 3600.0
"""Seconds between two polls at most: the vendor asks not to look at transfers more often than that for long."""


def poll_wait(polls: int) -> float:
    """Seconds to wait after so many polls."""
    return min(LONGEST_WAIT, FIRST_WAIT * 1.5 ** min(polls - 1, 32))


def check_wait(timeout: object) -> float:
    """Seconds to wait at most; infinite for None.

    Raises:
        ConfigurationError: It is not a finite number above zero.
    """
    return math.inf if timeout is None else check_seconds("timeout", timeout)


async def until_done(
    session: Session,
    asking: Call[Any, T],
    *,
    timeout: float | None,
    last: object = None,
    look: Callable[[T], object] = id,
) -> T:
    """Poll until the status is terminal.

    Args:
        session: What it is asked with.
        asking: The call that asks for it.
        timeout: Seconds to wait at most; None for any time.
        last: The state as it is known already.
        look: Is called with each state; what it raises ends the wait.

    Raises:
        ConfigurationError: The timeout is not a number of seconds.
        WaitTimeoutError: It was not done in time. Polls that failed in a way that may pass are not the end of it.
        APIError: A poll failed in another way; its `last` is the last state known.
    """
    operation, clock, created = asking.operation, session.connection.clock, last
    now = begun = clock.monotonic()
    end = begun + check_wait(timeout)
    found, failure = False, None
    for polls in count(1):
        try:
            # The last poll comes at the end of the time: it too gets the time of one attempt.
            response = await exchange(session.within(max(session.timeout, end - now)), asking)
            state = operation.data(response.data)
            last, found, failure = state, True, None
            look(state)
            if operation.is_terminal(state.status):
                return state
        except APIError as error:
            error.last = last
            if created is not None:
                error.args = (f"{error}\nWhat was asked for is made nevertheless: .last is its last state",)
            early = isinstance(error, NotFoundError) and not found and clock.monotonic() < begun + UNKNOWN_FOR
            if not early and not retryable(error, repeatable=True):
                raise
            failure = error
        except ConfigurationError as error:
            if polls == 1 and last is None:
                raise
            closed = session.connection.closed
            why = "the client was closed while waiting" if closed else f"it cannot be waited for any longer: {error}"
            text = f"{operation.id}: {why}. .last is its last state"
            raise APIConnectionError(
                text, operation=operation.id, request_id="", last=last, sent=False, final=True
            ) from error
        now = clock.monotonic()
        if now >= end:
            break
        if not session.connection.closed:
            with session.connection.until(math.inf):  # or until the client is closed
                await clock.sleep(min(poll_wait(polls), end - now))
        now = clock.monotonic()
    waited, status = now - begun, getattr(last, "status", None)
    state_in_words = f"its status is {printable(session.key.scrub(status))}" if status else "it cannot be found yet"
    if found and failure:
        state_in_words += f", and could not be asked for lately ({type(failure).__name__})"
    text = (
        f"{operation.id}: not done after {waited:.3g} seconds: {state_in_words}. It goes on: wait again, or look later"
    )
    raise WaitTimeoutError(text, operation=operation.id, last=last, waited=waited) from failure


def asking_for(operation: Operation[Any, T], ids: Mapping[str, str | None], last: object) -> Call[Any, T]:
    """The call that asks for what a server made, whatever it calls that.

    Args:
        operation: The operation.
        ids: The IDs in its path, in their order, by argument.
        last: What is known of it.

    Raises:
        APIError: No path can hold an ID.
    """
    path = operation.path
    for id in ids.values():
        if id is None or id in {"", ".", ".."} or len(id) > LONGEST_ID:
            given = "and the response has no ID of it where it was expected"
            if id is not None:
                given = f"and cannot be asked for by the ID that the server gave it, {short(id)}"
            why = f"it was made, {given}; see .last"
            raise APIError(f"{operation.id}: {why}", operation=operation.id, request_id="", last=last)
        before, _, behind = path.partition("{")
        path = f"{before}{quote(id, safe='')}{behind.partition('}')[2]}"
    request = Request(
        operation=operation.id, method="GET", path=path, query={}, headers={}, content=None, arguments=dict(ids)
    )
    return Call(operation, request)


@contextmanager
def done(
    session: Session, operation: str, id: str | None, response: APIResponse[Any], *, key_made_here: bool
) -> Generator[None]:
    """Let whatever ends the wait for a write that was done say so.

    Args:
        session: What waits.
        operation: The operationId of the write.
        id: The ID of what it made, if the response has it.
        response: The response to the write.
        key_made_here: Whether the SDK made its idempotency key.
    """

    def usable() -> datetime | None:
        """Until when a repeat with the key does nothing again; None where it may do so."""
        now = session.connection.clock.moment()
        until = response.key_age.usable_until(now, kept_for(session.contract))
        return until if until is not None and now.wall < until else None

    try:
        yield
    except SequenceError as error:
        error.done = key_made_here or usable() is None
        if isinstance(error, APIError | WaitTimeoutError):
            error.idempotency_key = response.idempotency_key
        raise
    except BaseException as cancelled:
        what = printable(session.key.scrub(id or "it"))
        text = f"{operation} was done, and is not waited for any longer: wait for {what}"
        until = usable()
        if until is not None:
            key = used_key(response.idempotency_key or "", response.key_age, made_here=key_made_here)
            text += (
                f", or until {until:%Y-%m-%d %H:%M} UTC call it again with the same arguments and "
                f"idempotency_key={key.in_words}"
            )
        cancelled.add_note(text)
        with suppress(Exception):  # a handler that breaks must not hide the cancellation
            fields = {"api": session.contract.short_name, "operation": operation, "request_id": response.request_id}
            logger.warning(text, extra={f"sequence_{name}": value for name, value in fields.items()})
        raise
