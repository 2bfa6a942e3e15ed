"""The responses that are compared: the same bytes in every run, compact as servers write JSON."""

from __future__ import annotations

import json
import random
from typing import Any
from uuid import UUID

PAGE_SIZE = 100
ACCOUNT_ID = "acc_01HDEF0123ABCDEFGHJKMNPQRS"
KEY = "sk_benchmark"

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_NAMES = (
    "Main Payroll",
    "Emergency Fund",
    "Rent and Utilities",
    "Chase Checking",
    "Vacation Savings",
    "Taxes 2024",
    "Groceries",
)
_KINDS = ("income_source", "pod", "external_account")
_ORIGINS = ("rule", "rule", "rule", "user", "user_pull", "paycheck", "cashback")


def to_json(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False).encode()


def transfers(count: int = PAGE_SIZE) -> list[dict[str, Any]]:
    """Transfers as the documentation shows one: most complete, some pending or failed, some from outside."""
    draw = random.Random(2024)  # noqa: S311 - nothing secret is drawn

    def identifier(prefix: str) -> str:
        return f"{prefix}_01H{''.join(draw.choices(_LETTERS, k=23))}"

    def account() -> dict[str, str]:
        return {"id": identifier("acc"), "name": draw.choice(_NAMES), "type": draw.choice(_KINDS)}

    found: list[dict[str, Any]] = []
    for number in range(count):
        moment = f"2024-04-{1 + number % 28:02}T{number % 24:02}:{number * 7 % 60:02}"
        status = draw.choices(("complete", "pending", "error"), (85, 10, 5))[0]
        origin = draw.choice(_ORIGINS)
        incoming = origin in {"paycheck", "cashback"}
        by_rule = origin == "rule"
        found.append(
            {
                "id": identifier("txr"),
                "amount_in_cents": draw.randrange(100, 1_000_000),
                "direction": "money_in" if incoming else draw.choice(("internal", "internal", "money_out")),
                "origin": origin,
                "status": status,
                "source": None if incoming else account(),
                "destination": account(),
                "rule_id": identifier("rule") if by_rule else None,
                "rule_execution_id": identifier("rex") if by_rule else None,
                "error_code": "INSUFFICIENT_FUNDS" if status == "error" else None,
                "created_at": f"{moment}:00Z",
                "completed_at": f"{moment}:04Z" if status == "complete" else None,
            }
        )
    return found


_DATA = to_json(transfers())


def page(cursor: int = 1, *, last: bool = True) -> bytes:
    """A page of 100 transfers; these are always the same but for their IDs, as is its cursor."""
    data = _DATA.replace(b'"txr_01H', b'"txr_%06d' % cursor)
    info = to_json({"has_next_page": not last, "end_cursor": f"cursor_01HABC{cursor:09}"})
    return b'{"request_id":"req_01HABC1110ABCDEFGHJKMNPQRS","data":' + data + b',"page_info":' + info + b"}"


def platform_page() -> bytes:
    """A page of 100 transfers as /platform/v1 responds with it: the same ones, by its names and with UUIDs."""

    def identifier(id: str) -> str:
        return str(UUID(int=int.from_bytes(id.encode()[-16:]), version=4))

    def party(account: dict[str, str] | None) -> dict[str, Any] | None:
        if account is None:
            return None
        kind = account["type"].upper()
        return {"id": identifier(account["id"]), "name": account["name"], "type": kind, "isDeleted": False}

    def moment(text: str | None) -> str | None:
        return text and text.replace("Z", ".000Z")

    items = [
        {
            "id": identifier(one["id"]),
            "amountInCents": one["amount_in_cents"],
            "direction": one["direction"].upper(),
            "origin": "RULE" if one["rule_id"] else "DIRECT_DEPOSIT" if one["source"] is None else "USER",
            "source": party(one["source"]),
            "destination": party(one["destination"]),
            "status": one["status"].upper(),
            "executionMode": "LIVE",
            "ruleId": one["rule_id"] and identifier(one["rule_id"]),
            "ruleExecutionId": one["rule_execution_id"] and identifier(one["rule_execution_id"]),
            "errorCode": one["error_code"],
            "createdAt": moment(one["created_at"]),
            "completedAt": moment(one["completed_at"]),
            "description": None,
            "addenda": None,
        }
        for one in transfers()
    ]
    pagination = {"page": 1, "pageSize": PAGE_SIZE, "hasNextPage": True}
    return to_json({"data": {"items": items, "pagination": pagination}, "requestId": "req-80440"})


