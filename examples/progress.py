"""Reads a long history of transfers in several windows of time at once, and draws how far it is.

Needs SEQUENCE_API_KEY, and `rich`. The bar shows how much of the time has been read: their number shows at the end.
"""

import asyncio
from datetime import UTC, datetime

from rich.progress import Progress as Bar

from sequence_sdk import Progress, SequenceClient

SINCE = datetime(2020, 1, 1, tzinfo=UTC)


async def main() -> None:
    with Bar() as bar:
        task = bar.add_task("Reading", total=None)

        def show(progress: Progress) -> None:
            text = f"{progress.items:,} transfers in {progress.pages} pages, {progress.requests} requests"
            bar.update(task, description=f"{text}, waited {progress.waited:.1f} s for the rate limit")

        cents = count = 0
        newest: datetime | None = None
        async with SequenceClient() as sequence:
            pager = sequence.transfers.list(account_id="acc_01HDEF0123", from_=SINCE)
            async for transfer in pager.concurrently(8, progress=show):
                newest = newest or transfer.created_at
                count, cents = count + 1, cents + transfer.amount_in_cents
                read, whole = newest - transfer.created_at, newest - SINCE
                bar.update(task, completed=read.total_seconds(), total=whole.total_seconds())
        bar.update(task, completed=1, total=1)
    print(f"{count} transfers of {cents} cents")


asyncio.run(main())
