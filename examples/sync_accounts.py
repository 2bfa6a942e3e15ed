"""Keeps a copy of the transfers of several accounts in SQLite current. Needs SEQUENCE_API_KEY; it only reads.

    python examples/sync_accounts.py transfers.db ACCOUNT ACCOUNT

Without accounts it follows all, deleted ones too, and those that appear later from the run on that finds them.
"""

import argparse
import asyncio
import json
import sqlite3
import sys
from datetime import UTC, datetime, timedelta

from sequence_sdk import APIError, PlatformClient
from sequence_sdk.platform.models import Transfer

TABLES = """
CREATE TABLE IF NOT EXISTS transfers (
    id TEXT PRIMARY KEY, created_at TEXT, amount_in_cents INTEGER, direction TEXT, status TEXT,
    source_id TEXT, destination_id TEXT, error_code TEXT
);
CREATE TABLE IF NOT EXISTS positions (account_ids TEXT PRIMARY KEY, token TEXT);
"""
REPLACE = f"INSERT OR REPLACE INTO transfers VALUES ({','.join('?' * 8)})"
FINAL = "('COMPLETE', 'INCOMPLETE', 'ERROR', 'CANCELLED')"
WATCHED = timedelta(days=14)  # for how long `since` reports what becomes of a transfer


def row(transfer: Transfer) -> tuple[object, ...]:
    return (
        transfer.id,
        transfer.created_at.isoformat(),
        transfer.amount_in_cents,
        transfer.direction,
        transfer.status,
        transfer.source and transfer.source.id,
        transfer.destination and transfer.destination.id,
        transfer.error_code,
    )


async def sync(platform: PlatformClient, copy: sqlite3.Connection, wanted: list[str], begin: datetime) -> str:
    """Bring the copy up to date, and say what that came to."""
    wanted = wanted or [account.id async for account in platform.accounts.list(state="ALL")]
    # A token goes on with the accounts that it began with: those that are new get one of their own.
    positions: list[tuple[list[str], str | datetime]] = [
        (json.loads(account_ids), token) for account_ids, token in copy.execute("SELECT * FROM positions")
    ]
    followed = {account_id for account_ids, _ in positions for account_id in account_ids}
    if new := sorted(set(wanted) - followed):
        positions.append((new, begin))
    changed = requests = 0
    for account_ids, last in positions:
        changes = await platform.transfers.since(last, account_ids=account_ids)
        with copy:  # one transaction: the token is never newer than the copy, nor the copy newer than the token
            copy.executemany(REPLACE, map(row, changes.data))
            copy.execute("INSERT OR REPLACE INTO positions VALUES (?, ?)", (json.dumps(account_ids), changes.token))
        changed, requests = changed + len(changes.data), requests + changes.requests
    return f"{len(followed | set(new))} accounts: {changed} changed, {requests} request(s)"


async def look_again(platform: PlatformClient, copy: sqlite3.Connection) -> list[str]:
    """Ask for those that have been open for too long to be watched; the IDs of those that cannot be fetched."""
    before = (datetime.now(UTC) - WATCHED).isoformat()
    still_open = f"SELECT id FROM transfers WHERE status NOT IN {FINAL} AND created_at < ?"
    ids = [id for (id,) in copy.execute(still_open, (before,))]
    found = await platform.transfers.get_many.with_failures(ids)
    with copy:
        copy.executemany(REPLACE, map(row, found.results.values()))
    return list(found.failures)


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("database", metavar="FILE", help="the SQLite database; it is made if it is not there")
    parser.add_argument("accounts", metavar="ACCOUNT", nargs="*", help="the IDs of the accounts")
    parser.add_argument("--begin", metavar="DATE", default="2024-01-01", help="from when on, UTC (%(default)s)")
    options = parser.parse_args()
    copy = sqlite3.connect(options.database)
    copy.executescript(TABLES)
    begin = datetime.fromisoformat(options.begin).replace(tzinfo=UTC)
    async with PlatformClient(reason="copy of transfers") as platform:
        try:
            print(await sync(platform, copy, options.accounts, begin))
            for missing in await look_again(platform, copy):
                print(f"{missing} is open, and cannot be fetched", file=sys.stderr)
        except APIError as error:  # nothing is lost: the token is still there
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
