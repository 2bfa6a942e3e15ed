"""Pays the payments of a work list in SQLite, each once, whatever happens to the connection or to this process.

    python examples/worker.py payments.db

Moves money. What is to be paid stands in the table `payments`, which is made if it is not there:

    INSERT INTO payments (invoice, source, destination, cents) VALUES ('2024-17', 'acc_…', 'acc_…', 2500)
"""

import asyncio
import sqlite3
import sys
from datetime import UTC, datetime

from sequence_sdk import (
    IdempotencyKeyExpiredError,
    OutcomeUnknownError,
    SequenceClient,
    SequenceError,
    idempotency_key_for,
)

TABLE = """CREATE TABLE IF NOT EXISTS payments (
    invoice TEXT PRIMARY KEY, source TEXT NOT NULL, destination TEXT NOT NULL, cents INTEGER NOT NULL,
    first_tried TEXT, api_key TEXT, transfer TEXT, problem TEXT
)"""
OPEN = "SELECT invoice, source, destination, cents FROM payments WHERE transfer IS NULL AND problem IS NULL"


async def pay(sequence: SequenceClient, books: sqlite3.Connection, payment: sqlite3.Row) -> str:
    invoice = payment["invoice"]
    with books:  # it is written down before anything is sent, and by the first of several workers only
        noted = books.execute(
            "UPDATE payments SET first_tried = ?, api_key = ? WHERE invoice = ? AND first_tried IS NULL",
            (datetime.now(UTC).isoformat(), sequence.api_key_fingerprint(), invoice),
        )
    is_first_try = noted.rowcount == 1
    first_tried, api_key = books.execute(
        "SELECT first_tried, api_key FROM payments WHERE invoice = ?", (invoice,)
    ).fetchone()
    try:
        transfer = await sequence.transfers.create(
            source_account_id=payment["source"],
            destination_account_id=payment["destination"],
            amount_in_cents=payment["cents"],
            idempotency_key=idempotency_key_for(
                invoice,
                first_used=datetime.fromisoformat(first_tried),
                used_before=not is_first_try,
                api_key_fingerprint=api_key,  # another API key would pay again
            ),
        )
    except OutcomeUnknownError as error:  # it stays open, and the next run asks again with the same key: never twice
        return f"open: {error}"
    except IdempotencyKeyExpiredError as error:  # a day has passed: only a person can say whether it was done
        return note(books, invoice, "problem", str(error))
    except SequenceError as error:
        if not is_first_try:  # this call did nothing, such as with another API key: what an earlier one did is open
            return f"open: {error}"
        if not error.retryable:
            return note(books, invoice, "problem", str(error))
        note(books, invoice, "first_tried", None)  # so the next try is the first one again
        return f"later: {error}"
    return note(books, invoice, "transfer", transfer.id)


def note(books: sqlite3.Connection, invoice: str, column: str, value: str | None) -> str:
    with books:
        books.execute(f"UPDATE payments SET {column} = ? WHERE invoice = ?", (value, invoice))
    return f"{column}: {value}"


async def main(path: str) -> None:
    books = sqlite3.connect(path)
    books.row_factory = sqlite3.Row
    books.execute(TABLE)
    async with SequenceClient() as sequence:
        for payment in books.execute(OPEN).fetchall():
            print(payment["invoice"], await pay(sequence, books, payment), flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1]))
