"""Keeps what was exported, together with how far that is, in an SQLite database: one transaction a page."""

from __future__ import annotations

import csv
import json
import os
import sqlite3
from collections.abc import Generator, Sequence
from contextlib import closing, contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from attrs import frozen

from .endings import FAILED, CommandError
from .reading import batches
from .records import Kind, Row, cells

READ_AGAIN = timedelta(days=14)
"""How much of what was exported is read again for what has changed or appeared late."""

PARTS = """CREATE TABLE IF NOT EXISTS export_parts (
    kind TEXT, base_url TEXT, ids TEXT, begun_from TEXT NOT NULL, oldest TEXT NOT NULL, newest TEXT NOT NULL,
    after TEXT, done INTEGER NOT NULL, PRIMARY KEY (kind, base_url, ids)
)"""


@frozen
class Part:
    """A list that is exported, and how far that is."""

    ids: tuple[str, ...]
    """Of the accounts, or of the cards, whose records it lists."""
    oldest: datetime
    newest: datetime
    after: str | None
    """The cursor behind which it goes on; None where it begins."""
    done: bool = False


class ExportFile:
    """The records of a kind, of one API. Nobody else writes to it meanwhile."""

    def __init__(self, database: sqlite3.Connection, kind: Kind, base_url: str) -> None:
        self._database = database
        self._kind = kind
        self._base_url = base_url
        self._table = kind.name.replace("-", "_")

    def __len__(self) -> int:
        count: int
        (count,) = self._database.execute(f"SELECT count(*) FROM {self._table}").fetchone()  # noqa: S608 - ours
        return count

    def until(self) -> datetime | None:
        """The moment up to which all lists are read; None where there are none."""
        query = "SELECT min(newest) FROM export_parts WHERE kind = ? AND base_url = ?"
        (newest,) = self._database.execute(query, self._key()).fetchone()
        return newest and datetime.fromisoformat(newest)

    def make(self) -> None:
        """Make what is not there yet."""
        columns = ", ".join(f'"{name}"' for name in self._kind.headings[1:])
        with self._database:
            self._database.execute(PARTS)
            self._database.execute(
                f"CREATE TABLE IF NOT EXISTS {self._table} (id TEXT PRIMARY KEY, {columns}, record TEXT)"
            )

    def plan(self, ids: Sequence[str], at_once: int, from_: datetime, now: datetime) -> list[Part]:
        """Note which lists are to be read, and give them.

        Args:
            ids: Of the accounts, or of the cards, that have records.
            at_once: How many of these one list may be of.
            from_: The moment from which on all is exported.
            now: The moment up to which new lists are read.

        Raises:
            CommandError: The export was begun from another moment on, or the file holds what was elsewhere.
        """
        for (elsewhere,) in self._database.execute(
            "SELECT base_url FROM export_parts WHERE base_url <> ?", (self._base_url,)
        ):
            raise CommandError(f"this file holds what was exported from {elsewhere}: give another file")
        query = "SELECT ids, begun_from, oldest, newest, after, done FROM export_parts WHERE kind = ? AND base_url = ?"
        kept: list[Part] = []
        for some, begun, oldest, newest, after, done in self._database.execute(query, self._key()):
            if begun != from_.isoformat():
                raise CommandError(f"this export was begun with --from {begun}: give that, or another file")
            moments = datetime.fromisoformat(oldest), datetime.fromisoformat(newest)
            kept.append(Part(tuple(some.split(",")), *moments, after, bool(done)))
        parts = plan(kept, ids, at_once, from_, now)
        with self._database:
            self._database.executemany(
                "INSERT OR REPLACE INTO export_parts VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
                [
                    (*self._key(one), from_.isoformat(), one.oldest.isoformat(), one.newest.isoformat(), one.after)
                    for one in parts
                ],
            )
        return parts

    def keep(self, part: Part, rows: Sequence[Row], after: str | None, *, done: bool) -> None:
        """Keep the records of a page, and where it ends."""
        marks = ", ".join("?" * (len(self._kind.members) + 1))
        values = [(*cells(self._kind, row), json.dumps(row, ensure_ascii=False)) for row in rows]
        with self._database:
            self._database.executemany(f"INSERT OR REPLACE INTO {self._table} VALUES ({marks})", values)  # noqa: S608
            self._database.execute(
                "UPDATE export_parts SET after = ?, done = ? WHERE kind = ? AND base_url = ? AND ids = ?",
                (after, done, *self._key(part)),
            )

    def write(self, to: Path) -> None:
        """Write all records to a CSV or JSON Lines file, the newest first; it is there when it is whole."""
        is_csv = to.suffix == ".csv"
        columns = "*" if is_csv else "record"
        rows = self._database.execute(
            f'SELECT {columns} FROM {self._table} ORDER BY "{self._kind.sorted_by}" DESC, id'  # noqa: S608
        )
        unfinished = to.with_name(f"{to.name}.new")
        with unfinished.open("w", encoding="utf-8", newline="") as file:
            if is_csv:
                lines = csv.writer(file, lineterminator="\n")
                lines.writerow(self._kind.headings)
                lines.writerows(row[:-1] for row in rows)
            else:
                file.writelines(f"{record}\n" for (record,) in rows)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(to)

    def _key(self, part: Part | None = None) -> tuple[str, ...]:
        return (self._kind.name, self._base_url, *([",".join(part.ids)] if part else []))


def plan(kept: Sequence[Part], ids: Sequence[str], at_once: int, from_: datetime, now: datetime) -> list[Part]:
    """Which lists are to be read: what is left of an interrupted run, or what may be new since the last one.

    Args:
        kept: The lists of earlier runs.
        ids: As for `ExportFile.plan`, like the other arguments.
        at_once: How many of these one list may be of.
        from_: The moment from which on all is exported.
        now: The moment up to which new lists are read.
    """
    parts = [one for one in kept if not one.done]
    if not parts:
        parts = [Part(one.ids, max(from_, one.newest - READ_AGAIN), now, None) for one in kept]
    # A list goes on with the accounts that it began with: those that are new get one of their own.
    new = sorted(set(ids) - {id for one in kept for id in one.ids})
    return parts + [Part(tuple(some), from_, now, None) for some in batches(new, at_once)]


@contextmanager
def export_file(file: Path, kind: Kind, base_url: str) -> Generator[ExportFile]:
    """The database in a file, which is made where there is none.

    Raises:
        CommandError: Another program uses it.
        sqlite3.Error: It is no such database, or cannot be written.
    """
    with closing(sqlite3.connect(file, timeout=1)) as database:
        database.execute("PRAGMA locking_mode = EXCLUSIVE")
        found = ExportFile(database, kind, base_url)
        try:
            found.make()
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            raise CommandError(f"{file} is in use by another program, such as another export", FAILED) from error
        yield found
