"""Pays an invoice over /api/v1 once, whatever happens to the connection, and triggers a rule; waits for both.

Moves money: the accounts and the rule are a sandbox's.
"""

import asyncio
import logging
import sys

from sequence_sdk import OutcomeUnknownError, SequenceClient, WaitTimeoutError, idempotency_key_for

POD, CREDIT_CARD, RULE = "acc_01HDEF0123", "acc_01HGHI7890", "rule_01GSBX0000001"


async def pay(sequence: SequenceClient, invoice: str, cents: int) -> None:
    try:
        created = await sequence.transfers.create.with_response(
            source_account_id=POD,
            destination_account_id=CREDIT_CARD,
            amount_in_cents=cents,
            # The same invoice has the same key: run again, today, this pays nothing again.
            idempotency_key=idempotency_key_for(invoice),
        )
    except OutcomeUnknownError as error:
        print(f"Keep this error, and resume it when the API can be reached again: {error}")
        return
    print(f"\nCreated transfer {created.data.id} of {cents} cents for {invoice}, attempts: {created.attempts}")
    try:
        transfer = await sequence.transfers.wait(created.data.id, timeout=60)
        print(f"  {transfer.status}")
    except WaitTimeoutError as error:
        print(f"  {error}")


async def main() -> None:
    logging.basicConfig(format="  (%(name)s) %(message)s", stream=sys.stdout)
    logging.getLogger("sequence_sdk").setLevel(logging.INFO)  # one line a call
    async with SequenceClient() as sequence:
        await pay(sequence, "invoice-2024-17", 2500)
        execution = await sequence.rules.trigger_and_wait(RULE, timeout=60)
        print(f"\nTriggered rule {RULE}, which was execution {execution.id}")
        print(f"  {execution.status}, with the transfers {', '.join(execution.transfer_ids or ())}")


asyncio.run(main())
