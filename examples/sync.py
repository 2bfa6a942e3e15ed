"""Keeps a copy of one account's transfers in SQLite current. Needs SEQUENCE_API_KEY, or a sandbox's; it only reads."""

import argparse
import asyncio
import sqlite3
import sys
from datetime import UTC, datetime

from sequence_sdk import APIError, SequenceClient
from sequence_sdk.models import AccountReference, Transfer

TABLES = """
CREATE TABLE IF NOT EXISTS transfers (
    id TEXT PRIMARY KEY, created_at TEXT, amount_in_cents INTEGER, direction TEXT, origin TEXT, status TEXT,
    source_id TEXT, destination_id TEXT, error_code TEXT, completed_at TEXT
);
CREATE TABLE IF NOT EXISTS tokens (account_id TEXT PRIMARY KEY, token TEXT);
"""


def row(transfer: Transfer) -> tuple[object, ...]:
    def account_id(account: AccountReference | None) -> str | None:
        return account and account.id

    return (
        transfer.id,
        transfer.created_at.isoformat(),
        transfer.amount_in_cents,
        transfer.direction,
        transfer.origin,
        transfer.status,
        account_id(transfer.source),
        account_id(transfer.destination),
        transfer.error_code,
        transfer.completed_at and transfer.completed_at.isoformat(),
    )


async def sync(sequence: SequenceClient, copy: sqlite3.Connection, account_id: str, begin: datetime) -> tuple[int, int]:
    """Bring the copy up to date, and give how many transfers changed and how many requests it took."""
    stored = copy.execute("SELECT token FROM tokens WHERE account_id = ?", (account_id,)).fetchone()
    changes = await sequence.transfers.since(stored[0] if stored else begin, account_id=account_id)
    with copy:  # one transaction: the token is never newer than the copy, nor the copy newer than the token
        copy.executemany(f"INSERT OR REPLACE INTO transfers VALUES ({','.join('?' * 10)})", map(row, changes.data))
        copy.execute("INSERT OR REPLACE INTO tokens VALUES (?, ?)", (account_id, changes.token))
    return len(changes.data), changes.requests


async def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("account_id", metavar="ACCOUNT", help="the account's ID, acc_…")
    parser.add_argument("database", metavar="FILE", help="the SQLite database; it is made if it is not there")
    parser.add_argument("--begin", metavar="DATE", default="2024-01-01", help="from when on, UTC (%(default)s)")
    parser.add_argument(
        "--every", metavar="SECONDS", type=int, help="go on until Ctrl-C; the vendor asks not to look more than hourly"
    )
    options = parser.parse_args()
    interval = options.every or 3600
    copy = sqlite3.connect(options.database)
    copy.executescript(TABLES)
    async with SequenceClient() as sequence:
        while True:
            try:
                begin = datetime.fromisoformat(options.begin).replace(tzinfo=UTC)
                changed, requests = await sync(sequence, copy, options.account_id, begin)
            except APIError as error:  # nothing is lost: the token is still there
                print(error, file=sys.stderr, flush=True)
                if not options.every:
                    return 1
            else:
                a_day = f"as many every {interval} s are {requests * 86400 // interval} a day"
                print(f"{changed} changed, {requests} request(s): {a_day}", flush=True)
            if not options.every:
                return 0
            await asyncio.sleep(interval)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
