"""Decides what a record says of a call, and what of that a log line says."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, cast
from urllib.parse import unquote

from sequence_runtime import Call

from ..errors import PermissionDeniedError
from ..exchange import Exchange
from ..observation import CallRecord
from ..session import Session
from ..simulation import is_simulated

HIDDEN = "…"
_NAMES = [(f"sequence_{name}", name) for name in CallRecord.__struct_fields__]


def record_of(session: Session, call: Call[Any, Any], made: Exchange[Any] | None, outcome: object) -> CallRecord:
    """The record of a call.

    Args:
        session: What it was made with.
        call: The operation and the request.
        made: What its attempts came to; None where it was refused before it began.
        outcome: The response, or the exception that it raises.
    """
    operation, permission = call.operation, call.operation.permission
    failure = outcome if isinstance(outcome, BaseException) else None
    attempts, waited, backoff, elapsed, key = 0, 0.0, 0.0, 0.0, None
    if made is not None:
        now = session.connection.now()
        attempts, waited, backoff, elapsed, key = made.attempts, made.waited, made.backoff, now - made.started, made.key
        if made.in_line_since is not None:
            waited += now - made.in_line_since
    request_id: str = getattr(outcome, "request_id", "") or (made.request_id if made else "")
    found = resources(call)
    told = "\n".join((request_id, key or "", *found))
    if session.key.scrub(told) != told:  # whoever takes the key for an ID sees it nowhere
        request_id, key, found = HIDDEN, key and HIDDEN, (HIDDEN,)
    return CallRecord(
        api=operation.contract.short_name,
        operation=operation.id,
        scope=None if permission is None else permission.scope,
        resources=found or None,
        attempts=attempts,
        waited=waited,
        backoff=backoff,
        elapsed=elapsed,
        status=getattr(outcome, "status_code", None) if attempts else None,
        error=None if failure is None else type(failure).__name__,
        denied=isinstance(failure, PermissionDeniedError) and failure.scope is not None,
        retryable=failure is not None and getattr(failure, "retryable", False),
        request_id=request_id or None,
        idempotency_key=key,
        simulated=operation.writes and is_simulated(call),
    )


def resources(call: Call[Any, Any]) -> tuple[str, ...]:
    """The IDs that a call is about: those that its permission is checked for, else those in its path."""
    permission, request = call.operation.permission, call.request
    if permission is not None:
        named = [
            request.arguments.get(name) for name in (permission.name, permission.source, permission.target) if name
        ]
        ids: Iterable[object] = named
        if named and isinstance(named[0], list | tuple):
            ids = cast("Sequence[object]", named[0])
        if found := tuple([str(one) for one in ids if one is not None]):
            return found
    if "{" not in call.operation.path:
        return ()
    parts = zip(call.operation.path.split("/"), request.path.split("/"), strict=False)
    return tuple([unquote(given) for name, given in parts if name.startswith("{")])


def log_fields(record: CallRecord) -> dict[str, object]:
    """A record as the `extra` of a log line."""
    return {shown: getattr(record, name) for shown, name in _NAMES}


def summary(record: CallRecord) -> str:
    """A log line of a call; it does not name what the call was about."""
    known = None if record.error == "OutcomeUnknownError" else record.status
    return (
        f"{record.operation}: {known or record.error} after {record.attempts} attempt(s) in {record.elapsed:.3f} s "
        f"(request {record.request_id or '-'})"
    )
