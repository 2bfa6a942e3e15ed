"""Decides how the command ends: its exit codes, and what it says of an error."""

from __future__ import annotations

from sequence_sdk import (
    ConfigurationError,
    IdempotencyKeyExpiredError,
    InvalidArgumentError,
    ManyError,
    OutcomeUnknownError,
    PermissionDeniedError,
    SequenceError,
    WaitTimeoutError,
)

OK, FAILED, USAGE, REFUSED, UNKNOWN, NOT_YET, INTERRUPTED = 0, 1, 2, 3, 4, 5, 130
BROKEN_PIPE, NOT_FOUND = 141, 127
"""What shells say of a program that nobody listens to, and of one that is not there."""

EXPLAINED = {
    OK: "done",
    FAILED: "an error of the API or of this machine; or it was not done, or has failed",
    USAGE: "not asked rightly; nothing was sent",
    REFUSED: "the API key lacks a permission: the message has the entry to add",
    UNKNOWN: "a write may have been done or not: the message says what to do",
    NOT_YET: "it was made, and did not end in time",
    INTERRUPTED: "interrupted with Ctrl-C; this run moved no money",
}
"""What each exit code means."""


class CommandError(Exception):
    """What ends the command, in words for its user."""

    def __init__(self, text: str, exit_code: int = USAGE) -> None:
        super().__init__(text)
        self.exit_code = exit_code


def exit_code_of(error: Exception) -> int:  # noqa: PLR0911 - one a kind
    """The exit code for an error."""
    match error:
        case CommandError():
            return error.exit_code
        case OutcomeUnknownError() | IdempotencyKeyExpiredError():
            return UNKNOWN
        case PermissionDeniedError() if error.scope is not None:
            return REFUSED
        case ManyError():
            return max(map(exit_code_of, error.failures.values()))
        case WaitTimeoutError():
            return NOT_YET
        case ConfigurationError() | InvalidArgumentError():
            return USAGE
        case _:
            return FAILED


def nothing_done(error: SequenceError) -> bool:
    """Whether the call that ended so did nothing: neither is its outcome unknown, nor did it end after the write."""
    open_or_made = isinstance(error, OutcomeUnknownError | WaitTimeoutError)
    return not (open_or_made or error.done or getattr(error, "last", None) is not None)
