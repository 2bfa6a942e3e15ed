"""Kills the process that has this on its path, as a machine that loses its power, at the moment that `DIE` names."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def before_it_is_sent() -> None:
    """When all is known of the request, and no byte of it has left."""
    import httpx

    async def send(*_: object) -> None:
        die()

    transport: Any = httpx.AsyncHTTPTransport
    transport.handle_async_request = send


def around_recording(*, before: bool) -> None:
    """When the response was read, and DBOS has not, or has, stored that the step is done."""
    from dbos._sys_db import OperationResultInternal, SystemDatabase

    database: Any = SystemDatabase
    record: Callable[..., None] = database.record_operation_result

    def record_and_die(self: object, result: OperationResultInternal, **options: object) -> None:
        is_payment = result["function_name"] == "pay"
        if not (is_payment and before):
            record(self, result, **options)
        if is_payment:
            die()

    database.record_operation_result = record_and_die


def around_reporting(*, before: bool) -> None:
    """When the response was read, and Temporal has not, or has, heard that the activity is done."""
    from temporalio.bridge.worker import Worker

    worker: Any = Worker
    report = worker.complete_activity_task

    async def report_and_die(self: object, completion: object) -> None:
        if not before:
            await report(self, completion)
        die()

    worker.complete_activity_task = report_and_die


MOMENTS: dict[str, Callable[[], None]] = {
    "before it is sent": before_it_is_sent,
    "DBOS: before it is recorded": lambda: around_recording(before=True),
    "DBOS: after it is recorded": lambda: around_recording(before=False),
    "Temporal: before it is recorded": lambda: around_reporting(before=True),
    "Temporal: after it is recorded": lambda: around_reporting(before=False),
}

if moment := os.environ.get("DIE"):
    MOMENTS[moment]()