ACCOUNT = to_json(
    {
        "request_id": "req_01HABC1110ABCDEFGHJKMNPQRS",
        "data": {
            "id": ACCOUNT_ID,
            "name": "Emergency Fund",
            "description": "Six months of expenses",
            "type": "pod",
            "external_account_type": None,
            "beneficiary_name": "Jane Doe",
            "institution_name": None,
            "can_be_source": True,
            "can_be_destination": True,
            "routing_number": "••••0021",
            "bank_account_number": "••••4567",
            "created_at": "2024-01-15T10:30:00Z",
            "updated_at": "2024-04-20T08:12:00Z",
            "balance": {
                "balance_in_cents": 530000,
                "available_balance_in_cents": 530000,
                "last_statement_balance_in_cents": None,
                "next_payment_minimum_in_cents": None,
                "next_payment_due_date": None,
                "balance_last_updated_at": "2024-04-23T09:15:00Z",
            },
        },
    }
)

LITHIC_ACCOUNT_ID = "b68b7424-aa69-4cbc-a946-30d90181b621"
LITHIC_ACCOUNT = to_json(
    {
        "token": LITHIC_ACCOUNT_ID,
        "created": "2024-01-15T10:30:00Z",
        "spend_limit": {"daily": 530000, "lifetime": 0, "monthly": 530000},
        "state": "ACTIVE",
        "account_holder": {
            "token": "95e5f1b7-cfd5-4520-aa3c-2451bab8608d",
            "business_account_token": "e9dad124-cbd2-4cb4-9ab9-e10dd6ec388f",
            "email": "jane@example.com",
            "phone_number": "+15555555555",
        },
        "auth_rule_tokens": [],
        "cardholder_currency": "USD",
        "comment": "Six months of expenses",
        "substatus": None,
        "verification_address": {
            "address1": "123 Old Forest Way",
            "city": "Omaha",
            "country": "USA",
            "postal_code": "68022",
            "state": "NE",
            "address2": None,
        },
    }
)

INCREASE_ACCOUNT_ID = "account_in71c4amph0vgo2qllky"
INCREASE_ACCOUNT = to_json(
    {
        "id": INCREASE_ACCOUNT_ID,
        "account_revenue_rate": "0.01",
        "bank": "first_internet_bank",
        "closed_at": None,
        "created_at": "2024-01-15T10:30:00Z",
        "currency": "USD",
        "entity_id": "entity_n8y8tnk2p9339ti393yi",
        "funding": "loan",
        "idempotency_key": None,
        "informational_entity_id": "entity_5rc8zxdgn7b2n3ttmtph",
        "interest_rate": "0.055",
        "loan": {
            "credit_limit": 530000,
            "grace_period_days": 25,
            "maturity_date": None,
            "statement_day_of_month": 1,
            "statement_payment_type": "balance",
        },
        "name": "Emergency Fund",
        "program_id": "program_i2v2os4mwza1oetokh9i",
        "status": "open",
        "type": "account",
    }
)

OLD_ACCOUNTS = to_json(
    {
        "data": {
            "accounts": [
                {
                    "id": f"5579244{number}",
                    "name": name,
                    "type": "Pod",
                    "balance": {"amountInDollars": 5300.5, "error": None},
                }
                for number, name in enumerate(_NAMES)
            ]
        }
    }
)
"""What the API that GetSequenceIoApiClient speaks responses: another API of the vendor's, with all accounts at once."""


def fields(value: object) -> int:
    """How many members the objects of a response have, all levels together."""
    if isinstance(value, dict):
        return sum(1 + fields(member) for member in value.values())
    return sum(map(fields, value)) if isinstance(value, list) else 0
