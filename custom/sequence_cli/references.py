"""Keeps the references of payments on this machine: when each was used first, and what it made.

The server forgets an idempotency key after a day. What is kept here does not: the same reference never pays twice from
this machine, and a refusal of a second try is not taken for "not done".
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from attrs import frozen

from .endings import CommandError

TABLE = """CREATE TABLE IF NOT EXISTS tried (
    reference TEXT, base_url TEXT, request TEXT NOT NULL, first_used TEXT NOT NULL, api_key TEXT NOT NULL,
    tries INTEGER NOT NULL, made TEXT, PRIMARY KEY (reference, base_url)
)"""
BEGIN = """INSERT INTO tried VALUES (:reference, :base_url, :request, :now, :api_key, 1, NULL)
    ON CONFLICT DO UPDATE SET tries = tries + 1 RETURNING request, first_used, api_key, tries, made"""


@frozen
class Tried:
    """What is known of a reference."""

    first_used: datetime
    api_key: str
    """The fingerprint of the API key that it was used with."""
    is_first: bool
    made: str | None
    """The ID of what it made; None where that is not known."""


class References:
    """The references that were used with one API."""

    def __init__(self, connection: sqlite3.Connection, base_url: str) -> None:
        self._connection = connection
        self._base_url = base_url

    def begin(self, reference: str, request: str, api_key: str) -> Tried:
        """Write down that a reference is being used, before anything is sent.

        Raises:
            CommandError: It was used for something else.
        """
        now = datetime.now(UTC).isoformat()
        given = {"reference": reference, "base_url": self._base_url, "request": request, "now": now, "api_key": api_key}
        with self._connection:
            before, first_used, fingerprint, tries, made = self._connection.execute(BEGIN, given).fetchone()
            if before != request:
                raise CommandError(
                    f"the reference {reference!r} was used for something else, at {first_used[:16]} UTC: {before}"
                )
        return Tried(datetime.fromisoformat(first_used), fingerprint, tries == 1, made)

    def note(self, reference: str, made: str) -> None:
        """Write down what a reference made."""
        with self._connection:
            self._connection.execute(
                "UPDATE tried SET made = ? WHERE reference = ? AND base_url = ?", (made, reference, self._base_url)
            )

    def forget(self, reference: str) -> None:
        """Take a reference back that did nothing, unless another process tries it, too."""
        with self._connection:
            self._connection.execute(
                "DELETE FROM tried WHERE reference = ? AND base_url = ? AND tries = 1 AND made IS NULL",
                (reference, self._base_url),
            )


def folder(environment: Mapping[str, str]) -> Path:
    """Where the command keeps what it must not forget."""
    base = environment.get("XDG_STATE_HOME") or environment.get("LOCALAPPDATA")
    return (Path(base) if base else Path.home() / ".local" / "state") / "sequence"


@contextmanager
def references(base_url: str) -> Generator[References]:
    """The references of an API, from the file in which they are kept."""
    where = folder(os.environ)
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    connection = sqlite3.connect(where / "references.db", timeout=30)
    try:
        connection.execute(TABLE)
        yield References(connection, base_url)
    finally:
        connection.close()
