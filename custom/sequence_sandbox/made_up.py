"""What no documentation shows, made up in its shape: what there has to be for every case to have an example."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from .documented import Json
from .extent import Histories
from .records import ExternalTransaction

MANUAL_RULE: Json = {
    "id": "rule_01GSBX0000001",
    "nickname": "Pay the card",
    "description": "Moves $50 from the emergency fund to the credit card when it is told to",
    "status": "enabled",
    "trigger": {"type": "MANUAL", "account_id": "acc_01HDEF0123"},
    "steps": [
        {
            "conditions": {
                "all": [
                    {"condition": {"fact": "BALANCE", "operator": "GREATER_THAN_OR_EQUAL", "value": 5000}},
                    {"condition": {"fact": "DAY_OF_MONTH", "operator": "LESS_THAN_OR_EQUAL", "value": 31}},
                ]
            },
            "actions": [
                {
                    "type": "FIXED",
                    "source": {"id": "acc_01HDEF0123", "name": "Emergency Fund", "type": "pod"},
                    "destination": {"id": "acc_01HGHI7890", "name": "Amex Gold ••1234", "type": "external_account"},
                    "amount_in_cents": 5000,
                }
            ],
        }
    ],
    "created_at": "2024-03-01T08:00:00Z",
    "updated_at": "2024-03-01T08:00:00Z",
}

DISABLED_RULE: Json = {**MANUAL_RULE, "id": "rule_01GSBX0000002", "nickname": "Switched off", "status": "disabled"}

AVALANCHE_RULE: Json = {
    **MANUAL_RULE,
    "id": "rule_01GSBX0000003",
    "nickname": "Debt avalanche",
    "status": "enabled",
    "steps": [{"actions": [{**MANUAL_RULE["steps"][0]["actions"][0], "type": "AVALANCHE"}]}],
}
"""Made in the app, of a kind that the APIs have no words for."""

RULES = [MANUAL_RULE, DISABLED_RULE, AVALANCHE_RULE]


def balance(cents: int | None, *, updated_at: str, available: int | None = None, **other: object) -> Json:
    """A balance in which only what is given is known."""
    return {
        "balance_in_cents": cents,
        "available_balance_in_cents": available,
        "last_statement_balance_in_cents": None,
        "next_payment_minimum_in_cents": None,
        "next_payment_due_date": None,
        "balance_last_updated_at": updated_at,
        **other,
    }


def _account(number: int, name: str, kind: str, external: str | None = None, institution: str | None = None) -> Json:
    return {
        "id": f"acc_01GSBX{number:07}",
        "name": name,
        "type": kind,
        "description": None,
        "external_account_type": external,
        "beneficiary_name": "John Smith",
        "institution_name": institution,
        "can_be_source": external != "LIABILITY",
        "can_be_destination": True,
        "created_at": f"2024-02-{number + 10:02}T10:00:00Z",
        "updated_at": f"2024-03-{number + 10:02}T10:00:00Z",
    }


CAR_FUND, CAR_LOAN, SAVINGS, INVESTMENTS, OLD_POD = (
    _account(1, "Car Fund", "pod"),
    _account(2, "Car Loan", "external_account", "LIABILITY", "Harbor Auto Finance"),
    _account(3, "Harbor Savings ••5678", "external_account", "DEPOSITORY", "Harbor Credit Union"),
    _account(4, "Index Funds ••9012", "external_account", "INVESTMENT", "Meridian Brokerage"),
    _account(5, "Old Goals", "pod"),
)
ACCOUNTS = [CAR_FUND, SAVINGS, INVESTMENTS, OLD_POD]

_NUMBERS: Json = {"routing_number": "••••0700", "bank_account_number": "••••5678"}

ACCOUNT_DETAILS: dict[str, Json] = {
    CAR_FUND["id"]: {**_NUMBERS, "balance": balance(120000, available=120000, updated_at="2024-04-23T06:00:00Z")},
    SAVINGS["id"]: {**_NUMBERS, "balance": balance(None, updated_at="2024-03-20T06:00:00Z", error="CONNECTION_LOST")},
    INVESTMENTS["id"]: {"routing_number": None, "bank_account_number": None, "balance": None},
    OLD_POD["id"]: {**_NUMBERS, "balance": balance(0, available=0, updated_at="2024-03-31T06:00:00Z")},
}
"""One balance that could not be fetched for a month, and one that there is not."""

_ACCOUNT_EXTRAS: dict[str, Json] = {
    CAR_FUND["id"]: {
        "savings_target_in_cents": 900000,
        "linked_account": {
            **CAR_LOAN,
            "routing_number": None,
            "bank_account_number": None,
            "balance": balance(
                1560000,
                updated_at="2024-02-29T09:00:00Z",
                interest_rate_percentage=6.49,
                original_loan_amount_in_cents=2200000,
            ),
            "savings_target_in_cents": None,
        },
    },
    OLD_POD["id"]: {"deleted_at": "2024-03-31T18:00:00Z"},
}

PLATFORM_ONLY = frozenset({*(account["id"] for account in ACCOUNTS), AVALANCHE_RULE["id"]})
"""What the other API does not show: the documentation of it says which accounts and rules there are."""


def account_extras() -> dict[str, Json]:
    """What only one of the APIs shows of accounts, by ID: linked accounts, targets, when they were deleted."""
    return copy.deepcopy(_ACCOUNT_EXTRAS)


def beneficiaries() -> dict[str, Json]:
    """Who can own accounts, by ID; the first one does unless another one is named."""
    people = [("John Smith", "individual", True), ("Smith Marine LLC", "business", True)]
    everybody = [*people, ("Smith Holdings LLC", "business", False)]
    return {
        f"ben_01GSBX{n:07}": {"id": f"ben_01GSBX{n:07}", "name": name, "type": kind, "is_verified": is_verified}
        for n, (name, kind, is_verified) in enumerate(everybody, start=1)
    }


_DESCRIPTIONS = ("CHANDLERY 0042", "HARBOR COFFEE", "INTEREST PAID", "GROCER 17", "ELECTRIC CO")


def external_transactions(
    histories: Histories, now: datetime, accounts: Sequence[str] = ("acc_01HGHI7890", SAVINGS["id"])
) -> Iterator[ExternalTransaction]:
    """So many transactions at other banks from the oldest to the newest, one each day; the newest is pending."""
    count, variation = histories.external_transactions, histories.variation
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    moment = histories.moments(count, midnight, lambda n: timedelta(days=n))
    for n in range(count - 1, -1, -1):
        yield ExternalTransaction(
            id=f"etxr_01GSBX{n:07}",
            account_id=accounts[0 if n % 3 else -1],
            amount_in_cents=500 + (n + variation) * 7207 % 20000,
            direction="money_in" if n % 5 == 2 else "money_out",
            status="complete" if n else "pending",
            description=_DESCRIPTIONS[(n + variation) % len(_DESCRIPTIONS)],
            created=moment(n),
        )
