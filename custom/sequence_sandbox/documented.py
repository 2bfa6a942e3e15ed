"""The objects that the documentation shows, as JSON. The address of each page stands above what is from it."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

# https://cartesio.getsequence.io/docs/accounts/listAccounts
ACCOUNTS: list[Json] = [
    {
        "id": "acc_01HABC4567",
        "name": "Chase Checking ••4567",
        "type": "income_source",
        "description": "Main payroll account",
        "external_account_type": None,
        "beneficiary_name": "John Smith",
        "institution_name": "Chase",
        "can_be_source": True,
        "can_be_destination": False,
        "created_at": "2024-01-15T10:00:00Z",
        "updated_at": "2024-01-15T10:00:00Z",
    },
    {
        "id": "acc_01HDEF0123",
        "name": "Emergency Fund",
        "type": "pod",
        "description": None,
        "external_account_type": None,
        "beneficiary_name": "John Smith",
        "institution_name": None,
        "can_be_source": True,
        "can_be_destination": True,
        "created_at": "2024-02-01T09:00:00Z",
        "updated_at": "2024-03-10T14:30:00Z",
    },
    {
        "id": "acc_01HGHI7890",
        "name": "Amex Gold ••1234",
        "type": "external_account",
        "description": None,
        "external_account_type": "LIABILITY",
        "beneficiary_name": "John Smith",
        "institution_name": "American Express",
        "can_be_source": False,
        "can_be_destination": True,
        "created_at": "2024-01-20T11:00:00Z",
        "updated_at": "2024-01-20T11:00:00Z",
    },
]

# What getting one account adds. The credit card's is from https://cartesio.getsequence.io/docs/accounts/getAccount,
# the two others are made up in its shape.
ACCOUNT_DETAILS: dict[str, Json] = {
    "acc_01HABC4567": {
        "routing_number": "••••0021",
        "bank_account_number": "••••4567",
        "balance": {
            "balance_in_cents": 812345,
            "available_balance_in_cents": 800000,
            "last_statement_balance_in_cents": None,
            "next_payment_minimum_in_cents": None,
            "next_payment_due_date": None,
            "balance_last_updated_at": "2024-04-23T06:00:00Z",
        },
    },
    "acc_01HDEF0123": {
        "routing_number": "••••0700",
        "bank_account_number": "••••0123",
        "balance": {
            "balance_in_cents": 530000,
            "available_balance_in_cents": 530000,
            "last_statement_balance_in_cents": None,
            "next_payment_minimum_in_cents": None,
            "next_payment_due_date": None,
            "balance_last_updated_at": "2024-04-23T09:15:04Z",
        },
    },
    "acc_01HGHI7890": {
        "routing_number": "••••0021",
        "bank_account_number": "••••1234",
        "balance": {
            "balance_in_cents": 245000,
            "available_balance_in_cents": None,
            "last_statement_balance_in_cents": 198000,
            "next_payment_minimum_in_cents": 3500,
            "next_payment_due_date": "2024-05-15",
            "balance_last_updated_at": "2024-04-23T06:00:00Z",
        },
        "updated_at": "2024-04-23T06:00:00Z",
    },
}

# https://cartesio.getsequence.io/docs/cards/listCards
CARDS: list[Json] = [
    {
        "id": "card_01HABC4567",
        "type": "physical",
        "status": "active",
        "last_four": "4242",
        "holder_name": "John Smith",
        "expiration_date": "09/28",
        "account_id": "acc_01HDEF0123",
        "created_at": "2024-01-15T10:00:00Z",
    },
    {
        "id": "card_01HDEF0123",
        "type": "virtual",
        "status": "active",
        "last_four": "1234",
        "holder_name": "John Smith",
        "expiration_date": "09/28",
        "account_id": "acc_01HDEF0123",
        "created_at": "2024-02-01T09:00:00Z",
    },
]

# https://cartesio.getsequence.io/docs/cards/listCardTransactions
CARD_TRANSACTIONS: list[Json] = [
    {
        "id": "ctxr_01HABC1111",
        "amount_in_cents": 1250,
        "direction": "debit",
        "merchant_name": "Blue Bottle Coffee",
        "card_id": "card_01HABC4567",
        "account_id": "acc_01HDEF0123",
        "created_at": "2024-04-23T08:30:00Z",
    },
    {
        "id": "ctxr_01HDEF2222",
        "amount_in_cents": 8900,
        "direction": "debit",
        "merchant_name": "Trader Joe's",
        "card_id": "card_01HABC4567",
        "account_id": "acc_01HDEF0123",
        "created_at": "2024-04-22T19:15:00Z",
    },
    {
        "id": "ctxr_01HGHI3333",
        "amount_in_cents": 1250,
        "direction": "credit",
        "merchant_name": "Blue Bottle Coffee",
        "card_id": "card_01HABC4567",
        "account_id": "acc_01HDEF0123",
        "created_at": "2024-04-21T10:00:00Z",
    },
]

# https://cartesio.getsequence.io/docs/transfers/getTransfer
TRANSFERS: list[Json] = [
    {
        "id": "txr_01HABC1111",
        "amount_in_cents": 100000,
        "direction": "internal",
        "origin": "rule",
        "status": "complete",
        "source": {"id": "acc_01HABC4567", "name": "Main Payroll", "type": "income_source"},
        "destination": {"id": "acc_01HDEF0123", "name": "Emergency Fund", "type": "pod"},
        "rule_id": "rule_01HXYZ1234",
        "rule_execution_id": "rex_01HABC4567",
        "error_code": None,
        "created_at": "2024-04-23T09:15:00Z",
        "completed_at": "2024-04-23T09:15:04Z",
    },
]

# https://cartesio.getsequence.io/docs/rules/getRule, whose example is cut off inside the first condition; what follows
# it is made up in the shape that openapi.yaml infers.
RULES: list[Json] = [
    {
        "id": "rule_01HXYZ1234",
        "nickname": "Auto-save on deposit",
        "description": "Saves 20% of every incoming deposit",
        "status": "enabled",
        "trigger": {"type": "ON_FUNDS_TRANSFERRED", "account_id": "acc_01HABC4567"},
        "steps": [
            {
                "conditions": {"condition": {"fact": "BALANCE", "operator": "GREATER_THAN", "value": 100000}},
                "actions": [
                    {
                        "type": "PERCENTAGE",
                        "source": {"id": "acc_01HABC4567", "name": "Chase Checking ••4567", "type": "income_source"},
                        "destination": {"id": "acc_01HDEF0123", "name": "Emergency Fund", "type": "pod"},
                        "percentage": 20,
                    }
                ],
            }
        ],
        "created_at": "2024-02-10T08:00:00Z",
        "updated_at": "2024-02-10T08:00:00Z",
    },
]

# https://cartesio.getsequence.io/docs/rule-executions/getRuleExecution, likewise cut off, inside `trigger_details`.
RULE_EXECUTIONS: list[Json] = [
    {
        "id": "rex_01HABC4567",
        "rule_id": "rule_01HXYZ1234",
        "rule_name": "Save 20% of paycheck",
        "trigger_type": "on_funds_transferred",
        "status": "executed",
        "created_at": "2024-04-23T09:15:00Z",
        "trigger_details": {"type": "on_funds_transferred", "amount_in_cents": 500000},
        "step_index_matched": 0,
        "conditions_not_met": False,
        "transfers_attempted": 1,
        "transfers_completed": 1,
        "transfers_failed": 0,
        "transfers_pending": 0,
        "transfer_ids": ["txr_01HABC1111"],
        "error_message": None,
        "next_attempt_at": None,
    },
]
