"""The data that the API takes and responds with. A model is loaded when it is first asked for."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .account import Account
    from .account_balance import AccountBalance
    from .account_list import AccountList
    from .account_reference import AccountReference
    from .account_response import AccountResponse
    from .account_role import AccountRole
    from .account_summary import AccountSummary
    from .account_type import AccountType
    from .card import Card
    from .card_list import CardList
    from .card_response import CardResponse
    from .card_status import CardStatus
    from .card_transaction import CardTransaction
    from .card_transaction_direction import CardTransactionDirection
    from .card_transaction_list import CardTransactionList
    from .card_type import CardType
    from .condition import Condition
    from .condition_tree import ConditionTree
    from .create_transfer_body import CreateTransferBody
    from .error_detail import ErrorDetail
    from .error_response import ErrorResponse
    from .fixed_action import FixedAction
    from .funds_transferred_details import FundsTransferredDetails
    from .funds_transferred_trigger import FundsTransferredTrigger
    from .last_statement_balance_action import LastStatementBalanceAction
    from .manual_details import ManualDetails
    from .manual_trigger import ManualTrigger
    from .next_payment_minimum_action import NextPaymentMinimumAction
    from .page_info import PageInfo
    from .percentage_action import PercentageAction
    from .round_down_action import RoundDownAction
    from .rule import Rule
    from .rule_action import RuleAction
    from .rule_execution import RuleExecution
    from .rule_execution_list import RuleExecutionList
    from .rule_execution_response import RuleExecutionResponse
    from .rule_execution_status import RuleExecutionStatus
    from .rule_execution_summary import RuleExecutionSummary
    from .rule_execution_trigger_type import RuleExecutionTriggerType
    from .rule_list import RuleList
    from .rule_response import RuleResponse
    from .rule_status import RuleStatus
    from .rule_step import RuleStep
    from .rule_summary import RuleSummary
    from .rule_trigger import RuleTrigger
    from .rule_trigger_type import RuleTriggerType
    from .scheduled_details import ScheduledDetails
    from .scheduled_trigger import ScheduledTrigger
    from .top_up_action import TopUpAction
    from .transfer import Transfer
    from .transfer_direction import TransferDirection
    from .transfer_list import TransferList
    from .transfer_origin import TransferOrigin
    from .transfer_response import TransferResponse
    from .transfer_status import TransferStatus
    from .trigger_details import TriggerDetails
    from .trigger_rule_body import TriggerRuleBody
    from .triggered_rule import TriggeredRule
    from .triggered_rule_response import TriggeredRuleResponse

_MODULES: dict[str, str] = {
    "Account": ".account",
    "AccountBalance": ".account_balance",
    "AccountList": ".account_list",
    "AccountReference": ".account_reference",
    "AccountResponse": ".account_response",
    "AccountRole": ".account_role",
    "AccountSummary": ".account_summary",
    "AccountType": ".account_type",
    "Card": ".card",
    "CardList": ".card_list",
    "CardResponse": ".card_response",
    "CardStatus": ".card_status",
    "CardTransaction": ".card_transaction",
    "CardTransactionDirection": ".card_transaction_direction",
    "CardTransactionList": ".card_transaction_list",
    "CardType": ".card_type",
    "Condition": ".condition",
    "ConditionTree": ".condition_tree",
    "CreateTransferBody": ".create_transfer_body",
    "ErrorDetail": ".error_detail",
    "ErrorResponse": ".error_response",
    "FixedAction": ".fixed_action",
    "FundsTransferredDetails": ".funds_transferred_details",
    "FundsTransferredTrigger": ".funds_transferred_trigger",
    "LastStatementBalanceAction": ".last_statement_balance_action",
    "ManualDetails": ".manual_details",
    "ManualTrigger": ".manual_trigger",
    "NextPaymentMinimumAction": ".next_payment_minimum_action",
    "PageInfo": ".page_info",
    "PercentageAction": ".percentage_action",
    "RoundDownAction": ".round_down_action",
    "Rule": ".rule",
    "RuleAction": ".rule_action",
    "RuleExecution": ".rule_execution",
    "RuleExecutionList": ".rule_execution_list",
    "RuleExecutionResponse": ".rule_execution_response",
    "RuleExecutionStatus": ".rule_execution_status",
    "RuleExecutionSummary": ".rule_execution_summary",
    "RuleExecutionTriggerType": ".rule_execution_trigger_type",
    "RuleList": ".rule_list",
    "RuleResponse": ".rule_response",
    "RuleStatus": ".rule_status",
    "RuleStep": ".rule_step",
    "RuleSummary": ".rule_summary",
    "RuleTrigger": ".rule_trigger",
    "RuleTriggerType": ".rule_trigger_type",
    "ScheduledDetails": ".scheduled_details",
    "ScheduledTrigger": ".scheduled_trigger",
    "TopUpAction": ".top_up_action",
    "Transfer": ".transfer",
    "TransferDirection": ".transfer_direction",
    "TransferList": ".transfer_list",
    "TransferOrigin": ".transfer_origin",
    "TransferResponse": ".transfer_response",
    "TransferStatus": ".transfer_status",
    "TriggerDetails": ".trigger_details",
    "TriggerRuleBody": ".trigger_rule_body",
    "TriggeredRule": ".triggered_rule",
    "TriggeredRuleResponse": ".triggered_rule_response",
}

__all__ = (
    "Account",
    "AccountBalance",
    "AccountList",
    "AccountReference",
    "AccountResponse",
    "AccountRole",
    "AccountSummary",
    "AccountType",
    "Card",
    "CardList",
    "CardResponse",
    "CardStatus",
    "CardTransaction",
    "CardTransactionDirection",
    "CardTransactionList",
    "CardType",
    "Condition",
    "ConditionTree",
    "CreateTransferBody",
    "ErrorDetail",
    "ErrorResponse",
    "FixedAction",
    "FundsTransferredDetails",
    "FundsTransferredTrigger",
    "LastStatementBalanceAction",
    "ManualDetails",
    "ManualTrigger",
    "NextPaymentMinimumAction",
    "PageInfo",
    "PercentageAction",
    "RoundDownAction",
    "Rule",
    "RuleAction",
    "RuleExecution",
    "RuleExecutionList",
    "RuleExecutionResponse",
    "RuleExecutionStatus",
    "RuleExecutionSummary",
    "RuleExecutionTriggerType",
    "RuleList",
    "RuleResponse",
    "RuleStatus",
    "RuleStep",
    "RuleSummary",
    "RuleTrigger",
    "RuleTriggerType",
    "ScheduledDetails",
    "ScheduledTrigger",
    "TopUpAction",
    "Transfer",
    "TransferDirection",
    "TransferList",
    "TransferOrigin",
    "TransferResponse",
    "TransferStatus",
    "TriggerDetails",
    "TriggeredRule",
    "TriggeredRuleResponse",
    "TriggerRuleBody",
)

if not TYPE_CHECKING:  # or type checkers would let every misspelt name pass

    def __getattr__(name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(_MODULES[name], __name__), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
