"""Pays a work list in SQLite over the platform API, each payment once, and only where its simulation goes well.

    python examples/worker_platform.py payments.db

Moves money. What is to be paid stands in the table `payments`, which is made if it is not there:

    INSERT INTO payments (invoice, source, destination, cents) VALUES ('2026-17', SOURCE, DESTINATION, 2500)
"""

import asyncio
import sqlite3
import sys
import uuid
from datetime import UTC, datetime

from sequence_sdk import (
    IdempotencyKeyExpiredError,
    OutcomeUnknownError,
    PlatformClient,
    SequenceError,
    idempotency_key_for,
)

TABLE = """CREATE TABLE IF NOT EXISTS payments (
    invoice TEXT PRIMARY KEY, source TEXT NOT NULL, destination TEXT NOT NULL, cents INTEGER NOT NULL,
    first_tried TEXT, api_key TEXT, transfer TEXT, problem TEXT
)"""
OPEN = "SELECT * FROM payments WHERE transfer IS NULL AND problem IS NULL"


async def simulate(platform: PlatformClient, books: sqlite3.Connection, payment: sqlite3.Row) -> str | None:
    """What speaks against the payment; None where nothing does, or where it was tried already."""
    if payment["first_tried"] is not None:
        return None
    try:
        await platform.with_options(simulation=True).transfers.create_and_wait(
            source_account_id=payment["source"],
            destination_account_id=payment["destination"],
            amount_in_cents=payment["cents"],
            idempotency_key=str(uuid.uuid4()),  # one of its own: each simulation is a new one
            timeout=60,
            raise_on_failure=True,
        )
    except SequenceError as error:
        may_be_live = isinstance(error, OutcomeUnknownError) and not error.simulated
        if error.retryable and not may_be_live:
            return f"later: {error}"
        return note(books, payment["invoice"], "problem", str(error))
    return None


async def pay(platform: PlatformClient, books: sqlite3.Connection, payment: sqlite3.Row) -> str:
    invoice = payment["invoice"]
    with books:  # it is written down before anything is sent, and by the first of several workers only
        noted = books.execute(
            "UPDATE payments SET first_tried = ?, api_key = ? WHERE invoice = ? AND first_tried IS NULL",
            (datetime.now(UTC).isoformat(), platform.api_key_fingerprint(), invoice),
        )
    is_first_try = noted.rowcount == 1
    first_tried, api_key = books.execute(
        "SELECT first_tried, api_key FROM payments WHERE invoice = ?", (invoice,)
    ).fetchone()
    try:
        transfer = await platform.transfers.create(
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
    async with PlatformClient(reason="payments") as platform:
        for payment in books.execute(OPEN).fetchall():
            said = await simulate(platform, books, payment) or await pay(platform, books, payment)
            print(payment["invoice"], said, flush=True)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    asyncio.run(main(sys.argv[1]))
