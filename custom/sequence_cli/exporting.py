"""Exports a whole history to a file, so that it goes on where it was interrupted, whenever that is.

What was read is in an SQLite database together with how far it was read, in one transaction a page. That database is the
export itself, or the part file from which a CSV or JSON Lines file is made once all is there.
"""

from __future__ import annotations

import csv
import json
import os
import sqlite3
from collections.abc import Callable, Generator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeAlias

from attrs import frozen

from sequence_sdk import Pager, PlatformClient, to_builtins

from .access import AnyClient
from .endings import FAILED, OK, CommandError
from .progress import Tell, Told, progress
from .reading import IDS_A_LIST, accounts, batches, to_rows
from .records import CARD_TRANSACTIONS, EXTERNAL_TRANSACTIONS, TRANSFERS, Kind, Row, cells
from .showing import note

KINDS = {kind.name: kind for kind in (TRANSFERS, CARD_TRANSACTIONS, EXTERNAL_TRANSACTIONS)}
MOMENT = {"external-transactions": "transaction_date"}
"""By what records are sorted, where that is not when they were created."""

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""Before the first record there is."""

READ_AGAIN = timedelta(days=14)
"""How much of what was exported is read again for what has changed or appeared late."""

AT_ONCE = 4
"""How many pages of a list are fetched at the same time."""

PARTS = """CREATE TABLE IF NOT EXISTS export_parts (
    kind TEXT, base_url TEXT, ids TEXT, begun_from TEXT NOT NULL, oldest TEXT NOT NULL, newest TEXT NOT NULL,
    after TEXT, done INTEGER NOT NULL, PRIMARY KEY (kind, base_url, ids)
)"""

List: TypeAlias = Callable[[Sequence[str], datetime, datetime], Pager[Any]]


@frozen
class Source:
    """Where the records of a kind are."""

    ids: list[str]
    """Of the accounts, or of the cards, that have them."""
    at_once: int
    """How many of these one list may be of."""
    list: List
    """Lists the records of some of these, from one moment to another."""


@frozen
class Part:
    """A list that is exported, and how far that is."""

    ids: str
    oldest: datetime
    newest: datetime
    after: str | None


async def export(client: AnyClient, name: str, to: Path, from_: datetime | None) -> int:
    """Write all records of a kind to a file, and give the exit code.

    Raises:
        CommandError: That cannot be done.
        SequenceError: A page could not be fetched; what was read before it is kept.
        OSError: The file cannot be written.
        sqlite3.Error: The database cannot be.
    """
    kind, is_database = KINDS[name], to.suffix in {".sqlite", ".db"}
    if to.suffix not in {".csv", ".jsonl", ".sqlite", ".db"}:
        raise CommandError(f"--to {to}: the file must end in .csv, .jsonl or .sqlite")
    part_file = to if is_database else to.with_name(f"{to.name}.part")
    if not is_database and to.exists() and not part_file.exists():
        raise CommandError(f"{to} is there already; give another file, or an .sqlite one, which is brought up to date")
    source = await _source(client, name)
    with _database(part_file, kind) as database:
        before = _count(database, kind)
        parts = _plan(database, kind, client.base_url, source, from_ or BEGINNING)
        with progress(name, len(parts)) as tell:
            for part in parts:
                await _read(database, kind, client.base_url, source, part, tell)
        count = _count(database, kind)
        if not is_database:
            _write(database, kind, to)
    if is_database:
        note(f"sequence: {count:,} {name} in {to}, {count - before:,} of them new")
    else:
        part_file.unlink()
        until = max((part.newest for part in parts), default=datetime.now(UTC))
        note(f"sequence: {count:,} {name} in {to}, up to {until:%Y-%m-%d %H:%M} UTC")
    return OK


async def _source(client: AnyClient, name: str) -> Source:
    """Where the records of a kind are.

    Raises:
        CommandError: The API has none of that kind.
    """
    if isinstance(client, PlatformClient):
        of = {"card-transactions": "POD", "external-transactions": "EXTERNAL_ACCOUNT"}.get(name)
        ids = [str(one["id"]) for one in await accounts(client, of, deleted=True)]
        if name == "card-transactions":
            cards = client.card_transactions
            return Source(ids, 1, lambda ids, oldest, to: cards.list(account_id=ids[0], from_=oldest, to=to))
        if name == "external-transactions":
            external = client.external_transactions
            return Source(ids, IDS_A_LIST, lambda ids, oldest, to: external.list(account_ids=ids, from_=oldest, to=to))
        transfers, mode = client.transfers, "LIVE"
        return Source(
            ids,
            IDS_A_LIST,
            lambda ids, oldest, to: transfers.list(account_ids=ids, from_=oldest, to=to, execution_mode=mode),
        )
    v1 = client
    if name == "external-transactions":
        raise CommandError(f"{name}: this API has none")
    if name == "card-transactions":
        ids = [str(one["id"]) for one in to_rows(await v1.cards.list())]
        return Source(ids, 1, lambda ids, oldest, to: v1.cards.list_transactions(ids[0], from_=oldest, to=to))
    ids = [str(one["id"]) for one in await accounts(v1)]
    return Source(ids, 1, lambda ids, oldest, to: v1.transfers.list(account_id=ids[0], from_=oldest, to=to))


@contextmanager
def _database(file: Path, kind: Kind) -> Generator[sqlite3.Connection]:
    """The database of an export, which nobody else writes to meanwhile."""
    with closing(sqlite3.connect(file, timeout=1)) as database:
        columns = ", ".join(f'"{name}"' for name in kind.headings[1:])
        try:
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            with database:
                database.execute(PARTS)
                database.execute(
                    f'CREATE TABLE IF NOT EXISTS "{_table(kind)}" (id TEXT PRIMARY KEY, {columns}, record TEXT)'
                )
        except sqlite3.OperationalError as error:
            if "locked" not in str(error):
                raise
            raise CommandError(f"{file} is in use by another program, such as another export", FAILED) from error
        yield database


def _table(kind: Kind) -> str:
    return kind.name.replace("-", "_")


def _count(database: sqlite3.Connection, kind: Kind) -> int:
    count: int
    (count,) = database.execute(f'SELECT count(*) FROM "{_table(kind)}"').fetchone()  # noqa: S608 - a name of ours
    return count


def _plan(database: sqlite3.Connection, kind: Kind, base_url: str, source: Source, from_: datetime) -> list[Part]:
    """The lists to be read, and from where on: what is left of an interrupted run, or what is new since the last one.

    Raises:
        CommandError: The export was begun from another moment on.
    """
    now, key = datetime.now(UTC), (kind.name, base_url)
    kept = database.execute(
        "SELECT ids, begun_from, oldest, newest, after, done FROM export_parts WHERE kind = ? AND base_url = ?", key
    ).fetchall()
    if begun := {begun for _, begun, *_ in kept} - {from_.isoformat()}:
        raise CommandError(f"this export was begun with --from {begun.pop()}: give that, or another file")
    interrupted = any(not done for *_, done in kept)
    parts: list[Part] = []
    for ids, _, oldest, newest, after, done in kept:
        if not done:
            parts.append(Part(ids, datetime.fromisoformat(oldest), datetime.fromisoformat(newest), after))
        elif not interrupted:
            parts.append(Part(ids, max(from_, datetime.fromisoformat(newest) - READ_AGAIN), now, None))
    # A list goes on with the accounts that it began with: those that are new get one of their own.
    known = {id for ids, *_ in kept for id in ids.split(",")}
    new = sorted(set(source.ids) - known)
    parts += [Part(",".join(ids), from_, now, None) for ids in batches(new, source.at_once)]
    with database:
        database.executemany(
            "INSERT OR REPLACE INTO export_parts VALUES (?, ?, ?, ?, ?, ?, ?, 0)",
            [
                (*key, one.ids, from_.isoformat(), one.oldest.isoformat(), one.newest.isoformat(), one.after)
                for one in parts
            ],
        )
    return parts


async def _read(
    database: sqlite3.Connection, kind: Kind, base_url: str, source: Source, part: Part, tell: Tell
) -> None:
    """Read a list to its end: each page is kept together with where it ends."""
    marks = ", ".join("?" * (len(kind.members) + 1))
    keep = f'INSERT OR REPLACE INTO "{_table(kind)}" VALUES ({marks})'  # noqa: S608 - a name of ours
    moment = MOMENT.get(kind.name, "created_at")
    pages = source.list(part.ids.split(","), part.oldest, part.newest).concurrently(AT_ONCE, after=part.after).pages()
    async for page in pages:
        rows: list[Row] = to_builtins(page.data)
        with database:
            database.executemany(keep, [(*cells(kind, row), json.dumps(row, ensure_ascii=False)) for row in rows])
            database.execute(
                "UPDATE export_parts SET after = ?, done = ? WHERE kind = ? AND base_url = ? AND ids = ?",
                (page.end_cursor, not page.has_next_page, kind.name, base_url, part.ids),
            )
        tell(Told(records=len(rows), oldest=str(rows[-1][moment])[:10] if rows else "", ended=not page.has_next_page))


def _write(database: sqlite3.Connection, kind: Kind, to: Path) -> None:
    """Write the file from what was read, the newest first; it is there when it is whole."""
    table, moment = _table(kind), MOMENT.get(kind.name, "created_at")
    columns = "*" if to.suffix == ".csv" else "record"
    rows = database.execute(f'SELECT {columns} FROM "{table}" ORDER BY "{moment}" DESC, id')  # noqa: S608 - names of ours
    unfinished = to.with_name(f"{to.name}.new")
    with unfinished.open("w", encoding="utf-8", newline="") as file:
        if to.suffix == ".csv":
            lines = csv.writer(file, lineterminator="\n")
            lines.writerow(kind.headings)
            lines.writerows(row[:-1] for row in rows)
        else:
            file.writelines(f"{record}\n" for (record,) in rows)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(to)
