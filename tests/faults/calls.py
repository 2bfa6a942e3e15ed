"""Makes the calls of the matrix, and knows what each has made."""

from __future__ import annotations

import itertools
from typing import Any

from .arrangements import Arrangement
from .outcomes import Column
from .site import LISTED, PAGE

POD, CARD, RULE = "acc_01HDEF0123", "acc_01HGHI7890", "rule_01GSBX0000001"

CENTS, OTHER_CENTS = 5000, 6000
"""What the call moves, and what the one before it moves, where one is needed."""


class Cell:
    """One call that meets with a fault."""

    numbers = itertools.count(1)

    def __init__(self, arrangement: Arrangement, column: Column) -> None:
        self.arrangement = arrangement
        self.column = column
        self.items: list[str] = []
        self.idempotency_key = arrangement.idempotency_key
        self.pod = f"Pod {next(self.numbers)}"
        """The name of the account that is created: no other may have it."""

    def id(self, identifier: str) -> str:
        """How the API calls what a sandbox has under an ID."""
        return identifier if self.arrangement.site.api == "v1" else self.arrangement.sandbox.uuid(identifier)

    async def lead(self, client: Any) -> None:
        """A call of the same operation, and with another outcome, over the connection that is then kept."""
        match self.column:
            case "read" | "platform: read":
                await client.accounts.get(self.id(CARD))
            case "page":
                """The first page of the list leads."""
            case "platform: account":
                await client.accounts.create(type="POD", name=f"{self.pod} before")
            case "transfer" | "platform: transfer":
                await client.transfers.create(
                    source_account_id=self.id(POD),
                    destination_account_id=self.id(CARD),
                    amount_in_cents=OTHER_CENTS,
                    idempotency_key=self.idempotency_key,
                )
            case "trigger":
                await client.rules.trigger(
                    RULE, manual_execute_amount=OTHER_CENTS, idempotency_key=self.idempotency_key
                )

    async def call(self, client: Any) -> tuple[str, int] | None:
        """Make the call, and give the ID of what it responds with and how many attempts it says that it took."""
        match self.column:
            case "read" | "platform: read":
                read = await client.accounts.get.with_response(self.id(POD))
                return read.data.id, read.attempts
            case "page":
                async for item in client.transfers.list(account_id=LISTED, first=PAGE):
                    self.items.append(item.id)
            case "platform: account":
                account = await client.accounts.create.with_response(type="POD", name=self.pod)
                return account.data.id, account.attempts
            case "transfer" | "platform: transfer":
                transfer = await client.transfers.create.with_response(
                    source_account_id=self.id(POD),
                    destination_account_id=self.id(CARD),
                    amount_in_cents=CENTS,
                    idempotency_key=self.idempotency_key,
                )
                return transfer.data.id, transfer.attempts
            case "trigger":
                trigger = await client.rules.trigger.with_response(RULE, idempotency_key=self.idempotency_key)
                return trigger.data.execution_id, trigger.attempts
        return None

    def made(self) -> list[str]:
        """The transfers, rule executions or accounts that there are."""
        organization = self.arrangement.sandbox.organization
        match self.column:
            case "platform: account":
                return [self.id(account) for account in organization.accounts]
            case "trigger":
                return [self.id(execution.id) for execution in organization.rule_executions]
            case _:
                return [self.id(transfer.id) for transfer in organization.transfers]
