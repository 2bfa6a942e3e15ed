"""Pays from a DBOS workflow, each payment once, whatever happens to this process.

Moves money. The workflow's ID says which payment it is: run `pay` with it again, after a crash say, and it goes on.
Exit codes of `pay`: 0 paid, 3 not paid, 4 a person is needed, 5 not known, so run it again, and 6 another payment has
this ID. Any other, such as that of a traceback, says nothing of the payment.
docs/durable.md explains it.
"""

import argparse
import asyncio
import sys
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime

from dbos import DBOS, SetWorkflowID, WorkflowHandleAsync, error as engine

from sequence_sdk import OutcomeUnknownError, PlatformClient, SequenceError, idempotency_key_for

tickets: set[str] = set()
"""Those for first tries that this process gave out, and that were not used yet."""

platform: PlatformClient


@dataclass(frozen=True)
class Payment:
    """The workflow's input, which DBOS stores first of all: whoever runs it, and how often, finds the same here."""

    workflow: str
    """The ID that it was ordered with. A fork has another one, and the same input."""
    source: str
    destination: str
    cents: int
    ordered: str
    """When, in ISO 8601 with a time zone: its idempotency key cannot have been used earlier."""
    api_key: str
    """The fingerprint of the API key that pays: under another one, the server would not know the idempotency key."""


class NotPaidError(Exception):
    """It was not paid, and will not be."""


class PersonNeededError(Exception):
    """It may have been paid or not: only a person can say, and nothing tries it again."""


class AnotherPaymentError(Exception):
    """What has this ID is not what was ordered now."""


def may_pass(error: BaseException) -> bool:
    return isinstance(error, SequenceError) and error.retryable  # never so of what is in FINAL_ERRORS


@DBOS.step()
async def ticket_for_first_try() -> str:
    ticket = str(uuid.uuid4())
    tickets.add(ticket)
    return ticket


# In one process, 30 tries take 19 hours at most, 18 of them waits: 1 s, 2 s, 4 s, and so on to an hour. A process that
# is started again counts anew: what ends all tries 23 hours after the order, an hour before the server forgets the key,
# is `first_used`.
@DBOS.step(retries_allowed=True, should_retry=may_pass, interval_seconds=1, backoff_rate=2, max_attempts=30)
async def pay(payment: Payment, ticket: str) -> str:
    # A retry has used the ticket, another process does not know it, and that of a fork is not for the first try.
    is_first = ticket in tickets and DBOS.workflow_id == payment.workflow
    tickets.discard(ticket)
    try:
        transfer = await platform.transfers.create(
            source_account_id=payment.source,
            destination_account_id=payment.destination,
            amount_in_cents=payment.cents,
            idempotency_key=idempotency_key_for(
                f"{payment.workflow}/pay",
                first_used=datetime.fromisoformat(payment.ordered),
                used_before=not is_first,
                api_key_fingerprint=payment.api_key,
            ),
        )
    except SequenceError as error:
        if is_first and not error.retryable and not isinstance(error, OutcomeUnknownError):
            raise NotPaidError(f"{payment.workflow} was not paid: {error}") from error
        raise
    return transfer.id


@DBOS.workflow()
async def pay_invoice(payment: Payment) -> str:
    """Pay, and give the transfer's ID.

    Raises:
        NotPaidError: It was not paid.
        PersonNeededError: It may have been.
    """
    ticket = await ticket_for_first_try()
    try:
        return await pay(payment, ticket)
    except NotPaidError:
        raise
    except Exception as error:
        raise PersonNeededError(
            f"{payment.workflow} may have been paid: look for {payment.cents} cents from {payment.source} to "
            f"{payment.destination} since {payment.ordered} before it is ordered again. {error}"
        ) from error


def moment(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).isoformat()


async def find_or_start(payment: Payment) -> WorkflowHandleAsync[str]:
    try:
        with SetWorkflowID(payment.workflow):  # if there is one already, with its own input, it is that one
            handle = await DBOS.start_workflow_async(pay_invoice, payment)
    except engine.DBOSConflictingWorkflowError as error:  # that one is no `pay_invoice`
        raise AnotherPaymentError(error) from error
    stored = (await handle.get_status()).input
    found = stored["args"][0] if stored else None
    if not isinstance(found, Payment):
        raise AnotherPaymentError(f"{payment.workflow} has another input: {found!r}")
    if (found.source, found.destination, found.cents) != (payment.source, payment.destination, payment.cents):
        raise AnotherPaymentError(f"{found.cents} cents from {found.source} to {found.destination}")
    return handle


async def order(arguments: argparse.Namespace) -> int:
    payment = Payment(
        arguments.workflow,
        arguments.source,
        arguments.destination,
        arguments.cents,
        arguments.ordered,
        platform.api_key_fingerprint(),
    )
    try:
        transfer = await (await find_or_start(payment)).get_result()
    except NotPaidError as error:
        print("not paid:", error, flush=True)
        return 3
    except PersonNeededError as error:
        print("a person is needed:", error, flush=True)
        return 4
    except (
        engine.DBOSAwaitedWorkflowCancelledError,
        engine.DBOSAwaitedWorkflowMaxRecoveryAttemptsExceeded,
    ) as error:  # nothing goes on with it until somebody resumes it
        print(f"a person is needed: {payment.workflow} may have been paid. {error}", flush=True)
        return 4
    except AnotherPaymentError as error:
        print("another payment has this ID:", error, flush=True)
        return 6
    except Exception as error:  # whatever the engine or its database failed at, the payment may go on
        print(f"not known: {error!r}; run it again", flush=True)
        return 5
    print("paid:", transfer, flush=True)
    return 0


async def main(arguments: argparse.Namespace) -> int:
    global platform  # DBOS calls the steps, those of workflows that it recovers among them
    # A version of its own choice: DBOS recovers the workflows of its version only, by default that of this very code.
    DBOS(
        config={
            "name": "payments",
            "system_database_url": arguments.database,
            "application_version": "1",
            "log_level": "WARNING",
        }
    )
    async with PlatformClient(reason="payments", deadline=60) as platform:
        DBOS.launch()  # it recovers what was open when an earlier process died
        try:
            return await order(arguments) if arguments.command == "pay" else await asyncio.Event().wait()
        finally:
            DBOS.destroy()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", default="sqlite:///payments.sqlite", help="(default: %(default)s)", metavar="URL")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("work", help="go on with what is open, until Ctrl-C")
    ordering = commands.add_parser("pay", help="order a payment, or go on with it, and wait for its end")
    ordering.add_argument("workflow", help="what it is in your books, such as invoice-2026-17")
    ordering.add_argument("source", help="the account that pays")
    ordering.add_argument("destination", help="the account that is paid")
    ordering.add_argument("cents", type=int)
    now = datetime.now(UTC).isoformat()
    ordering.add_argument("--ordered", type=moment, default=now, help="when, in ISO 8601 (default: now)")
    sys.exit(asyncio.run(main(parser.parse_args())))
