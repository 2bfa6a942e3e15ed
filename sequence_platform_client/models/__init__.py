"""The data that the API takes and responds with. A model is loaded when it is first asked for."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .account import Account
    from .account_list import AccountList
    from .account_page import AccountPage
    from .account_response import AccountResponse
    from .account_role import AccountRole
    from .account_state import AccountState
    from .account_summary import AccountSummary
    from .account_type import AccountType
    from .audit_action import AuditAction
    from .audit_action_filter import AuditActionFilter
    from .audit_log_entry import AuditLogEntry
    from .audit_log_entry_list import AuditLogEntryList
    from .audit_log_entry_page import AuditLogEntryPage
    from .audit_outcome import AuditOutcome
    from .balance import Balance
    from .beneficiary import Beneficiary
    from .beneficiary_list import BeneficiaryList
    from .beneficiary_page import BeneficiaryPage
    from .beneficiary_type import BeneficiaryType
    from .cap_period import CapPeriod
    from .card_transaction import CardTransaction
    from .card_transaction_list import CardTransactionList
    from .card_transaction_page import CardTransactionPage
    from .card_transaction_response import CardTransactionResponse
    from .card_transaction_subtype import CardTransactionSubtype
    from .card_type import CardType
    from .condition import Condition
    from .condition_fact import ConditionFact
    from .condition_operator import ConditionOperator
    from .condition_params import ConditionParams
    from .condition_tree import ConditionTree
    from .condition_value_fact import ConditionValueFact
    from .create_account_body import CreateAccountBody
    from .create_rule_body import CreateRuleBody
    from .create_transfer_body import CreateTransferBody
    from .date_window import DateWindow
    from .error_detail import ErrorDetail
    from .error_response import ErrorResponse
    from .execution_mode import ExecutionMode
    from .execution_mode_filter import ExecutionModeFilter
    from .external_account_type import ExternalAccountType
    from .external_transaction import ExternalTransaction
    from .external_transaction_list import ExternalTransactionList
    from .external_transaction_page import ExternalTransactionPage
    from .external_transaction_response import ExternalTransactionResponse
    from .external_transaction_status import ExternalTransactionStatus
    from .fixed_action import FixedAction
    from .funds_transferred_details import FundsTransferredDetails
    from .funds_transferred_trigger import FundsTransferredTrigger
    from .last_statement_balance_action import LastStatementBalanceAction
    from .linked_account import LinkedAccount
    from .linked_account_summary import LinkedAccountSummary
    from .manual_details import ManualDetails
    from .manual_trigger import ManualTrigger
    from .money_direction import MoneyDirection
    from .new_account_type import NewAccountType
    from .new_fixed_action import NewFixedAction
    from .new_funds_transferred_trigger import NewFundsTransferredTrigger
    from .new_last_statement_balance_action import NewLastStatementBalanceAction
    from .new_manual_trigger import NewManualTrigger
    from .new_next_payment_minimum_action import NewNextPaymentMinimumAction
    from .new_percentage_action import NewPercentageAction
    from .new_percentage_liability_balance_action import NewPercentageLiabilityBalanceAction
    from .new_round_down_action import NewRoundDownAction
    from .new_rule_account import NewRuleAccount
    from .new_rule_action import NewRuleAction
    from .new_rule_action_base import NewRuleActionBase
    from .new_rule_step import NewRuleStep
    from .new_rule_trigger import NewRuleTrigger
    from .new_scheduled_trigger import NewScheduledTrigger
    from .new_top_up_action import NewTopUpAction
    from .new_total_amount_due_action import NewTotalAmountDueAction
    from .next_payment_minimum_action import NextPaymentMinimumAction
    from .pagination import Pagination
    from .percentage_action import PercentageAction
    from .percentage_liability_balance_action import PercentageLiabilityBalanceAction
    from .percentage_target import PercentageTarget
    from .remote_api_details import RemoteApiDetails
    from .round_down_action import RoundDownAction
    from .rule import Rule
    from .rule_account import RuleAccount
    from .rule_action import RuleAction
    from .rule_action_type import RuleActionType
    from .rule_execution import RuleExecution
    from .rule_execution_list import RuleExecutionList
    from .rule_execution_page import RuleExecutionPage
    from .rule_execution_response import RuleExecutionResponse
    from .rule_execution_status import RuleExecutionStatus
    from .rule_execution_summary import RuleExecutionSummary
    from .rule_execution_trigger_type import RuleExecutionTriggerType
    from .rule_list import RuleList
    from .rule_page import RulePage
    from .rule_response import RuleResponse
    from .rule_status import RuleStatus
    from .rule_step import RuleStep
    from .rule_summary import RuleSummary
    from .rule_trigger import RuleTrigger
    from .rule_trigger_type import RuleTriggerType
    from .schedule_type import ScheduleType
    from .scheduled_details import ScheduledDetails
    from .scheduled_trigger import ScheduledTrigger
    from .sequence_api_details import SequenceApiDetails
    from .top_up_action import TopUpAction
    from .total_amount_due_action import TotalAmountDueAction
    from .transfer import Transfer
    from .transfer_cap import TransferCap
    from .transfer_direction import TransferDirection
    from .transfer_list import TransferList
    from .transfer_origin import TransferOrigin
    from .transfer_origin_filter import TransferOriginFilter
    from .transfer_page import TransferPage
    from .transfer_party import TransferParty
    from .transfer_party_type import TransferPartyType
    from .transfer_response import TransferResponse
    from .transfer_status import TransferStatus
    from .trigger_details import TriggerDetails
    from .trigger_rule_body import TriggerRuleBody
    from .triggered_rule import TriggeredRule
    from .triggered_rule_response import TriggeredRuleResponse
    from .update_rule_body import UpdateRuleBody
    from .webhook_event import WebhookEvent
    from .webhook_event_type import WebhookEventType
    from .webhook_resource import WebhookResource
    from .webhook_resource_type import WebhookResourceType

_MODULES: dict[str, str] = {
    "Account": ".account",
    "AccountList": ".account_list",
    "AccountPage": ".account_page",
    "AccountResponse": ".account_response",
    "AccountRole": ".account_role",
    "AccountState": ".account_state",
    "AccountSummary": ".account_summary",
    "AccountType": ".account_type",
    "AuditAction": ".audit_action",
    "AuditActionFilter": ".audit_action_filter",
    "AuditLogEntry": ".audit_log_entry",
    "AuditLogEntryList": ".audit_log_entry_list",
    "AuditLogEntryPage": ".audit_log_entry_page",
    "AuditOutcome": ".audit_outcome",
    "Balance": ".balance",
    "Beneficiary": ".beneficiary",
    "BeneficiaryList": ".beneficiary_list",
    "BeneficiaryPage": ".beneficiary_page",
    "BeneficiaryType": ".beneficiary_type",
    "CapPeriod": ".cap_period",
    "CardTransaction": ".card_transaction",
    "CardTransactionList": ".card_transaction_list",
    "CardTransactionPage": ".card_transaction_page",
    "CardTransactionResponse": ".card_transaction_response",
    "CardTransactionSubtype": ".card_transaction_subtype",
    "CardType": ".card_type",
    "Condition": ".condition",
    "ConditionFact": ".condition_fact",
    "ConditionOperator": ".condition_operator",
    "ConditionParams": ".condition_params",
    "ConditionTree": ".condition_tree",
    "ConditionValueFact": ".condition_value_fact",
    "CreateAccountBody": ".create_account_body",
    "CreateRuleBody": ".create_rule_body",
    "CreateTransferBody": ".create_transfer_body",
    "DateWindow": ".date_window",
    "ErrorDetail": ".error_detail",
    "ErrorResponse": ".error_response",
    "ExecutionMode": ".execution_mode",
    "ExecutionModeFilter": ".execution_mode_filter",
    "ExternalAccountType": ".external_account_type",
    "ExternalTransaction": ".external_transaction",
    "ExternalTransactionList": ".external_transaction_list",
    "ExternalTransactionPage": ".external_transaction_page",
    "ExternalTransactionResponse": ".external_transaction_response",
    "ExternalTransactionStatus": ".external_transaction_status",
    "FixedAction": ".fixed_action",
    "FundsTransferredDetails": ".funds_transferred_details",
    "FundsTransferredTrigger": ".funds_transferred_trigger",
    "LastStatementBalanceAction": ".last_statement_balance_action",
    "LinkedAccount": ".linked_account",
    "LinkedAccountSummary": ".linked_account_summary",
    "ManualDetails": ".manual_details",
    "ManualTrigger": ".manual_trigger",
    "MoneyDirection": ".money_direction",
    "NewAccountType": ".new_account_type",
    "NewFixedAction": ".new_fixed_action",
    "NewFundsTransferredTrigger": ".new_funds_transferred_trigger",
    "NewLastStatementBalanceAction": ".new_last_statement_balance_action",
    "NewManualTrigger": ".new_manual_trigger",
    "NewNextPaymentMinimumAction": ".new_next_payment_minimum_action",
    "NewPercentageAction": ".new_percentage_action",
    "NewPercentageLiabilityBalanceAction": ".new_percentage_liability_balance_action",
    "NewRoundDownAction": ".new_round_down_action",
    "NewRuleAccount": ".new_rule_account",
    "NewRuleAction": ".new_rule_action",
    "NewRuleActionBase": ".new_rule_action_base",
    "NewRuleStep": ".new_rule_step",
    "NewRuleTrigger": ".new_rule_trigger",
    "NewScheduledTrigger": ".new_scheduled_trigger",
    "NewTopUpAction": ".new_top_up_action",
    "NewTotalAmountDueAction": ".new_total_amount_due_action",
    "NextPaymentMinimumAction": ".next_payment_minimum_action",
    "Pagination": ".pagination",
    "PercentageAction": ".percentage_action",
    "PercentageLiabilityBalanceAction": ".percentage_liability_balance_action",
    "PercentageTarget": ".percentage_target",
    "RemoteApiDetails": ".remote_api_details",
    "RoundDownAction": ".round_down_action",
    "Rule": ".rule",
    "RuleAccount": ".rule_account",
    "RuleAction": ".rule_action",
    "RuleActionType": ".rule_action_type",
    "RuleExecution": ".rule_execution",
    "RuleExecutionList": ".rule_execution_list",
    "RuleExecutionPage": ".rule_execution_page",
    "RuleExecutionResponse": ".rule_execution_response",
    "RuleExecutionStatus": ".rule_execution_status",
    "RuleExecutionSummary": ".rule_execution_summary",
    "RuleExecutionTriggerType": ".rule_execution_trigger_type",
    "RuleList": ".rule_list",
    "RulePage": ".rule_page",
    "RuleResponse": ".rule_response",
    "RuleStatus": ".rule_status",
    "RuleStep": ".rule_step",
    "RuleSummary": ".rule_summary",
    "RuleTrigger": ".rule_trigger",
    "RuleTriggerType": ".rule_trigger_type",
    "ScheduleType": ".schedule_type",
    "ScheduledDetails": ".scheduled_details",
    "ScheduledTrigger": ".scheduled_trigger",
    "SequenceApiDetails": ".sequence_api_details",
    "TopUpAction": ".top_up_action",
    "TotalAmountDueAction": ".total_amount_due_action",
    "Transfer": ".transfer",
    "TransferCap": ".transfer_cap",
    "TransferDirection": ".transfer_direction",
    "TransferList": ".transfer_list",
    "TransferOrigin": ".transfer_origin",
    "TransferOriginFilter": ".transfer_origin_filter",
    "TransferPage": ".transfer_page",
    "TransferParty": ".transfer_party",
    "TransferPartyType": ".transfer_party_type",
    "TransferResponse": ".transfer_response",
    "TransferStatus": ".transfer_status",
    "TriggerDetails": ".trigger_details",
    "TriggerRuleBody": ".trigger_rule_body",
    "TriggeredRule": ".triggered_rule",
    "TriggeredRuleResponse": ".triggered_rule_response",
    "UpdateRuleBody": ".update_rule_body",
    "WebhookEvent": ".webhook_event",
    "WebhookEventType": ".webhook_event_type",
    "WebhookResource": ".webhook_resource",
    "WebhookResourceType": ".webhook_resource_type",
}

__all__ = (
    "Account",
    "AccountList",
    "AccountPage",
    "AccountResponse",
    "AccountRole",
    "AccountState",
    "AccountSummary",
    "AccountType",
    "AuditAction",
    "AuditActionFilter",
    "AuditLogEntry",
    "AuditLogEntryList",
    "AuditLogEntryPage",
    "AuditOutcome",
    "Balance",
    "Beneficiary",
    "BeneficiaryList",
    "BeneficiaryPage",
    "BeneficiaryType",
    "CapPeriod",
    "CardTransaction",
    "CardTransactionList",
    "CardTransactionPage",
    "CardTransactionResponse",
    "CardTransactionSubtype",
    "CardType",
    "Condition",
    "ConditionFact",
    "ConditionOperator",
    "ConditionParams",
    "ConditionTree",
    "ConditionValueFact",
    "CreateAccountBody",
    "CreateRuleBody",
    "CreateTransferBody",
    "DateWindow",
    "ErrorDetail",
    "ErrorResponse",
    "ExecutionMode",
    "ExecutionModeFilter",
    "ExternalAccountType",
    "ExternalTransaction",
    "ExternalTransactionList",
    "ExternalTransactionPage",
    "ExternalTransactionResponse",
    "ExternalTransactionStatus",
    "FixedAction",
    "FundsTransferredDetails",
    "FundsTransferredTrigger",
    "LastStatementBalanceAction",
    "LinkedAccount",
    "LinkedAccountSummary",
    "ManualDetails",
    "ManualTrigger",
    "MoneyDirection",
    "NewAccountType",
    "NewFixedAction",
    "NewFundsTransferredTrigger",
    "NewLastStatementBalanceAction",
    "NewManualTrigger",
    "NewNextPaymentMinimumAction",
    "NewPercentageAction",
    "NewPercentageLiabilityBalanceAction",
    "NewRoundDownAction",
    "NewRuleAccount",
    "NewRuleAction",
    "NewRuleActionBase",
    "NewRuleStep",
    "NewRuleTrigger",
    "NewScheduledTrigger",
    "NewTopUpAction",
    "NewTotalAmountDueAction",
    "NextPaymentMinimumAction",
    "Pagination",
    "PercentageAction",
    "PercentageLiabilityBalanceAction",
    "PercentageTarget",
    "RemoteApiDetails",
    "RoundDownAction",
    "Rule",
    "RuleAccount",
    "RuleAction",
    "RuleActionType",
    "RuleExecution",
    "RuleExecutionList",
    "RuleExecutionPage",
    "RuleExecutionResponse",
    "RuleExecutionStatus",
    "RuleExecutionSummary",
    "RuleExecutionTriggerType",
    "RuleList",
    "RulePage",
    "RuleResponse",
    "RuleStatus",
    "RuleStep",
    "RuleSummary",
    "RuleTrigger",
    "RuleTriggerType",
    "ScheduledDetails",
    "ScheduledTrigger",
    "ScheduleType",
    "SequenceApiDetails",
    "TopUpAction",
    "TotalAmountDueAction",
    "Transfer",
    "TransferCap",
    "TransferDirection",
    "TransferList",
    "TransferOrigin",
    "TransferOriginFilter",
    "TransferPage",
    "TransferParty",
    "TransferPartyType",
    "TransferResponse",
    "TransferStatus",
    "TriggerDetails",
    "TriggeredRule",
    "TriggeredRuleResponse",
    "TriggerRuleBody",
    "UpdateRuleBody",
    "WebhookEvent",
    "WebhookEventType",
    "WebhookResource",
    "WebhookResourceType",
)

if not TYPE_CHECKING:  # or type checkers would let every misspelt name pass

    def __getattr__(name: str) -> Any:
        if name not in _MODULES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = getattr(import_module(_MODULES[name], __name__), name)
        return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
