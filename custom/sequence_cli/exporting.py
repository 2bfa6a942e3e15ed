"""Exports a whole history to a file, and goes on where it was interrupted, whenever that was."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from attrs import frozen

from sequence_sdk import Pager, PlatformClient, SequenceClient

from .access import AnyClient
from .endings import OK, CommandError
from .export_database import export_database, wrote
from .export_file import ExportFile, Origin, Part
from .progress import Tell, Told, progress
from .reading import IDS_A_LIST, accounts, to_rows
from .records import CARD_TRANSACTIONS, EXTERNAL_TRANSACTIONS, TRANSFERS, Kind, Row
from .showing import note
from .target import look_at

KINDS = {kind.name: kind for kind in (TRANSFERS, CARD_TRANSACTIONS, EXTERNAL_TRANSACTIONS)}
DATABASES, TEXTS = {".sqlite", ".db"}, {".csv", ".jsonl"}

AT_ONCE = 4
"""How many pages of a list are fetched at the same time."""

List: TypeAlias = Callable[[Sequence[str], datetime, datetime], Pager[Any]]


@frozen
class Source:
    """Where the records of a kind are."""

    account_ids: list[str]
    """Of all accounts that the API key lists."""
    ids: list[str]
    """Of the accounts, or of the cards, that have them."""
    at_once: int
    """How many of these one list may be of."""
    list: List
    """Lists the records of some of these, from one moment to another."""


@frozen
class Order:
    """What is to be exported."""

    kind: Kind
    to: Path
    from_: datetime | None
    until: datetime | None
    replace: bool
    """Whether a CSV or JSON Lines file that is there already is replaced."""


def look(order: Order) -> bool:
    """Look at the files, before anything is asked of the API, and give whether there is something left to do.

    Raises:
        CommandError: The file cannot be written, or is there already.
    """
    to, file = order.to, database_of(order.to)
    if order.from_ and order.from_ > (order.until or datetime.now(UTC)):
        raise CommandError("--from is after the end of what is to be exported")
    if order.replace and file == to:
        raise CommandError("--replace is for .csv and .jsonl: an SQLite database is brought up to date")
    look_at(to)
    is_whole = False
    if file.exists():
        with export_database(file) as database:
            is_whole = file != to and to.exists() and wrote(database, to)
    if is_whole:
        file.unlink()
        note(f"sequence: the last run was interrupted when {to} was whole; {file.name} beside it is removed")
    elif file != to and to.exists() and not order.replace:
        raise CommandError(
            f"{to} is there already: add --replace, give another file, or an .sqlite one, which is brought up to date"
        )
    return order.replace or not is_whole


async def export(client: AnyClient, order: Order) -> int:
    """Write all records of a kind to a file, and give the exit code.

    Raises:
        CommandError: That cannot be done.
        SequenceError: A page could not be fetched; what was read before it is kept.
    """
    kind, to, file = order.kind, order.to, database_of(order.to)
    now = datetime.now(UTC)
    until = min(order.until or now, now)
    source = await _source(client, kind)
    with export_database(file) as database:
        kept = ExportFile(file, database, kind)
        kept.begin(Origin(client.contract.short_name, client.base_url, source.account_ids))
        before = len(kept)
        # What was left of an interrupted run ends where that began: what came since then is read in a second turn.
        for _ in range(2):
            parts = kept.plan(source.ids, source.at_once, order.from_, until, is_end=order.until is not None)
            with progress(kind.name, len(parts)) as tell:
                for part in parts:
                    await _read(kept, kind, source, part, tell)
            if all(part.newest >= until for part in parts):
                break
        count, left = len(kept), kept.without(source.ids)
        if file != to:
            kept.write(to, replace=order.replace)
    if left:
        note(f"sequence: {left} of its accounts or cards are not listed with this API key: theirs stay as they were")
    new = f", {count - before:,} of them new" if file == to else ""
    if file != to:
        file.unlink()
    note(f"sequence: {count:,} {kind.name} in {to}{new}, up to {until:%Y-%m-%d %H:%M} UTC")
    return OK


def database_of(to: Path) -> Path:
    """The database of an export: the file that is asked for, or one beside it until that is written.

    Raises:
        CommandError: The file cannot be one.
    """
    if to.suffix in DATABASES:
        return to
    if to.suffix not in TEXTS:
        raise CommandError(f"--to {to}: the file must end in .csv, .jsonl, .sqlite or .db")
    return to.with_name(f"{to.name}.part")


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
    every = await accounts(client, deleted=True)
    all_ids = _ids(every)
    if kind is CARD_TRANSACTIONS:
        pods, cards = _ids(one for one in every if one["type"] == "POD"), client.card_transactions
        return Source(all_ids, pods, 1, lambda ids, oldest, to: cards.list(account_id=ids[0], from_=oldest, to=to))
    if kind is EXTERNAL_TRANSACTIONS:
        connected = _ids(one for one in every if one["type"] == "EXTERNAL_ACCOUNT")
        found = client.external_transactions
        return Source(
            all_ids,
            connected,
            IDS_A_LIST,
            lambda ids, oldest, to: found.list(account_ids=ids, from_=oldest, to=to),
        )
    transfers = client.transfers
    return Source(
        all_ids,
        all_ids,
        IDS_A_LIST,
        lambda ids, oldest, to: transfers.list(account_ids=ids, from_=oldest, to=to, execution_mode="LIVE"),
    )


async def _v1(client: SequenceClient, kind: Kind) -> Source:
    if kind is EXTERNAL_TRANSACTIONS:
        raise CommandError(f"{kind.name}: this API has none")
    ids, cards, transfers = _ids(await accounts(client)), client.cards, client.transfers
    if kind is CARD_TRANSACTIONS:
        listed = _ids([one for id in ids for one in to_rows(await cards.list(account_id=id))])
        return Source(ids, listed, 1, lambda ids, oldest, to: cards.list_transactions(ids[0], from_=oldest, to=to))
    return Source(ids, ids, 1, lambda ids, oldest, to: transfers.list(account_id=ids[0], from_=oldest, to=to))


def _ids(rows: Iterable[Row]) -> list[str]:
    return [str(row["id"]) for row in rows]
