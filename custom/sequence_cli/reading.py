"""Reads what the tables show, over either API."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from attrs import frozen

from sequence_sdk import APIError, InvalidArgumentError, PlatformClient, to_builtins

from .access import AnyClient
from .records import Row

IDS_A_LIST = 50
"""How many accounts are asked for in one list, so that its address stays of a length that servers take."""


@frozen
class Held:
    """What accounts hold."""

    rows: list[Row]
    total: int | None
    """The net worth in cents; None where it is not known."""
    failures: Mapping[str, APIError]
    """The errors of the accounts that could not be fetched, by ID."""


@frozen
class Newest:
    """The newest records of a list."""

    rows: list[Row]
    more: bool
    """Whether there are older ones."""


async def accounts(client: AnyClient, type: str | None = None, *, deleted: bool = False) -> list[Row]:
    """The accounts.

    Args:
        client: What is asked.
        type: Only those of this type, in letters of any size.
        deleted: Whether deleted ones are listed, too, where the API has them.
    """
    if isinstance(client, PlatformClient):
        of_type, state = type and type.upper(), "ALL" if deleted else None
        return to_rows(await client.accounts.list(type=of_type, state=state).collect())
    return to_rows(await client.accounts.list(type=type and type.lower()))


async def balances(client: AnyClient) -> Held:
    """What all accounts hold."""
    if isinstance(client, PlatformClient):
        found = await client.accounts.balances()
        rows: list[Row] = [
            {
                **to_builtins({"id": one.id, "name": one.account.name, "type": one.account.type}),
                "in_cents": one.in_cents,
                "available_in_cents": one.balance and one.balance.available_balance_in_cents,
                "updated_at": to_builtins(one.updated_at),
                "is_stale": one.is_stale,
                "error": one.error,
            }
            for one in found.accounts
        ]
        return Held(rows, found.total_in_cents, found.failures)
    listed = await client.accounts.list()
    many = await client.accounts.get_many.with_failures([one.id for one in listed])
    rows = []
    for one in listed:
        account = many.results.get(one.id)
        balance = account and account.balance
        failure = many.failures.get(one.id)
        lacks = None if balance and balance.balance_in_cents is not None else "no balance"
        rows.append(
            {
                **to_builtins({"id": one.id, "name": one.name, "type": one.type}),
                "in_cents": balance and balance.balance_in_cents,
                "available_in_cents": balance and balance.available_balance_in_cents,
                "updated_at": balance and to_builtins(balance.balance_last_updated_at),
                "is_stale": None,
                "error": lacks if failure is None else failure.code or type(failure).__name__,
            }
        )
    return Held(rows, None, many.failures)


async def transfers(
    client: AnyClient,
    account_ids: Sequence[str],
    *,
    status: str | None,
    from_: datetime | None,
    to: datetime | None,
    simulated: bool,
    limit: int,
) -> Newest:
    """The newest transfers of some accounts, of all where none is given.

    Raises:
        InvalidArgumentError: Simulations are asked for over an API that has none.
    """
    ids = account_ids or [str(one["id"]) for one in await accounts(client, deleted=True)]
    if isinstance(client, PlatformClient):
        mode, of_status = "SIMULATION" if simulated else "LIVE", status and status.upper()
        lists = [
            client.transfers.list(account_ids=some, status=of_status, from_=from_, to=to, execution_mode=mode)
            for some in batches(ids)
        ]
        return await newest(lists, limit)
    if simulated:
        raise InvalidArgumentError("--simulated: this API has no simulations")
    lists_of_v1 = [
        client.transfers.list(account_id=one, status=status and status.lower(), from_=from_, to=to) for one in ids
    ]
    return await newest(lists_of_v1, limit)


async def rules(client: AnyClient, source_id: str | None) -> list[Row]:
    """The rules, or those that take from an account."""
    if isinstance(client, PlatformClient):
        return to_rows(await client.rules.list(source_id=source_id).collect())
    return to_rows(await client.rules.list(source_id=source_id))


async def executions(client: AnyClient, rule_ids: Sequence[str], *, limit: int) -> Newest:
    """The newest executions of some rules, of all where none is given."""
    ids = rule_ids or [str(one["id"]) for one in await rules(client, None)]
    if isinstance(client, PlatformClient):
        return await newest([client.rule_executions.list(one) for one in ids], limit)
    return await newest([client.rule_executions.list(rule_id=one) for one in ids], limit)


async def newest(lists: Iterable[AsyncIterable[object]], limit: int) -> Newest:
    """The newest records of several lists, each of which is sorted; what is in several of them counts once."""
    found: dict[str, Row] = {}
    for one in lists:
        taken = 0
        async for record in one:
            row = to_builtins(record)
            found[row["id"]] = row
            taken += 1
            if taken > limit:
                break
    rows = sorted(found.values(), key=lambda row: datetime.fromisoformat(row["created_at"]), reverse=True)
    return Newest(rows[:limit], len(rows) > limit)


def batches(ids: Sequence[str], size: int = IDS_A_LIST) -> list[Sequence[str]]:
    """IDs in parts that one list may be asked for."""
    return [ids[begin : begin + size] for begin in range(0, len(ids), size)]


def to_rows(records: object) -> list[Row]:
    """Records as they are shown and written."""
    rows: Any = to_builtins(records)
    return list(rows)
