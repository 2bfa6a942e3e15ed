"""Waits for transfers and rule executions of either API, and says how they ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, TypeVar

from sequence_runtime import Call, Operation

from . import errors
from .errors import SequenceError
from .polling import asking_for, done, until_done
from .redaction import printable
from .session import APIResponse, Session

if TYPE_CHECKING:
    import sequence_api_client.models as v1
    import sequence_platform_client.models as platform

    Transfer: TypeAlias = v1.Transfer | platform.Transfer
    RuleExecution: TypeAlias = v1.RuleExecution | platform.RuleExecution


class TransferFailedError(SequenceError):
    """A transfer ended without the money having arrived."""

    transfer: Transfer


class RuleExecutionFailedError(SequenceError):
    """A rule execution ended without all of it having been done."""

    rule_execution: RuleExecution


FINAL_ERRORS: tuple[str, ...] = (*errors.FINAL_ERRORS, TransferFailedError.__name__, RuleExecutionFailedError.__name__)
"""The names of the classes that no repeat of the same call mends: what a durable engine is told not to retry.

Of the other classes `error.retryable` says whether a repeat may help. A write is repeated with the key of its first
call, so give it one: `idempotency_key_for(…)`.
"""

Kind = Literal["transfer", "rule_execution"]
"""What is waited for: the member of the error that holds it."""

_FAILURES = {"transfer": TransferFailedError, "rule_execution": RuleExecutionFailedError}

T = TypeVar("T", bound="Transfer | RuleExecution")


async def wait_for(
    kind: Kind,
    session: Session,
    asking: Call[Any, T],
    *,
    timeout: float | None,
    raise_on_failure: bool,
    last: object = None,
    look: Callable[[T], object] = id,
) -> T:
    """Poll until it has ended, as `until_done`; one that failed is an error where that is asked for."""
    state = await until_done(session, asking, timeout=timeout, last=last, look=look)
    if raise_on_failure:
        check_ended(kind, session, asking.operation, state)
    return state


def check_ended(kind: Kind, session: Session, operation: Operation[Any, T], state: T) -> None:
    """See to it that what has ended has not failed.

    Raises:
        TransferFailedError, RuleExecutionFailedError: It has.
    """
    if operation.has_failed(state.status):
        text = f"the {kind.replace('_', ' ')} {state.id} ended as {state.status}"
        raise _FAILURES[kind](printable(session.key.scrub(text)), **{kind: state})


async def wait_for_made(
    kind: Kind,
    session: Session,
    write: Operation[Any, Any],
    response: APIResponse[Any],
    *,
    asking: Operation[Any, T],
    ids: Mapping[str, str | None],
    key_made_here: bool,
    timeout: float | None,
    raise_on_failure: bool,
    look: Callable[[T], object] = id,
) -> T:
    """Wait for what a write made, and let whatever ends the wait say that it was made.

    Args:
        kind: What it is.
        session: What it is asked for with.
        write: The operation that made it.
        response: The response to that.
        asking: The operation that asks for it.
        ids: The IDs in its path, in their order, by argument; the last is that of what was made.
        key_made_here: Whether the SDK made the idempotency key.
        timeout: Seconds to wait at most; None for any time.
        raise_on_failure: Whether a failed one is an error.
        look: Is called with each state of it.
    """
    made = response.data
    with done(session, write.id, list(ids.values())[-1], response, key_made_here=key_made_here):
        call = asking_for(asking, ids, made)
        return await wait_for(
            kind, session, call, timeout=timeout, raise_on_failure=raise_on_failure, last=made, look=look
        )
