"""Moves money: shows what will happen, asks, and does it once for each reference."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, cast

from attrs import asdict, frozen

from sequence_sdk import (
    IdempotencyKey,
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

from .access import AnyClient, check_ids
from .asking import ask_whether, can_ask
from .endings import FAILED, NOT_YET, NOTHING_MOVED, OK, UNKNOWN, CommandError, in_words, nothing_done
from .options import Manner
from .records import Row, found, money, plain
from .references import References, Tried, check_reference, references
from .showing import note
from .standing import Standing

ONE_LOOK = 0.001
"""Seconds to wait for what was made before, where nothing is to be waited for: it is looked at once."""


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


def cents_of(text: str) -> int:
    """An amount as people write it, in cents.

    Raises:
        CommandError: It has no two decimals: 2500 might be meant in cents.
    """
    if not re.fullmatch(r"[0-9]{1,12}\.[0-9]{2}", text):
        raise CommandError(f"the amount is {text!r}: give dollars and cents with a point between, such as 25.00")
    return int(text.replace(".", ""))


@frozen(kw_only=True)
class Write:
    """A write of either kind, as it is carried out."""

    request: str
    """What it is, as it is kept with its reference."""
    send: Callable[[IdempotencyKey | None], Awaitable[object]]
    wait: Callable[[str, float], Awaitable[object]]
    """Waits for what was made, by its ID, for some seconds."""
    expected: Mapping[str, object]
    """What a record of it has, by path."""
    looks: str
    """The command that shows such records."""


async def pay(client: AnyClient, payment: Payment, manner: Manner, standing: Standing) -> None:
    """Make a transfer, and keep how it stands.

    Raises:
        CommandError, SequenceError: It was not made.
    """
    check_ids(client, "acc", payment.source, payment.destination)
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
        return await acting.transfers.create(
            source_account_id=payment.source,
            destination_account_id=payment.destination,
            amount_in_cents=payment.cents,
            description=payment.description,
            idempotency_key=key,
        )

    async def wait(id: str, timeout: float) -> object:
        return await acting.transfers.wait(id, timeout=timeout, raise_on_failure=True)

    expected = {
        "source.id": payment.source,
        "destination.id": payment.destination,
        "amount_in_cents": payment.cents,
        **_mode(manner),
    }
    request, looks = f"pay {json.dumps(asdict(payment))}", f"sequence transfers {payment.source}"
    await _once(acting, Write(request=request, send=send, wait=wait, expected=expected, looks=looks), manner, standing)


async def trigger(client: AnyClient, order: Trigger, manner: Manner, standing: Standing) -> None:
    """Run a rule, and keep how its execution stands.

    Raises:
        CommandError, SequenceError: It was not run.
    """
    check_ids(client, "rule", order.rule)
    lines = {"rule": order.rule, **await _rule(client, order.rule)}
    if order.cents is not None:
        lines["amount"] = money(order.cents)
    acting = _acting(client, manner)
    confirm("Trigger", lines, acting, manner)

    async def send(key: IdempotencyKey | None) -> object:
        if isinstance(acting, SequenceClient):
            return await acting.rules.trigger(order.rule, manual_execute_amount=order.cents, idempotency_key=key)
        return await acting.rules.trigger(order.rule, execute_amount=order.cents, idempotency_key=key)

    async def wait(id: str, timeout: float) -> object:
        if isinstance(acting, SequenceClient):
            return await acting.rule_executions.wait(id, timeout=timeout, raise_on_failure=True)
        return await acting.rule_executions.wait(order.rule, id, timeout=timeout, raise_on_failure=True)

    expected = {"rule_id": order.rule, **_mode(manner)}
    request, looks = f"trigger {json.dumps(asdict(order))}", f"sequence executions {order.rule}"
    await _once(acting, Write(request=request, send=send, wait=wait, expected=expected, looks=looks), manner, standing)


def _mode(manner: Manner) -> Mapping[str, object]:
    return {"execution_mode": "SIMULATION" if manner.simulate else "LIVE"}


def check(manner: Manner) -> None:
    """See to it that it is clear what is asked for, before anything is sent.

    Raises:
        CommandError: It is not.
    """
    if manner.reference is None and not manner.simulate:
        raise CommandError(
            "--reference is needed: it names this in your books, and the same one never moves money twice"
        )
    if manner.reference is not None:
        check_reference(manner.reference)
    if not (manner.yes or manner.simulate or can_ask()):
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
    ask_whether(verb)


async def _once(client: AnyClient, write: Write, manner: Manner, standing: Standing) -> None:
    """Send what a reference stands for, unless it is known what that made already, and wait for its end."""
    reference = manner.reference
    if manner.simulate or reference is None:  # each simulation is a new one
        simulated = to_row(await write.send(None))
        await _follow(write, _id_of(simulated), simulated, manner.timeout, standing)
        return
    with references() as kept:
        api, base_url = client.contract.short_name, client.base_url
        standing.begin()
        try:
            tried = kept.begin(
                reference, write.request, api=api, base_url=base_url, api_key=client.api_key_fingerprint()
            )
            standing.is_sent(reference)
            if (id := tried.made) is not None:
                standing.is_made(id, None)
                note(f"sequence: {reference!r} was used before, at {_since(tried)}: this is what it made")
                await _follow(write, id, None, max(manner.timeout, ONE_LOOK), standing)
            else:
                row = await _send(kept, write, reference, tried, standing)
                if row is None:
                    return
                if (id := _id_of(row)) is not None:
                    standing.is_made(id, row)
                    kept.note(reference, id, row.get("status"))
                await _follow(write, id, row, manner.timeout, standing)
            if id is not None and standing.row is not None:
                kept.note(reference, id, standing.row.get("status"))
        except asyncio.CancelledError:
            return  # how it stands is what is known
        finally:
            standing.decided()


async def _send(kept: References, write: Write, reference: str, tried: Tried, standing: Standing) -> Row | None:
    """What was made; None where that is not known.

    Raises:
        SequenceError: Nothing was done.
    """
    key = idempotency_key_for(
        reference, first_used=tried.first_used, used_before=not tried.is_first, api_key_fingerprint=tried.api_key
    )
    try:
        return to_row(await write.send(key))
    except SequenceError as error:
        if not nothing_done(error):
            standing.ends(UNKNOWN, f"{in_words(error)}\nRun the same command again: with its reference it is done once")
        elif tried.is_first:
            standing.ends(None)
            kept.forget(reference)
            raise
        else:
            standing.ends(
                UNKNOWN,
                f"{in_words(error)}\nThe try at {_since(tried)} may have done it all the same; look before you use "
                f"another reference: `{write.looks}` shows what there is, and `sequence references settle` writes "
                "down what you find",
            )
        return None


async def _follow(write: Write, id: str | None, row: Row | None, timeout: float, standing: Standing) -> None:
    """Wait for the end of what was made, and keep how it stands."""
    if id is None:
        text = f"it was made, and the response does not say which one it is: `{write.looks}` shows it"
        standing.ends(NOT_YET, text, row)
        return
    standing.is_made(id, row)
    if timeout == 0:
        standing.ends(NOT_YET, f"{id} was made, and is not waited for: the same command shows how it ends")
        return
    try:
        ended = to_row(await write.wait(id, timeout))
    except (TransferFailedError, RuleExecutionFailedError) as error:
        failed = to_row(error.transfer if isinstance(error, TransferFailedError) else error.rule_execution)
        why = found(failed, "error_code") or found(failed, "error_message")
        standing.ends(FAILED, f"{in_words(error)}{f': {plain(why)}' if why else ''}", failed)
    except SequenceError as error:
        last = to_row(getattr(error, "last", None))
        standing.ends(NOT_YET, f"{id} was made, and its end is not known: {in_words(error)}", last or row)
    else:
        standing.ends(*_judged(write, id, ended), ended)


def _judged(write: Write, id: str, ended: Row) -> tuple[int, str]:
    """The exit code for what has ended well by its status, and what is to be said of it."""
    for path, wanted in write.expected.items():
        has = found(ended, path)
        if has is not None and str(has).lower() != str(wanted).lower():
            return UNKNOWN, (
                f"{id} was made, and the server now shows another {path}, {plain(has)} instead of {wanted}: "
                "ask Sequence which one is true"
            )
    if ended.get("conditions_not_met") or ended.get("transfers_attempted") == 0:
        why = "its conditions were not met" if ended.get("conditions_not_met") else "there was nothing to transfer"
        return NOTHING_MOVED, f"{id} was run, and moved no money: {why}"
    return OK, ""


def _since(tried: Tried) -> str:
    return f"{tried.first_used:%Y-%m-%d %H:%M} UTC"


def _id_of(row: Row) -> str | None:
    """The ID of a transfer, or of an execution."""
    id = row.get("id")
    return id if isinstance(id, str) else None


def to_row(made: object) -> Row:
    """A record as it is shown. That of a rule just triggered is the ID of its execution."""
    row: Any = to_builtins(made)
    if not isinstance(row, dict):
        return {}
    known = cast("Row", row)
    return {"id": known["execution_id"]} if set(known) == {"execution_id"} else known


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
