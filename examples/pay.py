"""Creates a transfer and triggers a rule, and waits for both. Moves money: `make demo` runs it with a sandbox only."""

import asyncio
from uuid import uuid4

from sequence_sdk import SequenceClient

POD, CREDIT_CARD, RULE = "acc_01HDEF0123", "acc_01HGHI7890", "rule_01GSBX0000001"
UNDER_WAY = {"pending_approval", "processing", "pending", "in_progress"}


async def main() -> None:
    async with SequenceClient() as sequence:
        transfer = await sequence.transfers.create(
            source_account_id=POD,
            destination_account_id=CREDIT_CARD,
            amount_in_cents=2500,
            idempotency_key=str(uuid4()),
        )
        print(f"\nCreated transfer {transfer.id} of {transfer.amount_in_cents} cents")
        print(f"  {transfer.status}")
        while transfer.status in UNDER_WAY:
            await asyncio.sleep(0.5)
            before, transfer = transfer.status, await sequence.transfers.get(transfer.id)
            if transfer.status != before:
                print(f"  {transfer.status}")

        triggered = await sequence.rules.trigger(RULE, idempotency_key=str(uuid4()))
        print(f"\nTriggered rule {RULE}, which is execution {triggered.execution_id}")
        execution = await sequence.rule_executions.get(triggered.execution_id)
        while execution.status in UNDER_WAY:
            await asyncio.sleep(0.5)
            execution = await sequence.rule_executions.get(triggered.execution_id)
        print(f"  {execution.status}, with the transfers {', '.join(execution.transfer_ids or ())}")


asyncio.run(main())
