"""Exports a whole history to a file, and goes on where it was interrupted, whenever that was."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from attrs import frozen

from sequence_sdk import Pager, PlatformClient, SequenceClient

from .access import AnyClient
from .endings import OK, CommandError
from .export_file import ExportFile, Part, export_file
from .progress import Tell, Told, progress
from .reading import IDS_A_LIST, accounts, to_rows
from .records import CARD_TRANSACTIONS, EXTERNAL_TRANSACTIONS, TRANSFERS, Kind, Row
from .showing import note

KINDS = {kind.name: kind for kind in (TRANSFERS, CARD_TRANSACTIONS, EXTERNAL_TRANSACTIONS)}
DATABASES, TEXTS = {".sqlite", ".db"}, {".csv", ".jsonl"}

BEGINNING = datetime(2000, 1, 1, tzinfo=UTC)
"""Before the first record there is."""

AT_ONCE = 4
"""How many pages of a list are fetched at the same time."""

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


async def export(client: AnyClient, name: str, to: Path, from_: datetime | None) -> int:
    """Write all records of a kind to a file, and give the exit code.

    Raises:
        CommandError: That cannot be done.
        SequenceError: A page could not be fetched; what was read before it is kept.
        OSError: The file cannot be written.
        sqlite3.Error: The database cannot be.
    """
    kind = KINDS[name]
    file = database_of(to)
    source = await _source(client, kind)
    with export_file(file, kind, client.base_url) as kept:
        before = len(kept)
        parts = kept.plan(source.ids, source.at_once, from_ or BEGINNING, datetime.now(UTC))
        with progress(name, len(parts)) as tell:
            for part in parts:
                await _read(kept, kind, source, part, tell)
        count, until = len(kept), kept.until()
        if file != to:
            kept.write(to)
    new = f", {count - before:,} of them new" if file == to else ""
    if file != to:
        discard(file)
    note(f"sequence: {count:,} {name} in {to}{new}{f', up to {until:%Y-%m-%d %H:%M} UTC' if until else ''}")
    return OK


def database_of(to: Path) -> Path:
    """The database of an export: the file that is asked for, or one beside it until that is written.

    Raises:
        CommandError: The file cannot be one, or is there already.
    """
    if to.suffix in DATABASES:
        return to
    if to.suffix not in TEXTS:
        raise CommandError(f"--to {to}: the file must end in .csv, .jsonl or .sqlite")
    file = to.with_name(f"{to.name}.part")
    if to.exists() and not file.exists():
        raise CommandError(f"{to} is there already: give another file, or an .sqlite one, which is brought up to date")
    return file


def discard(file: Path) -> None:
    """Remove the database of a file that is whole."""
    file.unlink()


async def _read(kept: ExportFile, kind: Kind, source: Source, part: Part, tell: Tell) -> None:
    """Read a list to its end, each page of which is kept together with where it ends."""
    async for page in source.list(part.ids, part.oldest, part.newest).concurrently(AT_ONCE, after=part.after).pages():
        rows, done = to_rows(page.data), not page.has_next_page
        kept.keep(part, rows, page.end_cursor, done=done)
        tell(Told(records=len(rows), oldest=str(rows[-1][kind.sorted_by])[:10] if rows else "", ended=done))


async def _source(client: AnyClient, kind: Kind) -> Source:
    """Where the records of a kind are.

    Raises:
        CommandError: The API has none of that kind.
    """
    return await (_platform(client, kind) if isinstance(client, PlatformClient) else _v1(client, kind))


async def _platform(client: PlatformClient, kind: Kind) -> Source:
    if kind is CARD_TRANSACTIONS:
        pods = await accounts(client, "POD", deleted=True)
        cards = client.card_transactions
        return Source(_ids(pods), 1, lambda ids, oldest, to: cards.list(account_id=ids[0], from_=oldest, to=to))
    if kind is EXTERNAL_TRANSACTIONS:
        connected, found = await accounts(client, "EXTERNAL_ACCOUNT", deleted=True), client.external_transactions
        return Source(
            _ids(connected), IDS_A_LIST, lambda ids, oldest, to: found.list(account_ids=ids, from_=oldest, to=to)
        )
    every, transfers = await accounts(client, deleted=True), client.transfers
    return Source(
        _ids(every),
        IDS_A_LIST,
        lambda ids, oldest, to: transfers.list(account_ids=ids, from_=oldest, to=to, execution_mode="LIVE"),
    )


async def _v1(client: SequenceClient, kind: Kind) -> Source:
    if kind is EXTERNAL_TRANSACTIONS:
        raise CommandError(f"{kind.name}: this API has none")
    ids, cards, transfers = _ids(await accounts(client)), client.cards, client.transfers
    if kind is CARD_TRANSACTIONS:
        listed = [one for id in ids for one in to_rows(await cards.list(account_id=id))]
        return Source(_ids(listed), 1, lambda ids, oldest, to: cards.list_transactions(ids[0], from_=oldest, to=to))
    return Source(ids, 1, lambda ids, oldest, to: transfers.list(account_id=ids[0], from_=oldest, to=to))


def _ids(rows: Sequence[Row]) -> list[str]:
    return [str(row["id"]) for row in rows]
