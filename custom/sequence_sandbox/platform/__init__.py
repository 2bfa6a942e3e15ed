"""The API `/platform/v1`, as a dialect of the sandbox."""

from __future__ import annotations

from ..dialects import Dialect, Operation
from . import accounts, movements, running
from .protocol import Call, error, give_request_id, headers

__all__ = ["BASE_PATH", "OPERATIONS", "dialect"]

BASE_PATH = "/platform/v1"

OPERATIONS: list[Operation[Call]] = [
    ("listAccounts", "GET", "/accounts", accounts.list_accounts),
    ("createAccount", "POST", "/accounts", accounts.create_account),
    ("getAccount", "GET", "/accounts/{id}", accounts.get_account),
    ("listAccountTransfers", "GET", "/accounts/{accountId}/transfers", movements.list_account_transfers),
    ("listBeneficiaries", "GET", "/beneficiaries", accounts.list_beneficiaries),
    ("listRules", "GET", "/rules", running.list_rules),
    ("createRule", "POST", "/rules", running.create_rule),
    ("getRule", "GET", "/rules/{id}", running.get_rule),
    ("updateRule", "PATCH", "/rules/{id}", running.update_rule),
    ("triggerRule", "POST", "/rules/{id}/trigger", running.trigger_rule),
    ("listRuleExecutions", "GET", "/rules/{ruleId}/executions", running.list_rule_executions),
    ("getRuleExecution", "GET", "/rules/{ruleId}/executions/{id}", running.get_rule_execution),
    ("listTransfers", "GET", "/transfers", movements.list_transfers),
    ("createTransfer", "POST", "/transfers", movements.create_transfer),
    ("getTransfer", "GET", "/transfers/{id}", movements.get_transfer),
    ("listExternalTransactions", "GET", "/external-transactions", movements.list_external_transactions),
    ("getExternalTransaction", "GET", "/external-transactions/{id}", movements.get_external_transaction),
    ("listCardTransactions", "GET", "/card-transactions", movements.list_card_transactions),
    ("getCardTransaction", "GET", "/card-transactions/{id}", movements.get_card_transaction),
    ("listAuditLogs", "GET", "/audit-logs", accounts.list_audit_logs),
]

CODES = {400: "INVALID_PARAMETERS", 401: "UNAUTHORIZED", 403: "ACCESS_DENIED", 500: "UNEXPECTED_ERROR"}


def dialect() -> Dialect[Call]:
    """The API."""
    return Dialect(
        name="platform",
        base_path=BASE_PATH,
        scheme="Bearer",
        operations=OPERATIONS,
        idempotent=frozenset({"createTransfer", "triggerRule"}),
        call=Call,
        codes=CODES,
        request_id=give_request_id,
        headers=headers,
        error=error,
        done=_log,
    )


def _log(call: Call, code: str | None) -> None:
    call.organization.log_call(
        call.key.id,
        call.key.label,
        operation=call.operation,
        path=call.request.url.path,
        reason=call.request.headers.get("x-called-reason"),
        request_id=call.request.state.request_id,
        error_code=code,
    )
