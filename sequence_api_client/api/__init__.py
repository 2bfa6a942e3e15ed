"""The operations of the API, a package a tag and a module an operation. One is loaded when it is first asked for."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ..contract import CONTRACT

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

OPERATIONS = CONTRACT.operations
"""Every operation by its operationId."""

__all__ = (
    "OPERATIONS",
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
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(_MODULES[name], __name__), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
