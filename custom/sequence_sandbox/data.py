"""The data of a sandbox: what the documentation shows, and older objects in its shape, enough for several pages.

The older ones are computed, not drawn: every sandbox holds the same.
"""

from __future__ import annotations

import copy
from datetime import UTC, datetime, timedelta

from attrs import define

from . import documented
from .documented import Json

_MERCHANTS = ("Blue Bottle Coffee", "Trader Joe's", "Shell", "Target", "Corner Bakery")
_OLDEST_DOCUMENTED = datetime(2024, 4, 21, 10, tzinfo=UTC)


@define
class Data:
    """Everything that an organization has, each kind by ID; lists are in the order in which the API gives them."""

    accounts: dict[str, Json]
    account_details: dict[str, Json]
    cards: dict[str, Json]
    card_transactions: dict[str, Json]
    transfers: dict[str, Json]
    rules: dict[str, Json]
    rule_executions: dict[str, Json]


def make_data(*, card_transactions: int = 250, transfers: int = 250, rule_executions: int = 50) -> Data:
    """The documented objects, and as many older ones as fill each list up to the given length."""
    older_transactions = [_card_transaction(n) for n in range(len(documented.CARD_TRANSACTIONS), card_transactions)]
    older_transfers = [_transfer(n) for n in range(len(documented.TRANSFERS), transfers)]
    older_executions = [_rule_execution(n) for n in range(len(documented.RULE_EXECUTIONS), rule_executions)]
    return Data(
        accounts=_by_id(documented.ACCOUNTS),
        account_details=copy.deepcopy(documented.ACCOUNT_DETAILS),
        cards=_by_id(documented.CARDS),
        card_transactions=_by_id(documented.CARD_TRANSACTIONS + older_transactions),
        transfers=_by_id(documented.TRANSFERS + older_transfers),
        rules=_by_id(documented.RULES),
        rule_executions=_by_id(documented.RULE_EXECUTIONS + older_executions),
    )


def _by_id(objects: list[Json]) -> dict[str, Json]:
    return {item["id"]: copy.deepcopy(item) for item in objects}


def _moment(moment: datetime) -> str:
    return moment.isoformat().replace("+00:00", "Z")


def _card_transaction(n: int) -> Json:
    card = documented.CARDS[n % 5 == 0]
    return {
        "id": f"ctxr_01GSBX{n:07}",
        "amount_in_cents": 300 + n * 7919 % 12000,
        "direction": "credit" if n % 11 == 0 else "debit",
        "merchant_name": _MERCHANTS[n % len(_MERCHANTS)],
        "card_id": card["id"],
        "account_id": card["account_id"],
        "created_at": _moment(_OLDEST_DOCUMENTED - timedelta(hours=7 * n)),
    }


def _transfer(n: int) -> Json:
    payroll, pod, credit_card = (
        {"id": account["id"], "name": account["name"], "type": account["type"]} for account in documented.ACCOUNTS
    )
    created = _OLDEST_DOCUMENTED - timedelta(hours=31 * n)
    kind = n % 4
    source, destination = [(payroll, pod), (pod, credit_card), (None, pod), (pod, credit_card)][kind]
    incomplete = n % 25 == 1
    return {
        "id": f"txr_01GSBX{n:07}",
        "amount_in_cents": 1000 + n * 6007 % 90000,
        "direction": ["internal", "money_out", "money_in", "money_out"][kind],
        "origin": ["rule", "user", "paycheck", "rule"][kind],
        "status": "incomplete" if incomplete else "complete",
        "source": source,
        "destination": destination,
        "rule_id": "rule_01HXYZ1234" if kind == 0 else None,
        "rule_execution_id": f"rex_01GSBX{n // 4:07}" if kind == 0 else None,
        "error_code": "INSUFFICIENT_FUNDS" if incomplete else None,
        "created_at": _moment(created),
        "completed_at": None if incomplete else _moment(created + timedelta(seconds=4)),
    }


def _rule_execution(n: int) -> Json:
    created = _OLDEST_DOCUMENTED - timedelta(hours=31 * 4 * n)
    return {
        **documented.RULE_EXECUTIONS[0],
        "id": f"rex_01GSBX{n:07}",
        "created_at": _moment(created),
        "transfer_ids": [f"txr_01GSBX{n * 4:07}"],
    }
