"""What happened before a sandbox was made: the documented objects, and older ones in their shape.

The older ones are computed from their number, not drawn: the same arguments give the same data.
"""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta

from attrs import evolve

from . import documented, made_up
from .clock import START, iso
from .documented import Json
from .extent import Histories
from .records import CardTransaction, ExternalTransaction, RuleExecution, Transfer, direction_of, reference
from .timeline import E
from .world import World

_MERCHANTS = ("Blue Bottle Coffee", "Trader Joe's", "Shell", "Target", "Corner Bakery")
_OLDEST_DOCUMENTED = datetime(2024, 4, 21, 10, tzinfo=UTC)


def documented_world(now: datetime, histories: Histories) -> World:
    """The documented objects and those made up, and older ones in their shape.

    They are of April 2024. For a later time all that happened is moved, by whole days, so that as much of it is recent.
    """
    later = timedelta(days=(now - START).days)
    end = _OLDEST_DOCUMENTED + later
    transfers = [*_transfers(histories, end, later)]
    accounts = {account["id"]: dict(account) for account in [*documented.ACCOUNTS, *made_up.ACCOUNTS]}
    return World(
        accounts=accounts,
        account_details=_details(later),
        account_extras=_extras(later),
        beneficiaries=made_up.beneficiaries(),
        cards={card["id"]: dict(card) for card in documented.CARDS},
        rules={rule["id"]: copy.deepcopy(rule) for rule in [*documented.RULES, *made_up.RULES]},
        platform_only=made_up.PLATFORM_ONLY,
        card_transactions=[*_card_transactions(histories, end, later)],
        external_transactions=[*made_up.external_transactions(histories, now)],
        transfers=transfers,
        rule_executions=[*_rule_executions(histories, {one.id: one for one in transfers}, later)],
    )


def with_histories(world: World, now: datetime, histories: Histories) -> World:
    """The same, and more that happened before, between its own accounts and on its own cards.

    Raises:
        ValueError: There is no account, card or rule that it could have happened to.
    """
    end = now - timedelta(seconds=10)
    transfers = [*_own_transfers(world, histories, end)]
    return evolve(
        world,
        transfers=_together(transfers, world.transfers),
        rule_executions=_together(_own_executions(world, histories, transfers), world.rule_executions),
        card_transactions=_together(_own_card_transactions(world, histories, end), world.card_transactions),
        external_transactions=_together(_own_external_transactions(world, histories, end), world.external_transactions),
    )


def _details(later: timedelta) -> dict[str, Json]:
    """What getting one account adds, by ID."""
    found = copy.deepcopy({**documented.ACCOUNT_DETAILS, **made_up.ACCOUNT_DETAILS})
    for balance in [one["balance"] for one in found.values() if one["balance"] is not None]:
        _move(balance, later)
    return found


def _extras(later: timedelta) -> dict[str, Json]:
    found = made_up.account_extras()
    for linked in [one["linked_account"] for one in found.values() if "linked_account" in one]:
        _move(linked["balance"], later)
    return found


def _move(balance: Json, later: timedelta) -> None:
    balance["balance_last_updated_at"] = iso(_moment(balance, "balance_last_updated_at") + later)
    due = balance["next_payment_due_date"]
    balance["next_payment_due_date"] = due and (datetime.fromisoformat(due) + later).date().isoformat()


def _card_transactions(histories: Histories, end: datetime, later: timedelta) -> Iterator[CardTransaction]:
    """So many transactions from the oldest to the newest, the documented ones last."""
    count = histories.card_transactions
    examples = documented.CARD_TRANSACTIONS[:count]
    shown = [CardTransaction(**_without_time(one), created=_moment(one) + later) for one in examples]
    moment = histories.moments(
        count, end, lambda n: timedelta(minutes=420 * n if n < 1000 else 420_000 + 7 * (n - 1000))
    )
    for n in range(count - 1, len(shown) - 1, -1):
        yield _card_transaction(n, histories.variation, documented.CARDS[n % 5 == 0], moment(n))
    yield from reversed(shown)


def _card_transaction(n: int, variation: int, card: Json, created: datetime) -> CardTransaction:
    return CardTransaction(
        id=f"ctxr_01GSBX{n:07}",
        amount_in_cents=300 + (n + variation) * 7919 % 12000,
        direction="credit" if n % 11 == 0 else "debit",
        merchant_name=_MERCHANTS[(n + variation) % len(_MERCHANTS)],
        card_id=card["id"],
        account_id=card["account_id"],
        created=created,
        is_payout=n % 44 == 0,
    )


def _spread(n: int) -> timedelta:
    # The first thousand are spread over years as in life; a million at that rate would begin before the calendar does.
    return timedelta(minutes=1860 * n if n < 1000 else 1_860_000 + 7 * (n - 1000))


def _transfers(histories: Histories, end: datetime, later: timedelta) -> Iterator[Transfer]:
    """So many transfers from the oldest to the newest, the documented one last.

    As many of a rule's as there are executions name theirs; the executions of older ones are no longer known.
    """
    count = histories.transfers
    shown = [
        Transfer(**_without_time(one), created=_moment(one) + later, completed=_moment(one, "completed_at") + later)
        for one in documented.TRANSFERS[:count]
    ]
    payroll, pod, credit_card = documented.ACCOUNTS
    routes = [(payroll, pod), (pod, credit_card), (None, pod), (pod, credit_card)]
    moment = histories.moments(count, end, _spread)
    for n in range(count - 1, len(shown) - 1, -1):
        yield _transfer(n, histories, routes[n % 4], documented.RULES[0]["id"], moment(n))
    yield from reversed(shown)


