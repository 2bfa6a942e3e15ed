"""Pays from a Temporal workflow, each payment once, whatever happens to its workers.

Moves money. The workflow's ID says which payment it is: run `pay` with it again, and it waits for the same one.
Exit codes of `pay`: 0 paid, 3 not paid, 4 a person is needed, 5 not known, so run it again, and 6 another payment has
this ID. Any other, such as that of a traceback, says nothing of the payment.
docs/durable.md explains it.
"""

import argparse
import asyncio
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from temporalio import activity, workflow
from temporalio.client import Client, WorkflowFailureError, WorkflowHandle
from temporalio.common import RetryPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ActivityError, ApplicationError, WorkflowAlreadyStartedError
from temporalio.worker import Worker

with workflow.unsafe.imports_passed_through():
    from sequence_sdk import FINAL_ERRORS, OutcomeUnknownError, PlatformClient, SequenceError, idempotency_key_for

QUEUE = "payments"
NOT_PAID = "NotPaid"
"""The type of an error: it was not paid, and will not be."""
PERSON_NEEDED = "PersonNeeded"
"""The type of an error: it may have been paid or not. Only a person can say, and nothing tries it again."""

CALL = timedelta(seconds=25)
"""What a call of the SDK takes at most, with all that it sends."""
ATTEMPT = timedelta(seconds=30)
"""And an attempt of the activity. A worker that died is noticed after that."""
KEY_IS_USED_FOR = timedelta(hours=23)
"""For how long after the order the idempotency key is used: the server forgets it an hour later."""
RETRIES = RetryPolicy(
    initial_interval=timedelta(seconds=1),
    backoff_coefficient=2,
    maximum_interval=timedelta(minutes=10),
    non_retryable_error_types=[NOT_PAID, *FINAL_ERRORS],
)


@dataclass(frozen=True)
class Payment:
    """The workflow's input, which Temporal stores first of all: each run of the workflow has the same."""

    source: str
    destination: str
    cents: int
    ordered: str
    """When, in ISO 8601 with a time zone: its idempotency key cannot have been used earlier."""
    api_key: str
    """The fingerprint of the API key that pays: under another one, the server would not know the idempotency key."""


class AnotherPaymentError(Exception):
    """What has this ID is not what was ordered now."""


class Payments:
    def __init__(self, platform: PlatformClient) -> None:
        self.platform = platform

    @activity.defn
    async def pay(self, payment: Payment, first_run: str) -> str:
        info = activity.info()
        # An operator who resets the activity lets it count from 1 again, at a later time.
        is_first_attempt = info.attempt == 1 and info.current_attempt_scheduled_time == info.scheduled_time
        is_first = is_first_attempt and info.workflow_run_id == first_run
        try:
            transfer = await self.platform.transfers.create(
                source_account_id=payment.source,
                destination_account_id=payment.destination,
                amount_in_cents=payment.cents,
                idempotency_key=idempotency_key_for(
                    f"{info.workflow_id}/pay",  # not the run: all runs of the workflow are one payment
                    first_used=datetime.fromisoformat(payment.ordered),
                    used_before=not is_first,
                    api_key_fingerprint=payment.api_key,
                ),
            )
        except SequenceError as error:
            if is_first and not error.retryable and not isinstance(error, OutcomeUnknownError):
                raise ApplicationError(f"{info.workflow_id} was not paid: {error}", type=NOT_PAID) from error
            raise  # RETRIES decides by its class
        return transfer.id


