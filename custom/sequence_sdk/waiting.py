"""Decides how long to wait for a transfer or a rule execution, and whether it is done.

Documentation: both are processed after the response that makes them, see
https://cartesio.getsequence.io/docs/transfers/createTransfer and https://cartesio.getsequence.io/docs/rules/triggerRule
"""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from .errors import APIConnectionError, APIError, ConfigurationError, NotFoundError, WaitTimeoutError
from .redaction import printable
from .retries import retryable
from .session import Session
from .settings import check_seconds

if TYPE_CHECKING:
    from sequence_api_client.models import RuleExecution, Transfer, TriggeredRule

T = TypeVar("T", bound="Transfer | RuleExecution")

FIRST_WAIT = 1.0
"""Seconds between the first two polls; each wait is half as long again as the one before."""

LONGEST_WAIT = 3600.0
"""Seconds between two polls at most: the vendor asks not to look at transfers more often than that for long."""

UNKNOWN_FOR = 10.0
"""Seconds for which an ID that was just received may not be found yet."""

SUCCESSES = frozenset({"complete", "executed"})
"""The statuses, of transfers and of rule executions, by which everything was done."""

ENDS = SUCCESSES | {"incomplete", "error", "cancelled", "partial", "failed"}
"""The statuses that nothing follows."""


def is_terminal(status: str | None) -> bool:
    """Whether nothing will follow a status. An unknown one may be followed by others."""
    return status in ENDS


def has_failed(status: str | None) -> bool:
    """Whether a status is an end other than success."""
    return status in ENDS - SUCCESSES


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
    poll: Callable[[float], Awaitable[T]],
    operation: str,
    session: Session,
    *,
    timeout: float | None,
    last: T | TriggeredRule | None = None,
) -> T:
    """Poll until the status is terminal.

    Args:
        poll: Asks for the state, within so many seconds.
        operation: The operationId that it asks with.
        session: What it asks with.
        timeout: Seconds to wait at most; None for any time.
        last: The state as it is known already.

    Raises:
        ConfigurationError: The timeout is not a number of seconds.
        WaitTimeoutError: It was not done in time. Polls that failed in a way that may pass are not the end of it.
        APIError: A poll failed in another way; its `last` is the last state known.
    """
    clock, created = session.connection.clock, last
    now = begun = clock.monotonic()
    end = begun + check_wait(timeout)
    polls, found, failure = 0, False, None
    while True:
        try:
            # The last poll comes at the end of the time: it too gets the time of one attempt.
            state = await poll(min(session.deadline or math.inf, max(session.timeout, end - now)))
            if is_terminal(state.status):
                return state
            last, found, failure = state, True, None
        except APIError as error:
            error.last = last
            if created is not None:
                error.args = (f"{error}\nWhat was asked for is made nevertheless: .last is its last state",)
            early = isinstance(error, NotFoundError) and not found and clock.monotonic() < begun + UNKNOWN_FOR
            if not early and not retryable(error, repeatable=True):
                raise
            failure = error
        except ConfigurationError as error:
            if last is None:
                raise
            text = f"{operation}: it cannot be waited for any longer: {error}. .last is its last state"
            raise APIConnectionError(
                text, operation=operation, request_id="", last=last, sent=False, final=True
            ) from error
        polls, now = polls + 1, clock.monotonic()
        if now >= end:
            break
        if not session.connection.closed:
            with session.connection.until(math.inf):  # or until the client is closed
                await clock.sleep(min(poll_wait(polls), end - now))
        if session.connection.closed:
            text = f"{operation}: the client was closed while waiting"
            raise APIConnectionError(text, operation=operation, request_id="", last=last, sent=False)
        now = clock.monotonic()
    status = getattr(last, "status", None)
    raise WaitTimeoutError(
        f"{operation}: not done after {now - begun:.3g} seconds: "
        f"{f'its status is {printable(session.key.scrub(status))}' if status else 'it cannot be found yet'}"
        f"{f', and could not be asked for lately ({type(failure).__name__})' if found and failure else ''}. "
        "It goes on: wait again, or look later",
        operation=operation,
        last=last,
        waited=now - begun,
    ) from failure
