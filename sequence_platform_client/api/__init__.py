"""The operations of the API, a package a tag and a module an operation. One is loaded when it is first asked for."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..contract import CONTRACT

if TYPE_CHECKING:
    from .accounts.create_account import CREATE_ACCOUNT, create_account
    from .accounts.get_account import GET_ACCOUNT, get_account
    from .accounts.list_account_transfers import LIST_ACCOUNT_TRANSFERS, list_account_transfers
    from .accounts.list_accounts import LIST_ACCOUNTS, list_accounts
    from .accounts.list_beneficiaries import LIST_BENEFICIARIES, list_beneficiaries
    from .audit_logs.list_audit_logs import LIST_AUDIT_LOGS, list_audit_logs
    from .card_transactions.get_card_transaction import GET_CARD_TRANSACTION, get_card_transaction
    from .card_transactions.list_card_transactions import LIST_CARD_TRANSACTIONS, list_card_transactions
    from .external_transactions.get_external_transaction import GET_EXTERNAL_TRANSACTION, get_external_transaction
    from .external_transactions.list_external_transactions import LIST_EXTERNAL_TRANSACTIONS, list_external_transactions
    from .rules.create_rule import CREATE_RULE, create_rule
    from .rules.get_rule import GET_RULE, get_rule
    from .rules.get_rule_execution import GET_RULE_EXECUTION, get_rule_execution
    from .rules.list_rule_executions import LIST_RULE_EXECUTIONS, list_rule_executions
    from .rules.list_rules import LIST_RULES, list_rules
    from .rules.trigger_rule import TRIGGER_RULE, trigger_rule
    from .rules.update_rule import UPDATE_RULE, update_rule
    from .transfers.create_transfer import CREATE_TRANSFER, create_transfer
    from .transfers.get_transfer import GET_TRANSFER, get_transfer
    from .transfers.list_transfers import LIST_TRANSFERS, list_transfers

_MODULES = {
    "LIST_ACCOUNTS": ".accounts.list_accounts",
    "list_accounts": ".accounts.list_accounts",
    "CREATE_ACCOUNT": ".accounts.create_account",
    "create_account": ".accounts.create_account",
    "GET_ACCOUNT": ".accounts.get_account",
    "get_account": ".accounts.get_account",
    "LIST_ACCOUNT_TRANSFERS": ".accounts.list_account_transfers",
    "list_account_transfers": ".accounts.list_account_transfers",
    "LIST_BENEFICIARIES": ".accounts.list_beneficiaries",
    "list_beneficiaries": ".accounts.list_beneficiaries",
    "LIST_RULES": ".rules.list_rules",
    "list_rules": ".rules.list_rules",
    "CREATE_RULE": ".rules.create_rule",
    "create_rule": ".rules.create_rule",
    "GET_RULE": ".rules.get_rule",
    "get_rule": ".rules.get_rule",
    "UPDATE_RULE": ".rules.update_rule",
    "update_rule": ".rules.update_rule",
    "TRIGGER_RULE": ".rules.trigger_rule",
    "trigger_rule": ".rules.trigger_rule",
    "LIST_RULE_EXECUTIONS": ".rules.list_rule_executions",
    "list_rule_executions": ".rules.list_rule_executions",
    "GET_RULE_EXECUTION": ".rules.get_rule_execution",
    "get_rule_execution": ".rules.get_rule_execution",
    "LIST_TRANSFERS": ".transfers.list_transfers",
    "list_transfers": ".transfers.list_transfers",
    "CREATE_TRANSFER": ".transfers.create_transfer",
    "create_transfer": ".transfers.create_transfer",
    "GET_TRANSFER": ".transfers.get_transfer",
    "get_transfer": ".transfers.get_transfer",
    "LIST_EXTERNAL_TRANSACTIONS": ".external_transactions.list_external_transactions",
    "list_external_transactions": ".external_transactions.list_external_transactions",
    "GET_EXTERNAL_TRANSACTION": ".external_transactions.get_external_transaction",
    "get_external_transaction": ".external_transactions.get_external_transaction",
    "LIST_CARD_TRANSACTIONS": ".card_transactions.list_card_transactions",
    "list_card_transactions": ".card_transactions.list_card_transactions",
    "GET_CARD_TRANSACTION": ".card_transactions.get_card_transaction",
    "get_card_transaction": ".card_transactions.get_card_transaction",
    "LIST_AUDIT_LOGS": ".audit_logs.list_audit_logs",
    "list_audit_logs": ".audit_logs.list_audit_logs",
}

OPERATIONS = CONTRACT.operations
"""Every operation by its operationId."""

__all__ = (
    "OPERATIONS",
    "LIST_ACCOUNTS",
    "list_accounts",
    "CREATE_ACCOUNT",
    "create_account",
    "GET_ACCOUNT",
    "get_account",
    "LIST_ACCOUNT_TRANSFERS",
    "list_account_transfers",
    "LIST_BENEFICIARIES",
    "list_beneficiaries",
    "LIST_RULES",
    "list_rules",
    "CREATE_RULE",
    "create_rule",
    "GET_RULE",
    "get_rule",
    "UPDATE_RULE",
    "update_rule",
    "TRIGGER_RULE",
    "trigger_rule",
    "LIST_RULE_EXECUTIONS",
    "list_rule_executions",
    "GET_RULE_EXECUTION",
    "get_rule_execution",
    "LIST_TRANSFERS",
    "list_transfers",
    "CREATE_TRANSFER",
    "create_transfer",
    "GET_TRANSFER",
    "get_transfer",
    "LIST_EXTERNAL_TRANSACTIONS",
    "list_external_transactions",
    "GET_EXTERNAL_TRANSACTION",
    "get_external_transaction",
    "LIST_CARD_TRANSACTIONS",
    "list_card_transactions",
    "GET_CARD_TRANSACTION",
    "get_card_transaction",
    "LIST_AUDIT_LOGS",
    "list_audit_logs",
)

if not TYPE_CHECKING:  # or type checkers would let every misspelt name pass

    def __getattr__(name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(_MODULES[name], __name__), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
