"""Writes the SDK's log to stderr, if `SEQUENCE_LOG` says so and the program has set up no logging itself."""

from __future__ import annotations

import logging
import os
import sys
from contextlib import suppress

from ..errors import ConfigurationError

VARIABLE = "SEQUENCE_LOG"
LEVELS = {"info": logging.INFO, "debug": logging.DEBUG}

logger = logging.getLogger("sequence_sdk")


class StderrHandler(logging.Handler):
    """Writes what no handler of the program's own gets."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        if sys.stderr is not None and not handled_elsewhere():  # None where it was closed: print would go to stdout
            with suppress(OSError, ValueError):  # stderr is closed
                print(self.format(record), file=sys.stderr)  # noqa: T201 - this is what it is for


def handled_elsewhere() -> bool:
    """Whether the program has a handler for this log, by this moment."""
    one: logging.Logger | None = logger
    while one is not None:
        if any(not isinstance(handler, StderrHandler | logging.NullHandler) for handler in one.handlers):
            return True
        one = one.parent if one.propagate else None
    return False


def switch_on() -> None:
    """Do what `SEQUENCE_LOG` says.

    Raises:
        ConfigurationError: It is none of its values.
    """
    word = os.environ.get(VARIABLE)
    if not word:
        return
    level = LEVELS.get(word.lower())
    if level is None:
        raise ConfigurationError(f"{VARIABLE} is {word!r}: set it to info (one line a call) or debug, or unset it")
    if logger.level == logging.NOTSET:
        logger.setLevel(level)
    if not any(isinstance(handler, StderrHandler) for handler in logger.handlers):
        logger.addHandler(StderrHandler())
