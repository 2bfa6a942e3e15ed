"""What the platform API shows of an organization's records."""

from __future__ import annotations

from typing import Any

from ..clock import iso
from ..documented import Json
from ..organization import Organization
from ..records import CardTransaction, ExternalTransaction, LogEntry, RuleExecution, Transfer
from .identifiers import to_uuid

_SUMMARY = (
    "id", "name", "type", "description", "external_account_type", "beneficiary_name", "institution_name",
    "can_be_source", "can_be_destination", "created_at", "updated_at", "deleted_at",
)  # fmt: skip
_DETAILS = ("routing_number", "bank_account_number", "savings_target_in_cents")
_BALANCE = (
    "balance_in_cents", "available_balance_in_cents", "last_statement_balance_in_cents", "last_statement_date",
    "next_payment_minimum_in_cents", "next_payment_due_date", "balance_last_updated_at", "error",
    "interest_rate_percentage", "original_loan_amount_in_cents",
)  # fmt: skip
_ORIGINS = {"paycheck": "DIRECT_DEPOSIT"}
_ACTIONS = {
    "listAccounts": "LIST_ACCOUNTS",
    "createAccount": "CREATE_ACCOUNT",
    "getAccount": "GET_ACCOUNT",
    "listAccountTransfers": "LIST_TRANSFERS",
    "listBeneficiaries": "LIST_BENEFICIARIES",
    "listRules": "LIST_RULES",
    "createRule": "CREATE_RULE",
    "getRule": "GET_RULE",
    "updateRule": "UPDATE_RULE",
    "triggerRule": "TRIGGER_RULE",
    "listRuleExecutions": "LIST_RULE_EXECUTIONS",
    "getRuleExecution": "GET_RULE_EXECUTION",
    "listTransfers": "LIST_TRANSFERS",
    "createTransfer": "CREATE_TRANSFER",
    "getTransfer": "GET_TRANSFER",
    "listAuditLogs": "LIST_AUDIT_LOGS",
}
"""What the audit log calls operations; the others have no name there."""


def account(organization: Organization, account_id: str) -> Json:
    """All that is known of an account, as the organization has it."""
    found = organization.account(account_id)
    assert found is not None  # noqa: S101 - callers looked it up
    return {**found, **organization.account_extras.get(account_id, {})}


def is_deleted(organization: Organization, account_id: str) -> bool:
    return organization.account_extras.get(account_id, {}).get("deleted_at") is not None


def show_account_summary(one: Json) -> Json:
    linked = one.get("linked_account")
    return {**_members(one, _SUMMARY), "linkedAccount": linked and _members(linked, _SUMMARY)}


def show_account(one: Json) -> Json:
    linked = one.get("linked_account")
    return {**_details(one), "linkedAccount": linked and _details(linked)}


def show_beneficiary(one: Json) -> Json:
    return {"id": to_uuid(one["id"]), "name": one["name"], "beneficiaryType": one["type"].upper()}


def origin(one: Transfer) -> str:
    return _ORIGINS.get(one.origin, one.origin.upper())


def show_transfer(organization: Organization, one: Transfer) -> Json:
    return {
        "id": to_uuid(one.id),
        "amountInCents": one.amount_in_cents,
        "direction": one.direction.upper(),
        "origin": origin(one),
        "source": _party(organization, one.source),
        "destination": _party(organization, one.destination),
        "status": one.status.upper(),
        "executionMode": _mode(one.is_simulated),
        "ruleId": one.rule_id and to_uuid(one.rule_id),
        "ruleExecutionId": one.rule_execution_id and to_uuid(one.rule_execution_id),
        "errorCode": one.error_code,
        "createdAt": iso(one.created),
        "completedAt": one.completed and iso(one.completed),
        "description": one.description,
        "addenda": None,
    }


def show_external_transaction(one: ExternalTransaction) -> Json:
    return {
        "id": to_uuid(one.id),
        "accountId": to_uuid(one.account_id),
        "amountInCents": one.amount_in_cents,
        "direction": one.direction.upper(),
        "status": one.status.upper(),
        "description": one.description,
        "transactionDate": iso(one.created),
    }


def show_card_transaction(organization: Organization, one: CardTransaction) -> Json:
    is_debit = one.direction == "debit"
    is_virtual = organization.cards[one.card_id]["type"] == "virtual"
    return {
        "id": to_uuid(one.id),
        "cardId": to_uuid(one.card_id),
        "cardType": "OMNI_CARD" if is_virtual else "DEBIT_CARD",
        "account": _party(organization, organization.accounts[one.account_id]),
        "direction": "MONEY_OUT" if is_debit else "MONEY_IN",
        "subtype": "PURCHASE" if is_debit else "PAYOUT" if one.is_payout else "REFUND",
        "status": "COMPLETE",
        "amountInCents": one.amount_in_cents,
        "description": one.merchant_name,
        "createdAt": iso(one.created),
        "completedAt": iso(one.created),
    }


def show_execution_summary(one: RuleExecution) -> Json:
    return {
        "id": to_uuid(one.id),
        "ruleId": to_uuid(one.rule_id),
        "status": one.status.upper(),
        "executionMode": _mode(one.is_simulated),
        "createdAt": iso(one.created),
    }


def show_execution(one: RuleExecution) -> Json:
    complete, failed, in_flight = one.counts()
    return {
        **show_execution_summary(one),
        "triggerDetails": {
            "type": one.trigger_type.upper(),
            "amountInCents": one.trigger_details.get("amount_in_cents"),
        },
        "stepIndexMatched": one.step_index_matched,
        "conditionsNotMet": one.conditions_not_met,
        "transfersAttempted": len(one.transfers) + one.skipped,
        "transfersCompleted": complete,
        "transfersFailed": failed,
        "transfersPending": in_flight,
        "transferIds": [to_uuid(transfer.id) for transfer in one.transfers],
        "errorMessage": one.error_message if one.status == "failed" else None,
        "nextAttemptAt": None,
    }


def show_log_entry(one: LogEntry) -> Json:
    return {
        "id": to_uuid(one.id),
        "createdAt": iso(one.created),
        "apiKeyId": to_uuid(one.key_id),
        "apiKeyName": one.key_label,
        "path": one.path,
        "action": action(one),
        "reason": one.reason,
        "requestId": one.request_id,
        "outcome": "SUCCESS" if one.error_code is None else "FAILURE",
        "errorCode": one.error_code,
    }


def action(one: LogEntry) -> str | None:
    return _ACTIONS.get(one.operation)


def _details(one: Json) -> Json:
    balance = one["balance"]
    members = _members(one, (*_SUMMARY, *_DETAILS))
    return {**members, "balance": balance and {_camel(name): balance.get(name) for name in _BALANCE}}


def _members(one: Json, names: tuple[str, ...]) -> Json:
    members: dict[str, Any] = {_camel(name): one.get(name) for name in names}
    return {**members, "id": to_uuid(one["id"]), "type": one["type"].upper()}


def _party(organization: Organization, one: Json | None) -> Json | None:
    if one is None:
        return None
    return {
        "id": to_uuid(one["id"]),
        "name": one["name"],
        "type": one["type"].upper(),
        "isDeleted": is_deleted(organization, one["id"]),
    }


def _mode(is_simulated: bool) -> str:
    return "SIMULATION" if is_simulated else "LIVE"


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(map(str.capitalize, rest))
