"""What happened before a sandbox was made: the documented objects, and older ones in their shape.

The older ones are computed from the seed and their number, not drawn: the same seed gives the same data.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

from . import documented, made_up
from .documented import Json
from .records import CardTransaction, RuleExecution, Transfer, reference

_MERCHANTS = ("Blue Bottle Coffee", "Trader Joe's", "Shell", "Target", "Corner Bakery")
_OLDEST_DOCUMENTED = datetime(2024, 4, 21, 10, tzinfo=UTC)


def accounts() -> dict[str, Json]:
    """The documented accounts and those made up, by ID, as lists show them."""
    return {account["id"]: dict(account) for account in [*documented.ACCOUNTS, *made_up.ACCOUNTS]}


def account_details() -> dict[str, Json]:
    """What getting one account adds, by ID."""
    return copy.deepcopy({**documented.ACCOUNT_DETAILS, **made_up.ACCOUNT_DETAILS})


def cards() -> dict[str, Json]:
    return {card["id"]: dict(card) for card in documented.CARDS}


def rules() -> dict[str, Json]:
    return {rule["id"]: copy.deepcopy(rule) for rule in [*documented.RULES, *made_up.RULES]}


def card_transactions(count: int, seed: int) -> Iterator[CardTransaction]:
    """So many transactions from the oldest to the newest, the documented ones last."""
    documented_ones = documented.CARD_TRANSACTIONS[:count]
    shown = [CardTransaction(**_without_time(one), created=_moment(one)) for one in documented_ones]
    for n in range(count - 1, len(shown) - 1, -1):
        yield _card_transaction(n, seed)
    yield from reversed(shown)


def transfers(count: int, seed: int, executions: int) -> Iterator[Transfer]:
    """So many transfers from the oldest to the newest, the documented one last.

    As many of a rule's as there are executions name theirs; the executions of older ones are no longer known.
    """
    shown = [
        Transfer(**_without_time(one), created=_moment(one), completed=_moment(one, "completed_at"))
        for one in documented.TRANSFERS[:count]
    ]
    payroll, pod, credit_card = map(reference, documented.ACCOUNTS)
    routes = [(payroll, pod), (pod, credit_card), (None, pod), (pod, credit_card)]
    for n in range(count - 1, len(shown) - 1, -1):
        yield _transfer(n, seed, routes[n % 4], executions)
    yield from reversed(shown)


def rule_executions(count: int, transfer: Callable[[str], Transfer | None]) -> Iterator[RuleExecution]:
    """So many executions from the oldest to the newest, the documented one last."""
    example = documented.RULE_EXECUTIONS[0]
    for n in range(count - 1, -1, -1):
        first = transfer(f"txr_01GSBX{n * 4:07}" if n else "txr_01HABC1111")
        error = None if first is None else first.error_code
        yield RuleExecution(
            id=f"rex_01GSBX{n:07}" if n else example["id"],
            rule_id=example["rule_id"],
            rule_name=example["rule_name"],
            trigger_type=example["trigger_type"],
            status="executed" if error is None else "failed",
            error_message=error,
            created=_transferred(4 * n) if n else _moment(example),
            trigger_details=example["trigger_details"],
            step_index_matched=0,
            transfers=[first] if first is not None else [],
        )


def _moment(item: Json, name: str = "created_at") -> datetime:
    return datetime.fromisoformat(item[name])


def _without_time(item: Json) -> Json:
    return {name: value for name, value in item.items() if name not in {"created_at", "completed_at"}}


def _card_transaction(n: int, seed: int) -> CardTransaction:
    card = documented.CARDS[n % 5 == 0]
    return CardTransaction(
        id=f"ctxr_01GSBX{n:07}",
        amount_in_cents=300 + (n + seed) * 7919 % 12000,
        direction="credit" if n % 11 == 0 else "debit",
        merchant_name=_MERCHANTS[(n + seed) % len(_MERCHANTS)],
        card_id=card["id"],
        account_id=card["account_id"],
        created=_OLDEST_DOCUMENTED - timedelta(minutes=420 * n if n < 1000 else 420_000 + 7 * (n - 1000)),
        is_payout=n % 44 == 0,
    )


def _transferred(n: int) -> datetime:
    # The first thousand are spread over years as in life; a million at that rate would begin before the calendar does.
    return _OLDEST_DOCUMENTED - timedelta(minutes=1860 * n if n < 1000 else 1_860_000 + 7 * (n - 1000))


def _transfer(n: int, seed: int, route: tuple[Json | None, Json | None], executions: int) -> Transfer:
    created = _transferred(n)
    kind, incomplete = n % 4, n % 25 == 1
    return Transfer(
        id=f"txr_01GSBX{n:07}",
        amount_in_cents=1000 + (n + seed) * 6007 % 90000,
        direction=("internal", "money_out", "money_in", "money_out")[kind],
        origin=("rule", "user", "paycheck", "rule")[kind],
        status="incomplete" if incomplete else "complete",
        source=route[0],
        destination=route[1],
        rule_id="rule_01HXYZ1234" if kind == 0 else None,
        rule_execution_id=f"rex_01GSBX{n // 4:07}" if kind == 0 and n // 4 < executions else None,
        error_code="INSUFFICIENT_FUNDS" if incomplete else None,
        created=created,
        completed=None if incomplete else created + timedelta(seconds=4),
    )
