"""The operations of the API, a package a tag and a module an operation."""

from typing import Any

from ..client import Operation
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

OPERATIONS: dict[str, Operation[Any]] = {
    "listAccounts": LIST_ACCOUNTS,
    "getAccount": GET_ACCOUNT,
    "listCards": LIST_CARDS,
    "getCard": GET_CARD,
    "listCardTransactions": LIST_CARD_TRANSACTIONS,
    "listTransfers": LIST_TRANSFERS,
    "createTransfer": CREATE_TRANSFER,
    "getTransfer": GET_TRANSFER,
    "listRules": LIST_RULES,
    "getRule": GET_RULE,
    "triggerRule": TRIGGER_RULE,
    "listRuleExecutions": LIST_RULE_EXECUTIONS,
    "getRuleExecution": GET_RULE_EXECUTION,
}
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
