"""Reads accounts, balances, transfers and card transactions over /api/v1. Needs SEQUENCE_API_KEY, or a sandbox's."""

import asyncio

from sequence_sdk import NotFoundError, PermissionDeniedError, SequenceClient


async def main() -> None:
    async with SequenceClient() as sequence:
        accounts = await sequence.accounts.list()
        for account in accounts:
            print(f"{account.name} ({account.type})")
            try:
                balance = (await sequence.accounts.get(account.id)).balance
                print(f"  balance in cents: {balance and balance.balance_in_cents}")
            except PermissionDeniedError as error:
                print(f"  {error}")

        for pod in [account for account in accounts if account.type == "pod"][:1]:
            print(f"\nLatest transfers of {pod.name}, in cents")
            for transfer in await sequence.transfers.list(account_id=pod.id).collect(limit=3):
                print(f"  {transfer.created_at:%Y-%m-%d} {transfer.amount_in_cents:>8} {transfer.status}")
            try:
                cards = await sequence.cards.list(account_id=pod.id)
            except NotFoundError as error:  # cards are coming soon, says the documentation
                print(f"\n{error}")
                continue
            for card in cards[:1]:
                print(f"\nLatest transactions of card {card.last_four}, in cents, read in pages of three")
                shown = 0
                async for one in sequence.cards.list_transactions(card.id, first=3):
                    print(f"  {one.created_at:%Y-%m-%d} {one.amount_in_cents:>8} {one.merchant_name}")
                    shown += 1
                    if shown == 5:
                        break


asyncio.run(main())
