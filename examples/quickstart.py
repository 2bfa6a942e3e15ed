"""Reads accounts, balances, transfers and card transactions. Needs SEQUENCE_API_KEY; see `make demo` for a sandbox."""

import asyncio

from sequence_sdk import NotFoundError, PermissionDeniedError, SequenceClient


async def main() -> None:
    async with SequenceClient() as sequence:
        accounts = await sequence.accounts.list()
        for account in accounts:
            print(f"{account.name} ({account.type})")
            try:
                balance = (await sequence.accounts.get(account.id)).balance
            except PermissionDeniedError as error:
                print(f"  {error}")
            else:
                print(f"  balance in cents: {balance and balance.balance_in_cents}")

        pod = next(account for account in accounts if account.type == "pod")
        print(f"\nLatest transfers of {pod.name}, in cents")
        for transfer in await sequence.transfers.list(account_id=pod.id).collect(limit=3):
            print(f"  {transfer.created_at:%Y-%m-%d} {transfer.amount_in_cents:>8} {transfer.status}")

        try:
            card = (await sequence.cards.list(account_id=pod.id))[0]
        except NotFoundError as error:  # cards are coming soon, says the documentation
            print(f"\n{error}")
            return
        print(f"\nLatest transactions of card {card.last_four}, in cents")
        shown = 0
        async for transaction in sequence.cards.list_transactions(card.id, first=3):  # pages of three
            print(f"  {transaction.created_at:%Y-%m-%d} {transaction.amount_in_cents:>8} {transaction.merchant_name}")
            if (shown := shown + 1) == 5:
                break


if __name__ == "__main__":
    asyncio.run(main())
