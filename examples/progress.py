"""Reads a long history of transfers in several windows of time at once, and shows how far it is.

Needs SEQUENCE_API_KEY, and `rich`. How long the list is shows only at its end, so the bar has none.
"""

import asyncio
from datetime import UTC, datetime

from rich.progress import Progress as Bar
from rich.progress import SpinnerColumn, TextColumn, TimeElapsedColumn

from sequence_sdk import Progress, SequenceClient


async def main() -> None:
    with Bar(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn()) as bar:
        task = bar.add_task("Reading")

        def show(progress: Progress) -> None:
            text = f"{progress.items:,} transfers in {progress.pages} pages, {progress.requests} requests"
            bar.update(task, description=f"{text}, waited {progress.waited:.1f} s for the rate limit")

        cents = count = 0
        async with SequenceClient() as sequence:
            since = datetime(2010, 1, 1, tzinfo=UTC)
            pager = sequence.transfers.list(account_id="acc_01HDEF0123", from_=since)
            async for transfer in pager.concurrently(8, progress=show):
                count += 1
                cents += transfer.amount_in_cents
    print(f"{count} transfers of {cents} cents")


asyncio.run(main())
