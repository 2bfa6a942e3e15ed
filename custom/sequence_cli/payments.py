"""Moves money: shows what will happen, asks, and does it once for each reference."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from types import FrameType
from typing import Any, TypeAlias, cast

from attrs import asdict, frozen

from sequence_sdk import (
    IdempotencyKey,
    OutcomeUnknownError,
    PermissionDeniedError,
    PlatformClient,
    RuleExecutionFailedError,
    SequenceClient,
    SequenceError,
    TransferFailedError,
    UnsupportedResourceError,
    idempotency_key_for,
    to_builtins,
)

from .access import AnyClient
from .endings import FAILED, NOT_YET, UNKNOWN, CommandError, nothing_done
from .records import Row, found, money, plain
from .references import references
from .showing import note

Handler: TypeAlias = Callable[[int, FrameType | None], object] | int | None
Send: TypeAlias = Callable[[IdempotencyKey | None], Awaitable[object]]


@frozen(kw_only=True)
class Payment:
    """A transfer to be made."""

    source: str
    destination: str
    cents: int
    description: str | None


@frozen(kw_only=True)
class Trigger:
    """A rule to be run."""

    rule: str
    cents: int | None
    """What is taken for the balance of the source, and for what came in; None for what there is."""


@frozen(kw_only=True)
class Manner:
    """How money is moved."""

    reference: str | None
    simulate: bool
    yes: bool
    """Whether nobody is asked."""
    timeout: float
    """Seconds to wait for the end."""


def cents_of(text: str) -> int:
    """An amount as people write it, in cents.

    Raises:
        CommandError: It has no two decimals: 2500 might be meant in cents.
    """
    if not re.fullmatch(r"[0-9]{1,12}\.[0-9]{2}", text):
        raise CommandError(f"the amount is {text!r}: give dollars and cents with a point between, such as 25.00")
    return int(text.replace(".", ""))


async def pay(client: AnyClient, payment: Payment, manner: Manner) -> Row:
    """Make a transfer, and give how it ended.

    Raises:
        CommandError: It was not made, or failed, or has not ended.
        SequenceError: It was not made.
    """
    names = await _names(client, [payment.source, payment.destination])
    lines = {
        "from": names[payment.source],
        "to": names[payment.destination],
        "amount": money(payment.cents),
        **({"text": payment.description} if payment.description else {}),
    }
    acting = _acting(client, manner)
    confirm("Pay", lines, acting, manner)

    async def send(key: IdempotencyKey | None) -> object:
        return await acting.transfers.create_and_wait(
            source_account_id=payment.source,
            destination_account_id=payment.destination,
            amount_in_cents=payment.cents,
            description=payment.description,
            idempotency_key=key,
            timeout=manner.timeout,
            raise_on_failure=True,
        )

    async def look(id: str) -> object:
        return await acting.transfers.wait(id, timeout=manner.timeout, raise_on_failure=True)

    return to_row(await _once(acting, f"pay {json.dumps(asdict(payment))}", manner, send, look))


async def trigger(client: AnyClient, order: Trigger, manner: Manner) -> Row:
    """Run a rule, and give how its execution ended.

    Raises:
        CommandError: It was not run, or failed, or has not ended.
        SequenceError: It was not run.
    """
    lines = {"rule": order.rule, **await _rule(client, order.rule)}
    if order.cents is not None:
        lines["amount"] = money(order.cents)
    acting = _acting(client, manner)
    confirm("Trigger", lines, acting, manner)

    async def send(key: IdempotencyKey | None) -> object:
        timeout = manner.timeout
        if isinstance(acting, SequenceClient):
            return await acting.rules.trigger_and_wait(
                order.rule,
                manual_execute_amount=order.cents,
                idempotency_key=key,
                timeout=timeout,
                raise_on_failure=True,
            )
        return await acting.rules.trigger_and_wait(
            order.rule, execute_amount=order.cents, idempotency_key=key, timeout=timeout, raise_on_failure=True
        )

    async def look(id: str) -> object:
        if isinstance(acting, SequenceClient):
            return await acting.rule_executions.wait(id, timeout=manner.timeout, raise_on_failure=True)
        return await acting.rule_executions.wait(order.rule, id, timeout=manner.timeout, raise_on_failure=True)

    return to_row(await _once(acting, f"trigger {json.dumps(asdict(order))}", manner, send, look))


def check(manner: Manner) -> None:
    """See to it that it is clear what is asked for, before anything is sent.

    Raises:
        CommandError: It is not.
    """
    if manner.reference is None and not manner.simulate:
        raise CommandError(
            "--reference is needed: it names this in your books, and the same one never moves money twice"
        )
    if not (manner.yes or manner.simulate or sys.stdin.isatty()):
        raise CommandError("nobody can be asked, since the input is no terminal: add --yes if it is to be done")


def confirm(verb: str, lines: Mapping[str, str], client: AnyClient, manner: Manner) -> None:
    """Show what will happen, and ask whether it is to.

    Raises:
        CommandError: It is not.
    """
    mode = "simulated: no money moves" if manner.simulate else "for real"
    shown = {**lines, "reference": manner.reference or "none", "over": f"{client.base_url}, {mode}"}
    note("\n".join(f"{name:>10}  {plain(text)}" for name, text in shown.items()))
    if manner.yes or manner.simulate:
        return
    # Under asyncio, Ctrl-C would be noticed when the question has been answered.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        print(f"{verb}? [y/N] ", end="", file=sys.stderr, flush=True)
        said = sys.stdin.readline()
    finally:
        signal.signal(signal.SIGINT, before)
    if said.strip().lower() not in {"y", "yes"}:
        raise CommandError("nothing was done", FAILED)


async def _once(
    client: AnyClient, request: str, manner: Manner, send: Send, look: Callable[[str], Awaitable[object]]
) -> object:
    """Send what a reference stands for, unless it is known what that made already."""
    reference = manner.reference
    if manner.simulate or reference is None:  # each simulation is a new one
        return await _ended(send(None))
    with references(client.base_url) as kept:
        tried = kept.begin(reference, request, client.api_key_fingerprint())
        since = f"{tried.first_used:%Y-%m-%d %H:%M} UTC"
        if tried.made is not None:
            note(f"sequence: {reference!r} was done before, at {since}: this is what it made")
            return await _ended(look(tried.made))
        key = idempotency_key_for(
            reference,
            first_used=tried.first_used,
            used_before=not tried.is_first,
            api_key_fingerprint=tried.api_key,
        )
        after = _let_ctrl_c_cancel()
        try:
            ended = await _ended(send(key), made=lambda id: kept.note(reference, id))
        except SequenceError as error:
            if not nothing_done(error):
                raise
            if tried.is_first:
                kept.forget(reference)
                raise
            told = f"{error}\nThe try at {since} may have done it all the same; look before you use another reference"
            raise CommandError(told, UNKNOWN) from error
        except asyncio.CancelledError:
            after = signal.SIG_IGN
            told = f"interrupted: {reference!r} may have been done; run the same command again, and it is done once"
            raise CommandError(told, UNKNOWN) from None
        finally:
            signal.signal(signal.SIGINT, after)
        if id := _id_of(ended):
            kept.note(reference, id)
        return ended


def _let_ctrl_c_cancel() -> Handler:
    """Let Ctrl-C cancel the task, once: pressed again, it must not hide what came of that. Gives what it did before."""
    loop, task = asyncio.get_running_loop(), asyncio.current_task()

    def cancel(*_: object) -> None:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        if task is not None:
            loop.call_soon_threadsafe(task.cancel)

    return signal.signal(signal.SIGINT, cancel)


def _ignore(_: str) -> None:
    """Keep nothing of what a simulation makes."""


async def _ended(sent: Awaitable[object], made: Callable[[str], object] = _ignore) -> object:
    """How something ended.

    Raises:
        CommandError: It was made, and failed or has not ended.
        SequenceError: It was not made, or nobody knows.
    """
    try:
        return await sent
    except (TransferFailedError, RuleExecutionFailedError) as error:
        failed = error.transfer if isinstance(error, TransferFailedError) else error.rule_execution
        made(failed.id)
        why = found(to_row(failed), "error_code") or found(to_row(failed), "error_message")
        raise CommandError(f"{error}{f': {plain(why)}' if why else ''}", FAILED) from error
    except OutcomeUnknownError as error:
        raise CommandError(
            f"{error}\nRun the same command again: with its reference it is done once", UNKNOWN
        ) from error
    except SequenceError as error:
        if nothing_done(error):
            raise
        if id := _id_of(getattr(error, "last", None)):
            made(id)
        raise CommandError(str(error), NOT_YET) from error


def _id_of(made: object) -> str | None:
    """The ID of a transfer, or of an execution."""
    row = to_row(made)
    id = row.get("execution_id", row.get("id"))
    return id if isinstance(id, str) else None


def to_row(made: object) -> Row:
    """A record as it is shown."""
    row: Any = to_builtins(made)
    return cast("Row", row) if isinstance(row, dict) else {}


def _acting(client: AnyClient, manner: Manner) -> AnyClient:
    """The client that acts: one that only simulates, where that is asked for.

    Raises:
        CommandError: The API has no simulations.
    """
    if not manner.simulate:
        return client
    if isinstance(client, PlatformClient):
        return client.with_options(simulation=True)
    raise CommandError("--simulate: this API has no simulations")


async def _names(client: AnyClient, ids: list[str]) -> dict[str, str]:
    """What accounts are called; their IDs, where the key may not read them."""
    many = await client.accounts.get_many.with_failures(ids)
    for failure in many.failures.values():
        if not isinstance(failure, PermissionDeniedError):
            raise failure
    return {id: f"{many.results[id].name}, {id}" if id in many.results else id for id in ids}


async def _rule(client: AnyClient, id: str) -> dict[str, str]:
    """What a rule is called and does, as far as the key may read it."""
    try:
        rule = to_row(await client.rules.get(id))
    except UnsupportedResourceError:
        return {"does": "what this API has no words for"}
    except PermissionDeniedError:
        return {"does": "what this key may not read"}
    actions = [action for step in rule.get("steps") or () for action in step.get("actions") or ()]
    does = [_action(action) for action in actions]
    name = found(rule, "name") or found(rule, "nickname")
    return {"name": str(name or "none"), "status": str(rule.get("status")), "does": "; ".join(does) or "nothing known"}


def _action(action: Row) -> str:
    ends = (str(found(action, f"{end}.name") or found(action, f"{end}.id") or "?") for end in ("source", "destination"))
    cents, share = action.get("amount_in_cents"), action.get("percentage_value", action.get("percentage"))
    size = f" {money(cents)}" if isinstance(cents, int) else f" {share} %" if share is not None else ""
    return f"{str(action.get('type')).lower()}{size}, {' → '.join(ends)}"