def _transfer(
    n: int, histories: Histories, route: tuple[Json | None, Json | None], rule_id: str | None, created: datetime
) -> Transfer:
    kind, incomplete = n % 4, n % 25 == 1
    of_rule = kind == 0 and rule_id is not None
    return Transfer(
        id=f"txr_01GSBX{n:07}",
        amount_in_cents=1000 + (n + histories.variation) * 6007 % 90000,
        direction=direction_of(*route),
        origin=("rule" if rule_id else "user", "user", "paycheck" if route[0] is None else "user", "rule")[kind],
        status="incomplete" if incomplete else "complete",
        source=route[0] and reference(route[0]),
        destination=route[1] and reference(route[1]),
        rule_id=rule_id if of_rule else None,
        rule_execution_id=f"rex_01GSBX{n // 4:07}" if of_rule and n // 4 < histories.rule_executions else None,
        error_code="INSUFFICIENT_FUNDS" if incomplete else None,
        created=created,
        completed=None if incomplete else created + timedelta(seconds=4),
    )


def _rule_executions(
    histories: Histories, transfers: Mapping[str, Transfer], later: timedelta
) -> Iterator[RuleExecution]:
    """So many executions from the oldest to the newest, the documented one last."""
    example = documented.RULE_EXECUTIONS[0]
    moment = histories.moments(
        max(histories.transfers, 4 * histories.rule_executions), _OLDEST_DOCUMENTED + later, _spread
    )
    for n in range(histories.rule_executions - 1, -1, -1):
        first = transfers.get(f"txr_01GSBX{n * 4:07}" if n else "txr_01HABC1111")
        created = _moment(example) + later if not n else moment(4 * n) if first is None else first.created
        made = _execution(n, example["rule_id"], first, created)
        yield evolve(
            made,
            id=made.id if n else example["id"],
            rule_name=example["rule_name"],
            trigger_type=example["trigger_type"],
            trigger_details=example["trigger_details"],
        )


def _execution(n: int, rule_id: str, first: Transfer | None, created: datetime) -> RuleExecution:
    error = None if first is None else first.error_code
    return RuleExecution(
        id=f"rex_01GSBX{n:07}",
        rule_id=rule_id,
        rule_name=None,
        trigger_type="manual",
        status="executed" if error is None else "failed",
        error_message=error,
        created=created,
        trigger_details={"type": "manual", "amount_in_cents": None},
        step_index_matched=0,
        transfers=[first] if first is not None else [],
    )


def _own_transfers(world: World, histories: Histories, end: datetime) -> Iterator[Transfer]:
    count, accounts = histories.transfers, world.accounts
    sources = [one for one in accounts.values() if one["can_be_source"]]
    destinations = [one for one in accounts.values() if one["can_be_destination"]]
    routes = [(one, other) for one, other in itertools.product(sources, destinations) if one is not other]
    if not count:
        return
    if not routes:
        raise ValueError("transfers: there are no two accounts between which money can move")
    rule = next(iter(world.rules.values()), None)
    rule_id = None if rule is None else str(rule["id"])
    first = None if rule is None else rule["steps"][0]["actions"][0]
    ours = routes[0] if first is None else (accounts[first["source"]["id"]], accounts[first["destination"]["id"]])
    held = next((one for one in accounts.values() if one["type"] != "external_account"), None)
    moment = histories.moments(count, end, _spread)
    for n in range(count - 1, -1, -1):
        route = ours if n % 4 == 0 else (None, held) if n % 4 == 2 and held is not None else routes[n % len(routes)]
        yield _transfer(n, histories, route, rule_id, moment(n))


def _own_executions(world: World, histories: Histories, transfers: list[Transfer]) -> list[RuleExecution]:
    if not histories.rule_executions:
        return []
    if not world.rules:
        raise ValueError("rule_executions: there is no rule")
    of_rules = {one.rule_execution_id: one for one in transfers if one.rule_execution_id is not None}
    if len(of_rules) < histories.rule_executions:
        raise ValueError("rule_executions: there can be one for each fourth transfer at most")
    return [
        evolve(
            _execution(int(name.removeprefix("rex_01GSBX")), str(one.rule_id), one, one.created),
            rule_name=world.rules[str(one.rule_id)]["nickname"],
        )
        for name, one in of_rules.items()
    ]


def _own_card_transactions(world: World, histories: Histories, end: datetime) -> list[CardTransaction]:
    count, cards = histories.card_transactions, [*world.cards.values()]
    if count and not cards:
        raise ValueError("card_transactions: there is no card")
    moment = histories.moments(count, end, lambda n: timedelta(minutes=420 * n))
    return [
        _card_transaction(n, histories.variation, cards[n % len(cards)], moment(n)) for n in range(count - 1, -1, -1)
    ]


def _own_external_transactions(world: World, histories: Histories, end: datetime) -> list[ExternalTransaction]:
    accounts = [name for name, one in world.accounts.items() if one["type"] == "external_account"]
    if histories.external_transactions and not accounts:
        raise ValueError("external_transactions: there is no external account")
    return [*made_up.external_transactions(histories, end, accounts)]


def _together(made: list[E], given: list[E]) -> list[E]:
    twice = {one.id for one in made} & {one.id for one in given}
    if twice:
        raise ValueError(f"{min(twice)} is there already: what is made up has such IDs")
    return sorted([*made, *given], key=lambda one: one.created)


def _moment(item: Json, name: str = "created_at") -> datetime:
    return datetime.fromisoformat(item[name])


def _without_time(item: Json) -> Json:
    return {name: value for name, value in item.items() if name not in {"created_at", "completed_at"}}
