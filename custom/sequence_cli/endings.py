"""Decides how the command ends: its exit codes, and what it says of an error."""

from __future__ import annotations

import re

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

OK, FAILED, USAGE, REFUSED, UNKNOWN, NOT_YET, NOT_SHOWN, NOTHING_MOVED, INTERRUPTED = 0, 1, 2, 3, 4, 5, 6, 7, 130
BROKEN_PIPE, NOT_FOUND = 141, 127
"""What shells say of a program that nobody listens to, and of one that is not there."""

EXPLAINED = {
    OK: "done",
    FAILED: "an error of the API or of this machine; or it was not done, or has failed",
    USAGE: "not asked rightly; nothing was sent",
    REFUSED: "the API key lacks a permission: the message has the entry to add",
    UNKNOWN: "a write may have been done or not: the message says what to do",
    NOT_YET: "it was made, and its end is not known: the message has its ID",
    NOT_SHOWN: "it was made and is done, and could not be shown here: the message has its ID",
    NOTHING_MOVED: "the rule ran, and made no transfer",
    NOT_FOUND: "`permissions record`: there is no such program",
    INTERRUPTED: "interrupted; this run moved no money",
    BROKEN_PIPE: "whoever read the output has closed it; this run moved no money",
}
"""What each exit code means."""


class CommandError(Exception):
    """What ends the command, in words for its user."""

    def __init__(self, text: str, exit_code: int = USAGE) -> None:
        super().__init__(text)
        self.exit_code = exit_code


PYTHON = re.compile(
    r"[;:.]?\s+(?:Repeat it to find out: `|`await |(?:[Ss]ee )?\.last\b|The body is in \.|Its \d+ bytes are in \.|"
    r"What was asked for is made nevertheless: |A value added since can be given as )[^\n]*"
)
"""What the SDK's messages say to those who write programs."""


def in_words(error: Exception) -> str:
    """What an error says, for somebody at a shell."""
    return PYTHON.sub("", str(error)) or type(error).__name__


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
