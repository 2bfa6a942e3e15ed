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
    import httpx  # noqa: TID251 - what is wrapped is what the SDK uses

    async def send(*_: object) -> Any:
        die()

    httpx.AsyncHTTPTransport.handle_async_request = send  # type: ignore[method-assign]


def around_recording(*, before: bool) -> None:
    """When the response was read, and DBOS has not, or has, stored that the step is done."""
    from dbos._sys_db import SystemDatabase

    record: Callable[..., None] = SystemDatabase.record_operation_result

    def record_and_die(self: SystemDatabase, result: Any, **options: Any) -> None:
        is_payment = result["function_name"] == "pay"
        if not (is_payment and before):
            record(self, result, **options)
        if is_payment:
            die()

    SystemDatabase.record_operation_result = record_and_die  # type: ignore[method-assign]


def around_reporting(*, before: bool) -> None:
    """When the response was read, and Temporal has not, or has, heard that the activity is done."""
    from temporalio.bridge.worker import Worker

    report = Worker.complete_activity_task

    async def report_and_die(self: Worker, completion: Any) -> None:
        if not before:
            await report(self, completion)
        die()

    Worker.complete_activity_task = report_and_die  # type: ignore[method-assign]


MOMENTS: dict[str, Callable[[], None]] = {
    "before it is sent": before_it_is_sent,
    "DBOS: before it is recorded": lambda: around_recording(before=True),
    "DBOS: after it is recorded": lambda: around_recording(before=False),
    "Temporal: before it is recorded": lambda: around_reporting(before=True),
    "Temporal: after it is recorded": lambda: around_reporting(before=False),
}

if moment := os.environ.get("DIE"):
    MOMENTS[moment]()
