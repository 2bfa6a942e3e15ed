"""Reads accounts, balances, transfers and card transactions. Needs SEQUENCE_API_KEY; `make demo` runs a sandbox."""

import asyncio

from sequence_sdk import PermissionDeniedError, PlatformClient


async def main() -> None:
    async with PlatformClient(reason="quick start") as platform:
        accounts = await platform.accounts.list().collect()
        for account in accounts:
            print(f"{account.name} ({account.type})")
            try:
                balance = (await platform.accounts.get(account.id)).balance
                print(f"  balance in cents: {balance and balance.balance_in_cents}")
            except PermissionDeniedError as error:
                print(f"  {error}")

        pods = {account.id: account.name for account in accounts if account.type == "POD"}
        if pods:
            print("\nLatest transfers of the pods, in cents")
            for transfer in await platform.transfers.list(account_ids=list(pods)).collect(limit=3):
                print(f"  {transfer.created_at:%Y-%m-%d} {transfer.amount_in_cents:>8} {transfer.status}")
        for pod, name in pods.items():
            print(f"\nLatest card transactions of {name}, in cents")
            shown = 0
            async for one in platform.card_transactions.list(account_id=pod, page_size=3):  # three at a time
                print(f"  {one.created_at:%Y-%m-%d} {one.amount_in_cents:>8} {one.description}")
                shown += 1
                if shown == 5:
                    break


asyncio.run(main())
