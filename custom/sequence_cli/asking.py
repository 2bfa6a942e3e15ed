"""Asks whoever sits at the terminal."""

from __future__ import annotations

import signal
import sys

from .endings import FAILED, CommandError


def can_ask() -> bool:
    """Whether somebody can be asked, and sees the question."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stderr is not None


def ask_whether(verb: str) -> None:
    """Ask whether something is to be done.

    Raises:
        CommandError: It is not.
    """
    # Under asyncio, Ctrl-C would be noticed when the question has been answered.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        print(f"{verb}? [y/N] ", end="", file=sys.stderr, flush=True)
        said = sys.stdin.readline()
    except OSError as error:
        raise CommandError(f"nobody can be asked ({error}): nothing was done", FAILED) from None
    finally:
        signal.signal(signal.SIGINT, before)
    if said.strip().lower() not in {"y", "yes"}:
        raise CommandError("nothing was done", FAILED)
