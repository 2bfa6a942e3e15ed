"""A program that is killed while it pays, and is started again, pays once."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal, TypeAlias

import anyio
import pytest
from attrs import define, field
from starlette.types import ASGIApp, Receive, Scope, Send

from sequence_sandbox import Sandbox

PROGRAM = """
import json, sys
import anyio
import sequence_sdk
from sequence_sdk import idempotency_key_for

async def pay():
    async with getattr(sequence_sdk, client)(key, base_url=base_url) as sequence:
        paid = await sequence.transfers.create.with_response(
            source_account_id=source,
            destination_account_id=destination,
            amount_in_cents=5000,
            idempotency_key=idempotency_key_for("invoice-2024-17"),
        )
        print(json.dumps([paid.data.id, paid.attempts]))

backend, base_url, key, client, source, destination = sys.argv[1:]
anyio.run(pay, backend=backend)
"""
"""A program that pays an invoice, and says as which transfer and in how many attempts."""


@define
class Halting:
    """The layer around a sandbox that halts the first request before or after it is done, until it is let go on."""

    app: ASGIApp
    moment: Literal["before", "after"] | None
    halted: threading.Event = field(factory=threading.Event)
    go_on: threading.Event = field(factory=threading.Event)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        moment, self.moment = self.moment, None
        if moment == "before":
            await self._halt()
        messages = []

        async def keep(message: dict[str, object]) -> None:
            messages.append(message)

        await self.app(scope, receive, keep)
        if moment == "after":
            await self._halt()
        for message in messages:
            await send(message)

    async def _halt(self) -> None:
        self.halted.set()
        while not self.go_on.is_set():
            await anyio.sleep(0.01)


@define
class Payer:
    """The program of somebody who pays an invoice at a sandbox."""

    backend: str
    base_url: str
    key: str
    client: str
    accounts: list[str]
    """The IDs of the source and the destination."""

    def start(self) -> subprocess.Popen[str]:
        arguments = [self.backend, self.base_url, self.key, self.client, *self.accounts]
        return subprocess.Popen([sys.executable, "-c", PROGRAM, *arguments], stdout=subprocess.PIPE, text=True)

    def start_and_kill(self, when: Callable[[], object]) -> None:
        """Start it, and kill it as soon as something is the case: by SIGKILL, of which it does not hear."""
        with self.start() as process:
            try:
                for _ in range(6000):
                    if when():
                        break
                    assert process.poll() is None, "it ended before it could be killed"
                    time.sleep(0.01)
            finally:
                process.kill()
            assert process.communicate()[0] == ""
        assert process.returncode == -9

    def run(self) -> tuple[str, int]:
        """Start it, and give the ID of the transfer and how many attempts it took."""
        with self.start() as process:
            told, _ = process.communicate(timeout=120)
        transfer_id, attempts = json.loads(told)
        return transfer_id, attempts


Client: TypeAlias = Literal["SequenceClient", "PlatformClient"]


@contextmanager
def paying(sandbox: Sandbox, backend: str, client: Client = "SequenceClient") -> Iterator[Payer]:
    accounts = ["acc_01HDEF0123", "acc_01HGHI7890"]
    with sandbox.serve():
        if client == "SequenceClient":
            yield Payer(backend, sandbox.base_url, sandbox.create_key(), client, accounts)
        else:
            uuids = list(map(sandbox.uuid, accounts))
            yield Payer(backend, sandbox.platform_url, sandbox.create_key(), client, uuids)


def made(sandbox: Sandbox) -> list[str]:
    """The IDs of the transfers that were not there from the start."""
    return [transfer.id for transfer in sandbox.organization.transfers if transfer.id.startswith("txr_01HSBX")]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("client", "moment"), [("SequenceClient", "before"), ("SequenceClient", "after"), ("PlatformClient", "after")]
)
def test_a_program_that_is_killed_before_it_has_its_response_pays_once(
    anyio_backend: str, client: Client, moment: Literal["before", "after"]
) -> None:
    sandbox = Sandbox()
    sandbox.app = halting = Halting(sandbox.app, moment)  # type: ignore[assignment]
    with paying(sandbox, anyio_backend, client) as payer:
        payer.start_and_kill(when=halting.halted.is_set)
        assert len(made(sandbox)) == (moment == "after")
        transfer_id, attempts = payer.run()
        halting.go_on.set()
    assert attempts == 1
    assert [one if client == "SequenceClient" else sandbox.uuid(one) for one in made(sandbox)] == [transfer_id]


@pytest.mark.slow
def test_a_program_that_is_killed_in_the_middle_of_its_response_pays_once(anyio_backend: str) -> None:
    sandbox = Sandbox()
    sandbox.fail("drip", seconds=5)
    with paying(sandbox, anyio_backend) as payer:
        payer.start_and_kill(when=lambda: made(sandbox))
        transfer_id, _ = payer.run()
    assert made(sandbox) == [transfer_id]


@pytest.mark.long
def test_a_program_that_is_started_again_while_it_is_still_being_paid_waits_for_that(anyio_backend: str) -> None:
    sandbox = Sandbox()
    sandbox.fail("slow", seconds=10)  # in which the program starts again, also on a busy machine
    with paying(sandbox, anyio_backend) as payer:
        payer.start_and_kill(when=lambda: sandbox.requests)
        assert made(sandbox) == []
        transfer_id, attempts = payer.run()
    assert attempts > 1, "its response came before the transfer was made"
    assert len(sandbox.requests) == 1 + attempts
    assert made(sandbox) == [transfer_id]
