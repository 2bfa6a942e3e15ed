"""Pays an invoice once, whatever happens to the connection: simulates it first, and makes it if that went well.

    python examples/pay.py SOURCE DESTINATION CENTS INVOICE

Moves money: `make demo` runs it with a sandbox only.
"""

import asyncio
import logging
import sys
import uuid

from sequence_sdk import (
    OutcomeUnknownError,
    PlatformClient,
    TransferFailedError,
    WaitTimeoutError,
    idempotency_key_for,
)


async def pay(platform: PlatformClient, source: str, destination: str, cents: int, invoice: str) -> int:
    # The same invoice has the same key: run again, today, this pays nothing again. A simulation has a new one each
    # time: with the same, it would give what an earlier simulation came to.
    simulating = platform.with_options(simulation=True)  # nothing can make it move money
    simulation = (simulating, "Simulating", str(uuid.uuid4()))
    for client, begin, key in (simulation, (platform, "Paying", idempotency_key_for(invoice))):
        print(f"\n{begin} {invoice}, {cents} cents")
        try:
            transfer = await client.transfers.create_and_wait(
                source_account_id=source,
                destination_account_id=destination,
                amount_in_cents=cents,
                idempotency_key=key,
                timeout=60,
                raise_on_failure=True,
            )
        except TransferFailedError as error:
            print(f"  {error.transfer.status}: {error.transfer.error_code}")
            return 1
        except WaitTimeoutError as error:
            print(f"  {error}")  # it was made, or simulated, and goes on
            return 1
        except OutcomeUnknownError as error:
            print(f"  Run this again, today, when the API can be reached: {error}")
            return 1
        print(f"  transfer {transfer.id}: {transfer.execution_mode}, {transfer.status}")
    return 0


async def main(source: str, destination: str, cents: str, invoice: str) -> int:
    logging.basicConfig(format="  (%(name)s) %(message)s", stream=sys.stdout)
    logging.getLogger("sequence_sdk").setLevel(logging.INFO)  # one line a call
    async with PlatformClient(reason=f"invoice {invoice}") as platform:
        return await pay(platform, source, destination, int(cents), invoice)


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    sys.exit(asyncio.run(main(*sys.argv[1:])))