@workflow.defn
class PayInvoice:
    @workflow.run
    async def run(self, payment: Payment) -> str:
        """Pay, and give the transfer's ID. Fails with a `NotPaid`, or with a `PersonNeeded`."""
        info = workflow.info()
        left = datetime.fromisoformat(payment.ordered) + KEY_IS_USED_FOR - workflow.now()
        try:
            return await workflow.execute_activity_method(
                Payments.pay,
                args=[payment, info.first_execution_run_id],
                start_to_close_timeout=ATTEMPT,
                # All tries together. There is at least one, to which the SDK says that it comes too late.
                schedule_to_close_timeout=max(left, ATTEMPT),
                retry_policy=RETRIES,
            )
        except ActivityError as failure:
            if isinstance(failure.cause, ApplicationError) and failure.cause.type == NOT_PAID:
                raise ApplicationError(str(failure.cause.message), type=NOT_PAID, non_retryable=True) from failure
            raise ApplicationError(
                f"{info.workflow_id} may have been paid: look for {payment.cents} cents from {payment.source} to "
                f"{payment.destination} since {payment.ordered} before it is ordered again. "
                f"{failure.cause}",
                type=PERSON_NEEDED,
                non_retryable=True,
            ) from failure


def moment(text: str) -> str:
    return datetime.fromisoformat(text).astimezone(UTC).isoformat()


async def find_or_start(temporal: Client, workflow_id: str, payment: Payment) -> WorkflowHandle[PayInvoice, str]:
    try:
        return await temporal.start_workflow(
            PayInvoice.run,
            payment,
            id=workflow_id,
            task_queue=QUEUE,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,  # nor after it has ended
        )
    except WorkflowAlreadyStartedError:
        handle = temporal.get_workflow_handle_for(PayInvoice.run, workflow_id)
    # It has the input that it was started with, which its history begins with.
    first = await anext(handle.fetch_history_events(page_size=1))
    started = first.workflow_execution_started_event_attributes
    if started.workflow_type.name != PayInvoice.__name__:
        raise AnotherPaymentError(f"{workflow_id} is a workflow of the type {started.workflow_type.name}")
    [found] = await temporal.data_converter.decode(started.input.payloads, [Payment])
    if (found.source, found.destination, found.cents) != (payment.source, payment.destination, payment.cents):
        raise AnotherPaymentError(f"{found.cents} cents from {found.source} to {found.destination}")
    return handle


async def order(temporal: Client, platform: PlatformClient, arguments: argparse.Namespace) -> int:
    payment = Payment(
        arguments.source, arguments.destination, arguments.cents, arguments.ordered, platform.api_key_fingerprint()
    )
    try:
        transfer = await (await find_or_start(temporal, arguments.workflow, payment)).result()
    except WorkflowFailureError as failure:
        cause = failure.cause
        is_not_paid = isinstance(cause, ApplicationError) and cause.type == NOT_PAID
        print("not paid:" if is_not_paid else "a person is needed:", cause, flush=True)
        return 3 if is_not_paid else 4
    except AnotherPaymentError as error:
        print("another payment has this ID:", error, flush=True)
        return 6
    except Exception as error:  # the server cannot be reached, say, and the payment may go on
        print(f"not known: {error!r}; run it again", flush=True)
        return 5
    print("paid:", transfer, flush=True)
    return 0


async def main(arguments: argparse.Namespace) -> int:
    temporal = await Client.connect(arguments.address)
    async with PlatformClient(reason="payments", deadline=CALL.total_seconds()) as platform:
        if arguments.command == "pay":
            return await order(temporal, platform, arguments)
        payments = Payments(platform)
        async with Worker(temporal, task_queue=QUEUE, workflows=[PayInvoice], activities=[payments.pay]):
            return await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--address", default="127.0.0.1:7233", help="Temporal's (default: %(default)s)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("work", help="run workflows until Ctrl-C")
    ordering = commands.add_parser("pay", help="order a payment, or go on waiting for it, until its end")
    ordering.add_argument("workflow", help="what it is in your books, such as invoice-2026-17")
    ordering.add_argument("source", help="the account that pays")
    ordering.add_argument("destination", help="the account that is paid")
    ordering.add_argument("cents", type=int)
    now = datetime.now(UTC).isoformat()
    ordering.add_argument("--ordered", type=moment, default=now, help="when, in ISO 8601 (default: now)")
    sys.exit(asyncio.run(main(parser.parse_args())))
