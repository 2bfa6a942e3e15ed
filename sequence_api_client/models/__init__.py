"""The data that the API takes and answers with."""

from .account import Account
from .account_answer import AccountAnswer
from .account_balance import AccountBalance
from .account_list import AccountList
from .account_reference import AccountReference
from .account_role import AccountRole
from .account_summary import AccountSummary
from .account_type import AccountType
from .card import Card
from .card_answer import CardAnswer
from .card_list import CardList
from .card_status import CardStatus
from .card_transaction import CardTransaction
from .card_transaction_direction import CardTransactionDirection
from .card_transaction_list import CardTransactionList
from .card_type import CardType
from .condition import Condition
from .condition_tree import ConditionTree
from .create_transfer_body import CreateTransferBody
from .error_answer import ErrorAnswer
from .error_detail import ErrorDetail
from .fixed_action import FixedAction
from .funds_transferred_details import FundsTransferredDetails
from .funds_transferred_trigger import FundsTransferredTrigger
from .manual_details import ManualDetails
from .manual_trigger import ManualTrigger
from .page_info import PageInfo
from .percentage_action import PercentageAction
from .round_down_action import RoundDownAction
from .rule import Rule
from .rule_action import RuleAction
from .rule_answer import RuleAnswer
from .rule_execution import RuleExecution
from .rule_execution_answer import RuleExecutionAnswer
from .rule_execution_list import RuleExecutionList
from .rule_execution_status import RuleExecutionStatus
from .rule_execution_summary import RuleExecutionSummary
from .rule_execution_trigger_type import RuleExecutionTriggerType
from .rule_list import RuleList
from .rule_status import RuleStatus
from .rule_step import RuleStep
from .rule_summary import RuleSummary
from .rule_trigger import RuleTrigger
from .rule_trigger_type import RuleTriggerType
from .scheduled_details import ScheduledDetails
from .scheduled_trigger import ScheduledTrigger
from .top_up_action import TopUpAction
from .transfer import Transfer
from .transfer_answer import TransferAnswer
from .transfer_direction import TransferDirection
from .transfer_list import TransferList
from .transfer_origin import TransferOrigin
from .transfer_status import TransferStatus
from .trigger_details import TriggerDetails
from .trigger_rule_body import TriggerRuleBody
from .triggered_rule import TriggeredRule
from .triggered_rule_answer import TriggeredRuleAnswer

__all__ = (
    "Account",
    "AccountAnswer",
    "AccountBalance",
    "AccountList",
    "AccountReference",
    "AccountRole",
    "AccountSummary",
    "AccountType",
    "Card",
    "CardAnswer",
    "CardList",
    "CardStatus",
    "CardTransaction",
    "CardTransactionDirection",
    "CardTransactionList",
    "CardType",
    "Condition",
    "ConditionTree",
    "CreateTransferBody",
    "ErrorAnswer",
    "ErrorDetail",
    "FixedAction",
    "FundsTransferredDetails",
    "FundsTransferredTrigger",
    "ManualDetails",
    "ManualTrigger",
    "PageInfo",
    "PercentageAction",
    "RoundDownAction",
    "Rule",
    "RuleAction",
    "RuleAnswer",
    "RuleExecution",
    "RuleExecutionAnswer",
    "RuleExecutionList",
    "RuleExecutionStatus",
    "RuleExecutionSummary",
    "RuleExecutionTriggerType",
    "RuleList",
    "RuleStatus",
    "RuleStep",
    "RuleSummary",
    "RuleTrigger",
    "RuleTriggerType",
    "ScheduledDetails",
    "ScheduledTrigger",
    "TopUpAction",
    "Transfer",
    "TransferAnswer",
    "TransferDirection",
    "TransferList",
    "TransferOrigin",
    "TransferStatus",
    "TriggerDetails",
    "TriggeredRule",
    "TriggeredRuleAnswer",
    "TriggerRuleBody",
)
