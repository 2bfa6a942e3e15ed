"""Keeps what was exported, together with how far that is, in an SQLite database: one transaction a page."""

from __future__ import annotations

import csv
import json
import os
import sqlite3
from collections.abc import Collection, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

from attrs import evolve, frozen

from .endings import FAILED, CommandError
from .export_database import marked
from .reading import batches
from .records import Cell, Kind, Row, cells

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""Before the first record there is."""

READ_AGAIN = timedelta(days=14)
"""How much of what was exported is read again for what has changed or appeared late."""

LARGEST = 2**63
"""The first integer that SQLite has no room for."""

TABLES = (
    "CREATE TABLE IF NOT EXISTS export_of (api TEXT NOT NULL, base_url TEXT NOT NULL, written TEXT)",
    "CREATE TABLE IF NOT EXISTS export_accounts (id TEXT PRIMARY KEY)",
    """CREATE TABLE IF NOT EXISTS export_parts (
        kind TEXT, ids TEXT, begun_from TEXT NOT NULL, oldest TEXT NOT NULL, newest TEXT NOT NULL, after TEXT,
        done INTEGER NOT NULL, PRIMARY KEY (kind, ids)
    )""",
)


@frozen
class Origin:
    """Where records come from: all that a file holds has one."""

    api: str
    base_url: str
    account_ids: Collection[str]
    """Those that the API key lists: they tell organizations apart, which a key that is replaced one day does not."""


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
    """The records of a kind. Nobody else writes to it meanwhile."""

    def __init__(self, file: Path, database: sqlite3.Connection, kind: Kind) -> None:
        self._file = file
        self._database = database
        self._kind = kind
        self._table = kind.name.replace("-", "_")
        self._else = (
            "give another file" if file.suffix != ".part" else "give another file, or remove this one to begin anew"
        )

    def __len__(self) -> int:
        count: int
        (count,) = self._database.execute(f"SELECT count(*) FROM {self._table}").fetchone()  # noqa: S608 - ours
        return count

    def begin(self, origin: Origin) -> None:
        """Make what is not there yet.

        Raises:
            CommandError: The file holds what is of another API, at another address, or of another organization.
        """
        columns = ", ".join(f'"{name}"' for name in self._kind.headings[1:])
        with self._database:
            for table in TABLES:
                self._database.execute(table)
            self._database.execute(
                f"CREATE TABLE IF NOT EXISTS {self._table} (id TEXT PRIMARY KEY, {columns}, record TEXT)"
            )
        here = origin.api, origin.base_url
        before = self._database.execute("SELECT api, base_url FROM export_of").fetchone()
        if before not in (None, here):
            raise CommandError(f"{self._file} holds what {before[0]} at {before[1]} has: {self._else}")
        known = {id for (id,) in self._database.execute("SELECT id FROM export_accounts")}
        if known and known.isdisjoint(origin.account_ids):
            raise CommandError(
                f"{self._file} is of another organization: this API key lists none of its accounts: {self._else}"
            )
        with self._database:
            if before is None:
                self._database.execute("INSERT INTO export_of VALUES (?, ?, NULL)", here)
            self._database.executemany(
                "INSERT OR IGNORE INTO export_accounts VALUES (?)", [(id,) for id in origin.account_ids]
            )

    def plan(
        self, ids: Sequence[str], at_once: int, from_: datetime | None, until: datetime, *, is_end: bool = False
    ) -> list[Part]:
        """Note which lists are to be read, and give them. Those of accounts that are not given stay as they are.

        Args:
            ids: Of the accounts, or of the cards, that have records.
            at_once: How many of these one list may be of.
            from_: The moment from which on all is exported; None for all.
            until: The moment up to which lists are read.
            is_end: Whether nothing later may be in the file.

        Raises:
            CommandError: The export was begun from another moment on, or holds what is later than its end.
        """
        begun_from = (from_ or BEGINNING).isoformat()
        query = "SELECT ids, begun_from, oldest, newest, after, done FROM export_parts WHERE kind = ?"
        kept: list[Part] = []
        for some, begun, oldest, newest, after, done in self._database.execute(query, (self._kind.name,)):
            if begun != begun_from:
                how = (
                    "without --from: leave it out"
                    if begun == BEGINNING.isoformat()
                    else f"with --from {begun}: give that"
                )
                raise CommandError(f"{self._file} was begun {how}, {self._else}")
            moments = datetime.fromisoformat(oldest), datetime.fromisoformat(newest)
            if is_end and moments[1] > until:
                raise CommandError(f"{self._file} holds what is up to {newest}: give a later --until, {self._else}")
            kept.append(Part(tuple(some.split(",")), *moments, after, bool(done)))
        kept = split(kept, ids)
        parts = plan(kept, ids, at_once, from_ or BEGINNING, until)
        with self._database:
            self._database.execute("DELETE FROM export_parts WHERE kind = ?", (self._kind.name,))
            self._database.executemany(
                "INSERT INTO export_parts VALUES (?, ?, ?, ?, ?, ?, ?)",
                [
                    (*self._key(one), begun_from, one.oldest.isoformat(), one.newest.isoformat(), one.after, one.done)
                    for one in {one.ids: one for one in (*kept, *parts)}.values()
                ],
            )
        return parts

    def without(self, ids: Collection[str]) -> int:
        """How many accounts, or cards, have lists here and are not among these."""
        query = "SELECT ids FROM export_parts WHERE kind = ?"
        lists = self._database.execute(query, (self._kind.name,)).fetchall()
        return len({id for (some,) in lists for id in some.split(",")}.difference(ids))

    def keep(self, part: Part, rows: Sequence[Row], after: str | None, *, done: bool) -> None:
        """Keep the records of a page, and where it ends."""
        marks = ", ".join("?" * (len(self._kind.members) + 1))
        values = [(*map(_storable, cells(self._kind, row)), json.dumps(row, ensure_ascii=False)) for row in rows]
        with self._database:
            self._database.executemany(f"INSERT OR REPLACE INTO {self._table} VALUES ({marks})", values)  # noqa: S608
            self._database.execute(
                "UPDATE export_parts SET after = ?, done = ? WHERE kind = ? AND ids = ?",
                (after, done, *self._key(part)),
            )

    def write(self, to: Path, *, replace: bool) -> None:
        """Write all records to a CSV or JSON Lines file, the newest first; it is there when it is whole.

        Args:
            to: The file.
            replace: Whether one that is there already is replaced.

        Raises:
            CommandError: The file cannot be written, or is there by now.
        """
        is_csv = to.suffix == ".csv"
        columns = "*" if is_csv else "record"
        rows = self._database.execute(
            f'SELECT {columns} FROM {self._table} ORDER BY "{self._kind.sorted_by}" DESC, id'  # noqa: S608
        )
        unfinished = to.with_name(f"{to.name}.part.new")
        try:
            with unfinished.open("w", encoding="utf-8", newline="") as file:
                if is_csv:
                    lines = csv.writer(file, lineterminator="\n")
                    lines.writerow(self._kind.headings)
                    lines.writerows(row[:-1] for row in rows)
                else:
                    file.writelines(f"{record}\n" for (record,) in rows)
                file.flush()
                os.fsync(file.fileno())
            with self._database:  # so that a run after a crash knows the file for its own
                self._database.execute("UPDATE export_of SET written = ?", (marked(unfinished),))
            if to.exists() and not replace:
                raise CommandError(f"{to} has come there meanwhile: add --replace, or move it away")
            unfinished.replace(to)
        except OSError as error:
            raise CommandError(
                f"{to} cannot be written: {error.strerror}. Run this again: nothing is lost", FAILED
            ) from error

    def _key(self, part: Part) -> tuple[str, str]:
        return self._kind.name, ",".join(part.ids)


def split(kept: Sequence[Part], ids: Collection[str]) -> list[Part]:
    """Lists that are wholly of accounts that are there, or wholly of others: only the former can be read.

    Args:
        kept: The lists of earlier runs.
        ids: Of the accounts, or of the cards, that are there.
    """
    parts: list[Part] = []
    for part in kept:
        there = tuple(id for id in part.ids if id in ids)
        if there in ((), part.ids):
            parts.append(part)
        else:  # a cursor is of a list with all of them
            gone = tuple(id for id in part.ids if id not in ids)
            parts += [evolve(part, ids=some, after=None) for some in (there, gone)]
    return parts


def plan(kept: Sequence[Part], ids: Sequence[str], at_once: int, from_: datetime, until: datetime) -> list[Part]:
    """Which lists are to be read: what is left of an interrupted run, or what may be new since the last one.

    Args:
        kept: The lists of earlier runs, as `split` gives them.
        ids: As for `ExportFile.plan`, like the other arguments.
        at_once: How many of these one list may be of.
        from_: The moment from which on all is exported.
        until: The moment up to which new lists are read.
    """
    there = [one for one in kept if set(one.ids) <= set(ids)]
    parts = [one for one in there if not one.done]
    if not parts:
        parts = [Part(one.ids, max(from_, one.newest - READ_AGAIN), max(one.newest, until), None) for one in there]
    # A list goes on with the accounts that it began with: those that are new get one of their own.
    new = sorted(set(ids) - {id for one in kept for id in one.ids})
    return parts + [Part(tuple(some), from_, until, None) for some in batches(new, at_once)]


def _storable(value: Cell) -> Cell:
    """A value as SQLite can keep it: an integer beyond its 64 bits as text."""
    return str(value) if isinstance(value, int) and not -LARGEST <= value < LARGEST else value
