"""Decides in which words a row of the matrix says what its calls must come to."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from attrs import field, frozen

from .site import API

Column: TypeAlias = Literal[
    "read", "page", "transfer", "trigger", "platform: read", "platform: transfer", "platform: account"
]

COLUMNS: Mapping[Column, tuple[API, str]] = {
    "read": ("v1", "getAccount"),
    "page": ("v1", "listTransfers"),
    "transfer": ("v1", "createTransfer"),
    "trigger": ("v1", "triggerRule"),
    "platform: read": ("platform", "getAccount"),
    "platform: transfer": ("platform", "createTransfer"),
    "platform: account": ("platform", "createAccount"),
}
"""The calls, and which operation of which API each is."""

KEYED: frozenset[Column] = frozenset({"transfer", "trigger", "platform: transfer"})
"""The writes that have an idempotency key."""

WRITES: frozenset[Column] = KEYED | {"platform: account"}


@frozen(kw_only=True)
class Outcome:
    """What a call came to."""

    error: str | None = None
    """The class; None for success."""
    attempts: int
    at_least: bool = field(default=False, eq=False)
    """Whether there may have been more attempts, as many as it takes."""
    made: int | None = None
    """How many transfers, rule executions or accounts a write that failed had made."""
    resumed: int | None = None
    """How many there were when it was resumed, where it was unknown."""

    def __str__(self) -> str:
        attempts = f"{self.attempts} attempt{'s' if self.attempts > 1 else ''}{' or more' if self.at_least else ''}"
        if self.error is None:
            return f"ok, {attempts}"
        made = "" if self.made is None else f", {self.made} made"
        return f"`{self.error}`, {attempts}{made}" + ("" if self.resumed is None else f"; resumed: {self.resumed} made")


Expected: TypeAlias = Mapping[Column, Outcome | None]
"""What every call must come to; None where there is no such call that the fault could happen to."""


def platform(expected: Expected) -> Expected:
    """Of calls of the platform API alone."""
    return {column: outcome for column, outcome in expected.items() if COLUMNS[column][0] == "platform"}


def ok(attempts: int, *, at_least: bool = False) -> Outcome:
    return Outcome(attempts=attempts, at_least=at_least)


def each(read: Outcome | None, write: Outcome | None, account: Outcome | None) -> Expected:
    """Reads, writes with an idempotency key, and the one without."""
    return {
        "read": read,
        "page": read,
        "transfer": write,
        "trigger": write,
        "platform: read": read,
        "platform: transfer": write,
        "platform: account": account,
    }


def fails(error: str, attempts: int, *, made: int, account: bool = True) -> Expected:
    """Everything fails with the same error."""
    write = Outcome(error=error, attempts=attempts, made=made)
    return each(Outcome(error=error, attempts=attempts), write, write if account else None)


def unknown(error: str, attempts: int, *, made: int) -> Expected:
    """Reads fail with an error, and what became of writes is unknown until they are resumed.

    The one without a key is attempted once, so that it has no row of its own where there are more attempts.
    """
    write = Outcome(error="OutcomeUnknownError", attempts=attempts, made=made, resumed=1)
    return each(Outcome(error=error, attempts=attempts), write, lost(made) if attempts == 1 else None)


def lost(made: int) -> Outcome:
    """What becomes of a write without an idempotency key, of which a byte may have arrived."""
    return Outcome(error="OutcomeUnknownError", attempts=1, made=made)


def again(account: Outcome | None) -> Expected:
    """The second attempt succeeds, where there is one."""
    return each(ok(2), ok(2), account)
