"""Shows that both APIs are about the same money: what is moved through one of them is seen through the other.

Moves money: the accounts are a sandbox's, and `make demo` runs it.
"""

import asyncio

from sequence_sdk import PlatformClient, SequenceClient

POD, CARD, CENTS = "Emergency Fund", "Amex Gold ••1234", 1200


async def main() -> None:
    async with PlatformClient() as platform, SequenceClient() as sequence:
        # An account has another ID in each API: what both show is its name.
        here = {account.name: account.id async for account in platform.accounts.list()}
        there = {account.name: account.id for account in await sequence.accounts.list()}
        print(f"\n{POD} is {here[POD]} for PlatformClient, and {there[POD]} for SequenceClient")

        moved = await platform.transfers.create_and_wait(
            source_account_id=here[POD], destination_account_id=here[CARD], amount_in_cents=CENTS
        )
        print(f"PlatformClient moved {CENTS} cents: {moved.id}, {moved.status}")
        (seen,) = await sequence.transfers.list(account_id=there[POD]).collect(limit=1)
        print(f"SequenceClient sees {seen.amount_in_cents} cents: {seen.id}, {seen.status}")

        sent = await sequence.transfers.create_and_wait(
            source_account_id=there[POD], destination_account_id=there[CARD], amount_in_cents=2 * CENTS
        )
        print(f"SequenceClient moved {2 * CENTS} cents: {sent.id}, {sent.status}")
        (found,) = await platform.transfers.list(account_ids=[here[POD]]).collect(limit=1)
        print(f"PlatformClient sees {found.amount_in_cents} cents: {found.id}, {found.status}")


asyncio.run(main())
