"""Keeps a copy of the transfers of several accounts in SQLite current. Needs SEQUENCE_API_KEY; it only reads.

    python examples/sync_accounts.py transfers.db ACCOUNT ACCOUNT

Without accounts it follows all that there are when it runs first.
"""

import argparse
import asyncio
import json
import sqlite3
import sys
from datetime import UTC, datetime

from sequence_sdk import APIError, PlatformClient
from sequence_sdk.platform.models import Transfer

TABLES = """
CREATE TABLE IF NOT EXISTS transfers (
    id TEXT PRIMARY KEY, created_at TEXT, amount_in_cents INTEGER, direction TEXT, status TEXT,
    source_id TEXT, destination_id TEXT, error_code TEXT
);
CREATE TABLE IF NOT EXISTS position (one INTEGER PRIMARY KEY CHECK (one = 1), account_ids TEXT, token TEXT);
"""


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
    stored = copy.execute("SELECT account_ids, token FROM position").fetchone()
    if stored:  # a token goes on with the accounts that it began with
        account_ids, last = json.loads(stored[0]), stored[1]
        if wanted and set(wanted) != set(account_ids):
            sys.exit(f"this copy is of {', '.join(account_ids)}: give those, or another file")
    else:
        account_ids = wanted or [account.id async for account in platform.accounts.list()]
        last = begin
    changes = await platform.transfers.since(last, account_ids=account_ids)
    with copy:  # one transaction: the token is never newer than the copy, nor the copy newer than the token
        copy.executemany(f"INSERT OR REPLACE INTO transfers VALUES ({','.join('?' * 8)})", map(row, changes.data))
        copy.execute("INSERT OR REPLACE INTO position VALUES (1, ?, ?)", (json.dumps(account_ids), changes.token))
    return f"{len(account_ids)} accounts: {len(changes.data)} changed, {changes.requests} request(s)"


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
        except APIError as error:  # nothing is lost: the token is still there
            print(error, file=sys.stderr)
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
