"""Keeps the references of payments on this machine: when each was used first, and what it made.

The server forgets an idempotency key after a day. What is kept here does not: the same reference never pays twice from
this machine, over whichever API, and a refusal of a second try is not taken for "not done".
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from attrs import frozen

from .endings import FAILED, CommandError
from .records import Row
from .showing import note

TABLE = """CREATE TABLE IF NOT EXISTS tried (
    reference TEXT PRIMARY KEY, api TEXT NOT NULL, base_url TEXT NOT NULL, request TEXT NOT NULL,
    first_used TEXT NOT NULL, api_key TEXT NOT NULL, tries INTEGER NOT NULL, made TEXT, status TEXT
)"""
BEGIN = """INSERT INTO tried VALUES (:reference, :api, :base_url, :request, :now, :api_key, 1, NULL, NULL)
    ON CONFLICT DO UPDATE SET tries = tries + 1
    RETURNING api, base_url, request, first_used, api_key, tries, made"""
LIST = "SELECT reference, first_used, api, base_url, request, made, status FROM tried ORDER BY first_used DESC"

LOCKED_FOR = 10.0
"""Seconds to wait for another process that uses the file."""


@frozen
class Tried:
    """What is known of a reference."""

    first_used: datetime
    api_key: str
    """The fingerprint of the API key that it was used with."""
    is_first: bool
    made: str | None
    """The ID of what it made; None where that is not known."""


def check_reference(reference: str) -> None:
    """See to it that a reference cannot be mistaken for another one.

    Raises:
        CommandError: It is blank, has white space at an end, or has characters that cannot be seen.
    """
    if not reference or reference != reference.strip() or not reference.isprintable():
        raise CommandError(
            f"the reference is {reference!r}: give one that is not blank, with no white space at its ends and no "
            "character that cannot be seen"
        )


class References:
    """The references that were used on this machine."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def begin(self, reference: str, request: str, *, api: str, base_url: str, api_key: str) -> Tried:
        """Write down that a reference is being used, before anything is sent.

        Raises:
            CommandError: It was used for something else, or elsewhere.
        """
        now = datetime.now(UTC).isoformat()
        given = {"reference": reference, "api": api, "base_url": base_url, "request": request}
        with self._connection:
            used = self._connection.execute(BEGIN, {**given, "now": now, "api_key": api_key}).fetchone()
            api_before, base_url_before, before, first_used, fingerprint, tries, made = used
            where = f"over {api_before} at {base_url_before}"
            if (before, api_before, base_url_before) != (request, api, base_url):
                what = "for something else" if before != request else "elsewhere"
                raise CommandError(
                    f"the reference {reference!r} was used {what}, at {first_used[:16]} UTC {where}: {before}. "
                    f"{f'It made {made}' if made else 'It is not known what it made'}. Nothing was sent"
                )
        return Tried(datetime.fromisoformat(first_used), fingerprint, tries == 1, made)

    def note(self, reference: str, made: str, status: object) -> None:
        """Write down what a reference made. Where that is not possible it is told: it changes nothing that was done."""
        try:
            with self._connection:
                self._connection.execute(
                    "UPDATE tried SET made = ?, status = ? WHERE reference = ?",
                    (made, status if isinstance(status, str) else None, reference),
                )
        except sqlite3.Error as error:
            note(
                f"sequence: {reference!r} made {made}, which could not be written down here ({error}): "
                "`sequence references settle` does that"
            )

    def forget(self, reference: str) -> None:
        """Take a reference back that did nothing, unless another process tries it, too."""
        try:
            with self._connection:
                self._connection.execute(
                    "DELETE FROM tried WHERE reference = ? AND tries = 1 AND made IS NULL", (reference,)
                )
        except sqlite3.Error as error:
            note(f"sequence: {reference!r} did nothing, and is kept as if it had ({error})")

    def rows(self) -> list[Row]:
        """All references, the newest first."""
        names = ("reference", "first_used", "api", "base_url", "request", "made", "status")
        found: list[Row] = [dict(zip(names, one, strict=True)) for one in self._connection.execute(LIST)]
        return [{**one, "state": "made" if one["made"] else "in doubt"} for one in found]

    def settle(self, reference: str, made: str | None) -> None:
        """Write down what a person found out: the ID of what a reference made, or None where that is nothing.

        Raises:
            CommandError: There is no such reference.
        """
        with self._connection:
            change = "DELETE FROM tried" if made is None else "UPDATE tried SET made = :made, status = NULL"
            given = {"reference": reference, "made": made}
            if self._connection.execute(f"{change} WHERE reference = :reference", given).rowcount == 0:
                raise CommandError(f"there is no reference {reference!r}: `sequence references` lists them")


def folder(environment: Mapping[str, str]) -> Path:
    """Where the command keeps what it must not forget. A relative path is ignored, as XDG's specification says."""
    given = (environment.get(name, "") for name in ("XDG_STATE_HOME", "LOCALAPPDATA"))
    base = next((Path(one) for one in given if Path(one).is_absolute()), Path.home() / ".local" / "state")
    return base / "sequence"


@contextmanager
def references() -> Generator[References]:
    """The references of this machine, from the file in which they are kept.

    Raises:
        CommandError: The file cannot be used; nothing was sent.
    """
    where = folder(os.environ)
    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    file = where / "references.db"
    try:
        with closing(sqlite3.connect(file, timeout=LOCKED_FOR)) as connection:
            connection.execute(TABLE)
            yield References(connection)
    except sqlite3.Error as error:
        raise CommandError(f"{file} cannot be used, so nothing was sent: {error}", FAILED) from error
