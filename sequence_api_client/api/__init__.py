"""The operations of the API, a package a tag and a module an operation. One is loaded when it is first asked for."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..client import Operation

if TYPE_CHECKING:
    from .accounts.get_account import GET_ACCOUNT, get_account
    from .accounts.list_accounts import LIST_ACCOUNTS, list_accounts
    from .cards.get_card import GET_CARD, get_card
    from .cards.list_card_transactions import LIST_CARD_TRANSACTIONS, list_card_transactions
    from .cards.list_cards import LIST_CARDS, list_cards
    from .rule_executions.get_rule_execution import GET_RULE_EXECUTION, get_rule_execution
    from .rule_executions.list_rule_executions import LIST_RULE_EXECUTIONS, list_rule_executions
    from .rules.get_rule import GET_RULE, get_rule
    from .rules.list_rules import LIST_RULES, list_rules
    from .rules.trigger_rule import TRIGGER_RULE, trigger_rule
    from .transfers.create_transfer import CREATE_TRANSFER, create_transfer
    from .transfers.get_transfer import GET_TRANSFER, get_transfer
    from .transfers.list_transfers import LIST_TRANSFERS, list_transfers

    OPERATIONS: dict[str, Operation[Any]]
    """Every operation by its operationId."""

_MODULES = {
    "LIST_ACCOUNTS": ".accounts.list_accounts",
    "list_accounts": ".accounts.list_accounts",
    "GET_ACCOUNT": ".accounts.get_account",
    "get_account": ".accounts.get_account",
    "LIST_CARDS": ".cards.list_cards",
    "list_cards": ".cards.list_cards",
    "GET_CARD": ".cards.get_card",
    "get_card": ".cards.get_card",
    "LIST_CARD_TRANSACTIONS": ".cards.list_card_transactions",
    "list_card_transactions": ".cards.list_card_transactions",
    "LIST_TRANSFERS": ".transfers.list_transfers",
    "list_transfers": ".transfers.list_transfers",
    "CREATE_TRANSFER": ".transfers.create_transfer",
    "create_transfer": ".transfers.create_transfer",
    "GET_TRANSFER": ".transfers.get_transfer",
    "get_transfer": ".transfers.get_transfer",
    "LIST_RULES": ".rules.list_rules",
    "list_rules": ".rules.list_rules",
    "GET_RULE": ".rules.get_rule",
    "get_rule": ".rules.get_rule",
    "TRIGGER_RULE": ".rules.trigger_rule",
    "trigger_rule": ".rules.trigger_rule",
    "LIST_RULE_EXECUTIONS": ".rule_executions.list_rule_executions",
    "list_rule_executions": ".rule_executions.list_rule_executions",
    "GET_RULE_EXECUTION": ".rule_executions.get_rule_execution",
    "get_rule_execution": ".rule_executions.get_rule_execution",
}

_CONSTANTS = {
    "listAccounts": "LIST_ACCOUNTS",
    "getAccount": "GET_ACCOUNT",
    "listCards": "LIST_CARDS",
    "getCard": "GET_CARD",
    "listCardTransactions": "LIST_CARD_TRANSACTIONS",
    "listTransfers": "LIST_TRANSFERS",
    "createTransfer": "CREATE_TRANSFER",
    "getTransfer": "GET_TRANSFER",
    "listRules": "LIST_RULES",
    "getRule": "GET_RULE",
    "triggerRule": "TRIGGER_RULE",
    "listRuleExecutions": "LIST_RULE_EXECUTIONS",
    "getRuleExecution": "GET_RULE_EXECUTION",
}

SCOPES = {
    "LIST_ACCOUNTS": "none",
    "READ_ACCOUNTS": "path",
    "READ_CARDS": "server",
    "READ_TRANSFERS": "server",
    "MANUAL_TRANSFER": "body",
    "LIST_RULES": "none",
    "READ_RULES": "path",
    "TRIGGER_RULES": "path",
    "READ_RULE_EXECUTIONS": "server",
}
"""Where the resource of each scope is found in a call: see `CheckedResource.location`."""

__all__ = (
    "OPERATIONS",
    "SCOPES",
    "LIST_ACCOUNTS",
    "list_accounts",
    "GET_ACCOUNT",
    "get_account",
    "LIST_CARDS",
    "list_cards",
    "GET_CARD",
    "get_card",
    "LIST_CARD_TRANSACTIONS",
    "list_card_transactions",
    "LIST_TRANSFERS",
    "list_transfers",
    "CREATE_TRANSFER",
    "create_transfer",
    "GET_TRANSFER",
    "get_transfer",
    "LIST_RULES",
    "list_rules",
    "GET_RULE",
    "get_rule",
    "TRIGGER_RULE",
    "trigger_rule",
    "LIST_RULE_EXECUTIONS",
    "list_rule_executions",
    "GET_RULE_EXECUTION",
    "get_rule_execution",
)

if not TYPE_CHECKING:  # or type checkers would let every misspelt name pass

    def __getattr__(name: str) -> Any:
        if name == "OPERATIONS":
            found = {identifier: __getattr__(constant) for identifier, constant in _CONSTANTS.items()}
        elif name in _MODULES:
            found = getattr(import_module(_MODULES[name], __name__), name)
        else:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        globals()[name] = found
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
