"""Opens the SQLite database of an export, and knows it from the databases of others, which it leaves alone."""

from __future__ import annotations

import sqlite3
from collections.abc import Generator
from contextlib import closing, contextmanager
from pathlib import Path

from .endings import FAILED, CommandError
from .target import look_at

APPLICATION, VERSION = 0x53455158, 1
"""What the header of a database says of an export's, and in which form its tables are."""

REMEDIES = {
    "SQLITE_BUSY": "another program is using it, such as another export: wait for its end, or give another file",
    "SQLITE_CANTOPEN": "it cannot be opened: look at its permissions, and at those of its folder",
    "SQLITE_FULL": "the disk is full: make room, and run this again",
    "SQLITE_NOTADB": "it is no SQLite database: give another file, or move this one away",
    "SQLITE_READONLY": "it cannot be written: look at its permissions, and at those of its folder",
}
"""What is said of an error of SQLite."""


@contextmanager
def export_database(file: Path) -> Generator[sqlite3.Connection]:
    """The database of an export, which is made where there is none; no other program can use it meanwhile.

    Raises:
        CommandError: It is another's, in use, or cannot be read or written, now or later.
    """
    look_at(file)
    try:
        with closing(sqlite3.connect(file, timeout=1)) as database:
            refuse_others(file, database)
            database.execute("PRAGMA locking_mode = EXCLUSIVE")
            database.execute("BEGIN EXCLUSIVE")
            database.execute(f"PRAGMA application_id = {APPLICATION}")
            database.execute(f"PRAGMA user_version = {VERSION}")
            database.commit()
            yield database
    except sqlite3.Error as error:
        name = "_".join(getattr(error, "sqlite_errorname", "").split("_")[:2])
        raise CommandError(f"{file}: {REMEDIES.get(name, error)}", FAILED) from error


def refuse_others(file: Path, database: sqlite3.Connection) -> None:
    """Nothing, where a database is an export's or empty.

    Raises:
        CommandError: It is of something else, or of another version of this command.
    """
    (application,) = database.execute("PRAGMA application_id").fetchone()
    (version,) = database.execute("PRAGMA user_version").fetchone()
    table = database.execute("SELECT name FROM sqlite_master").fetchone()
    if application == APPLICATION and version != VERSION:
        raise CommandError(f"{file} was made by another version of this command: give another file")
    if application != APPLICATION and (application or table):
        tables = f" with a table {table[0]} of its own" if table else ""
        raise CommandError(f"{file} is a database of something else{tables}: give another file, or move this one away")


def marked(file: Path) -> str:
    """What a file can be recognized by, also after it was renamed."""
    found = file.stat()
    return f"{found.st_ino} {found.st_size} {found.st_mtime_ns}"


def wrote(database: sqlite3.Connection, file: Path) -> bool:
    """Whether a file is the one that was written of this database."""
    if not database.execute("SELECT 1 FROM sqlite_master WHERE name = 'export_of'").fetchone():
        return False
    return (marked(file),) in database.execute("SELECT written FROM export_of").fetchall()
