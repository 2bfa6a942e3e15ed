"""Checks objects in request bodies: models, or mappings with the names of the API's JSON."""

from __future__ import annotations

from sequence_runtime import checks

from .contract import ID_PREFIXES
from .models.account_type import AccountType
from .models.cap_period import CapPeriod
from .models.condition import Condition
from .models.condition_fact import ConditionFact
from .models.condition_operator import ConditionOperator
from .models.condition_params import ConditionParams
from .models.condition_tree import ConditionTree
from .models.condition_value_fact import ConditionValueFact
from .models.new_fixed_action import NewFixedAction
from .models.new_funds_transferred_trigger import NewFundsTransferredTrigger
from .models.new_last_statement_balance_action import NewLastStatementBalanceAction
from .models.new_manual_trigger import NewManualTrigger
from .models.new_next_payment_minimum_action import NewNextPaymentMinimumAction
from .models.new_percentage_action import NewPercentageAction
from .models.new_percentage_liability_balance_action import NewPercentageLiabilityBalanceAction
from .models.new_round_down_action import NewRoundDownAction
from .models.new_rule_account import NewRuleAccount
from .models.new_rule_step import NewRuleStep
from .models.new_scheduled_trigger import NewScheduledTrigger
from .models.new_top_up_action import NewTopUpAction
from .models.new_total_amount_due_action import NewTotalAmountDueAction
from .models.percentage_target import PercentageTarget
from .models.schedule_type import ScheduleType
from .models.transfer_cap import TransferCap


def check_condition(name: str, value: object) -> dict[str, object]:
    return checks.members(
        name,
        value,
        Condition,
        {
            "fact": checks.Member(
                "fact",
                lambda name, value: checks.choice(name, value, ConditionFact),
                required=True,
            ),
            "operator": checks.Member(
                "operator",
                lambda name, value: checks.choice(name, value, ConditionOperator),
                required=True,
            ),
            "value": checks.Member(
                "value",
                checks.number,
                required=True,
                nullable=True,
            ),
            "valueFact": checks.Member(
                "value_fact",
                lambda name, value: checks.choice(name, value, ConditionValueFact),
                required=True,
                nullable=True,
            ),
            "params": checks.Member(
                "params",
                check_condition_params,
                required=True,
                nullable=True,
            ),
        },
    )


def check_condition_params(name: str, value: object) -> dict[str, object]:
    return checks.members(
        name,
        value,
        ConditionParams,
        {
            "accountId": checks.Member(
                "account_id",
                lambda name, value: checks.resource_id(name, value, others=ID_PREFIXES, max_length=255),
            ),
        },
    )


def check_condition_tree(name: str, value: object) -> dict[str, object]:
    return checks.members(
        name,
        value,
        ConditionTree,
        {
            "condition": checks.Member(
                "condition",
                check_condition,
            ),
            "any": checks.Member(
                "any",
                lambda name, value: checks.array(name, value, check_condition_tree, min_items=1),
            ),
            "all": checks.Member(
                "all",
                lambda name, value: checks.array(name, value, check_condition_tree, min_items=1),
            ),
        },
        alternatives=[
            ["condition"],
            ["any"],
            ["all"],
        ],
    )


def check_new_fixed_action(name: str, value: object) -> dict[str, object]:
    return checks.members(
        name,
        value,
        NewFixedAction,
        {
            "source": checks.Member(
                "source",
                check_new_rule_account,
                required=True,
            ),
            "destination": checks.Member(
                "destination",
                check_new_rule_account,
                required=True,
            ),
            "groupIndex": checks.Member(
                "group_index",
                checks.integer,
                required=True,
            ),
            "upToEnabled": checks.Member(
                "up_to_enabled",
                checks.boolean,
            ),
            "isDirectDeposit": checks.Member(
                "is_direct_deposit",
                checks.boolean,
            ),
            "limit": checks.Member(
                "limit",
                check_transfer_cap,
                nullable=True,
            ),
            "achDescription": checks.Member(
                "ach_description",
                checks.text,
                nullable=True,
            ),
            "type": checks.Member(
                "type",
                lambda name, value: checks.constant(name, value, "FIXED"),
                required=True,
                fixed="FIXED",
            ),
            "amountInCents": checks.Member(
                "amount_in_cents",
                lambda name, value: checks.integer(name, value, minimum=1),
                required=True,
            ),
        },
    )


def check_new_funds_transferred_trigger(name: str, value: object) -> dict[str, object]:
    return checks.members(
        name,
        value,
        NewFundsTransferredTrigger,
        {
            "type": checks.Member(
                "type",
                lambda name, value: checks.constant(name, value, "ON_FUNDS_TRANSFERRED"),
                required=True,
                fixed="ON_FUNDS_TRANSFERRED",
            ),
            "accountId": checks.Member(
                "account_id",
                lambda name, value: checks.resource_id(name, value, others=ID_PREFIXES, max_length=255),
                required=True,
            ),
        },
    )


def check_new_last_statement_balance_action(name: str, value: object) -> dict[str, object]:
    return checks.members(
        name,
        value,
        NewLastStatementBalanceAction,
        {
            "source": checks.Member(
                "source",
                check_new_rule_account,
                required=True,
            ),
            "destination": checks.Member(
                "destination",
                check_new_rule_account,
                required=True,
            ),
            "groupIndex": checks.Member(
                "group_index",
                checks.integer,
                required=True,
            ),
            "upToEnabled": checks.Member(
                "up_to_enabled",
                checks.boolean,
            ),
            "isDirectDeposit": checks.Member(
                "is_direct_deposit",
                checks.boolean,
            ),
            "limit": checks.Member(
                "limit",
                check_transfer_cap,
                nullable=True,
            ),
            "achDescription": checks.Member(
                "ach_description",
                checks.text,
                nullable=True,
            ),
            "type": checks.Member(
                "type",
                lambda name, value: checks.constant(name, value, "LAST_STATEMENT_BALANCE"),
                required=True,
                fixed="LAST_STATEMENT_BALANCE",
            ),
        },
    )


def check_new_manual_trigger(name: str, value: object) -> dict[str, object]:
    return checks.members(
        name,
        value,
        NewManualTrigger,
        {
            "type": checks.Member(
                "type",
                lambda name, value: checks.constant(name, value, "MANUAL"),
                required=True,
                fixed="MANUAL",
            ),
            "accountId": checks.Member(
                "account_id",
                lambda name, value: checks.resource_id(name, value, others=ID_PREFIXES, max_length=255),
                required=True,
            ),
        },
    )


def check_new_next_payment_minimum_action(name: str, value: object) -> dict[str, object]:
    return checks.members(
        name,
        value,
        NewNextPaymentMinimumAction,
        {
            "source": checks.Member(
                "source",
                check_new_rule_account,
                required=True,
            ),
            "destination": checks.Member(
                "destination",
                check_new_rule_account,
                required=True,
            ),
            "groupIndex": checks.Member(
                "group_index",
                checks.integer,
                required=True,
            ),
            "upToEnabled": checks.Member(
                "up_to_enabled",
                checks.boolean,
            ),
            "isDirectDeposit": checks.Member(
                "is_direct_deposit",
                checks.boolean,
            ),
            "limit": checks.Member(
                "limit",
                check_transfer_cap,
                nullable=True,
            ),
            "achDescription": checks.Member(
                "ach_description",
                checks.text,
                nullable=True,
            ),
            "type": checks.Member(
                "type",
                lambda name, value: checks.constant(name, value, "NEXT_PAYMENT_MINIMUM"),
                required=True,
                fixed="NEXT_PAYMENT_MINIMUM",
            ),
        },
    )


def check_new_percentage_action(name: str, value: object) -> dict[str, object]:
    return checks.members(
        name,
        value,
        NewPercentageAction,
        {
            "source": checks.Member(
                "source",
                check_new_rule_account,
                required=True,
            ),
            "destination": checks.Member(
                "destination",
                check_new_rule_account,
                required=True,
            ),
            "groupIndex": checks.Member(
                "group_index",
                checks.integer,
                required=True,
            ),
            "upToEnabled": checks.Member(
                "up_to_enabled",
                checks.boolean,
            ),
            "isDirectDeposit": checks.Member(
                "is_direct_deposit",
                checks.boolean,
            ),
            "limit": checks.Member(
                "limit",
                check_transfer_cap,
                nullable=True,
            ),
            "achDescription": checks.Member(
                "ach_description",
                checks.text,
                nullable=True,
            ),
            "type": checks.Member(
                "type",
                lambda name, value: checks.constant(name, value, "PERCENTAGE"),
                required=True,
                fixed="PERCENTAGE",
            ),
            "percentageValue": checks.Member(
                "percentage_value",
                lambda name, value: checks.number(name, value, minimum=0, maximum=100),
                required=True,
            ),
            "percentageTarget": checks.Member(
                "percentage_target",
                lambda name, value: checks.choice(name, value, PercentageTarget),
                required=True,
            ),
        },
    )


def check_new_percentage_liability_balance_action(name: str, value: object) -> dict[str, object]:
    return checks.members(
        name,
        value,
        NewPercentageLiabilityBalanceAction,
        {
            "source": checks.Member(
                "source",
                check_new_rule_account,
                required=True,
            ),
            "destination": checks.Member(
                "destination",
                check_new_rule_account,
                required=True,
            ),
            "groupIndex": checks.Member(
                "group_index",
                checks.integer,
                required=True,
            ),
            "upToEnabled": checks.Member(
                "up_to_enabled",
                checks.boolean,
            ),
            "isDirectDeposit": checks.Member(
                "is_direct_deposit",
                checks.boolean,
            ),
            "limit": checks.Member(
                "limit",
                check_transfer_cap,
                nullable=True,
            ),
            "achDescription": checks.Member(
                "ach_description",
                checks.text,
                nullable=True,
            ),
            "type": checks.Member(
                "type",
                lambda name, value: checks.constant(name, value, "PERCENTAGE_LIABILITY_BALANCE"),
                required=True,
                fixed="PERCENTAGE_LIABILITY_BALANCE",
            ),
            "percentageValue": checks.Member(
                "percentage_value",
                lambda name, value: checks.number(name, value, minimum=0, maximum=100),
                required=True,
            ),
        },
    )


def check_new_round_down_action(name: str, value: object) -> dict[str, object]:
    return checks.members(
        name,
        value,
        NewRoundDownAction,
        {
            "source": checks.Member(
                "source",
                check_new_rule_account,
                required=True,
            ),
            "destination": checks.Member(
                "destination",
                check_new_rule_account,
                required=True,
            ),
            "groupIndex": checks.Member(
                "group_index",
                checks.integer,
                required=True,
            ),
            "upToEnabled": checks.Member(
                "up_to_enabled",
                checks.boolean,
            ),
            "isDirectDeposit": checks.Member(
                "is_direct_deposit",
                checks.boolean,
            ),
            "limit": checks.Member(
                "limit",
                check_transfer_cap,
                nullable=True,
            ),
            "achDescription": checks.Member(
                "ach_description",
                checks.text,
                nullable=True,
            ),
            "type": checks.Member(
                "type",
                lambda name, value: checks.constant(name, value, "ROUND_DOWN"),
                required=True,
                fixed="ROUND_DOWN",
            ),
            "amountInCents": checks.Member(
                "amount_in_cents",
                lambda name, value: checks.integer(name, value, minimum=1),
                required=True,
            ),
        },
    )


def check_new_rule_account(name: str, value: object) -> dict[str, object]:
    return checks.members(
        name,
        value,
        NewRuleAccount,
        {
            "id": checks.Member(
                "id",
                lambda name, value: checks.resource_id(name, value, others=ID_PREFIXES, max_length=255),
                required=True,
            ),
            "type": checks.Member(
                "type",
                lambda name, value: checks.choice(name, value, AccountType),
                required=True,
            ),
        },
    )


def check_new_rule_action(name: str, value: object) -> dict[str, object]:
    return checks.variant(
        name,
        value,
        "type",
        [
            (("FIXED",), NewFixedAction, check_new_fixed_action),
            (("PERCENTAGE",), NewPercentageAction, check_new_percentage_action),
            (("TOP_UP",), NewTopUpAction, check_new_top_up_action),
            (("ROUND_DOWN",), NewRoundDownAction, check_new_round_down_action),
            (("NEXT_PAYMENT_MINIMUM",), NewNextPaymentMinimumAction, check_new_next_payment_minimum_action),
            (("TOTAL_AMOUNT_DUE",), NewTotalAmountDueAction, check_new_total_amount_due_action),
            (("LAST_STATEMENT_BALANCE",), NewLastStatementBalanceAction, check_new_last_statement_balance_action),
            (
                ("PERCENTAGE_LIABILITY_BALANCE",),
                NewPercentageLiabilityBalanceAction,
                check_new_percentage_liability_balance_action,
            ),
        ],
    )


def check_new_rule_step(name: str, value: object) -> dict[str, object]:
    return checks.members(
        name,
        value,
        NewRuleStep,
        {
            "conditions": checks.Member(
                "conditions",
                check_condition_tree,
                nullable=True,
            ),
            "actions": checks.Member(
                "actions",
                lambda name, value: checks.array(name, value, check_new_rule_action, min_items=1),
                required=True,
            ),
        },
    )


def check_new_rule_trigger(name: str, value: object) -> dict[str, object]:
    return checks.variant(
        name,
        value,
        "type",
        [
            (("ON_FUNDS_TRANSFERRED",), NewFundsTransferredTrigger, check_new_funds_transferred_trigger),
            (("SCHEDULED",), NewScheduledTrigger, check_new_scheduled_trigger),
            (("MANUAL",), NewManualTrigger, check_new_manual_trigger),
        ],
    )


def check_new_scheduled_trigger(name: str, value: object) -> dict[str, object]:
    return checks.members(
        name,
        value,
        NewScheduledTrigger,
        {
            "type": checks.Member(
                "type",
                lambda name, value: checks.constant(name, value, "SCHEDULED"),
                required=True,
                fixed="SCHEDULED",
            ),
            "scheduleType": checks.Member(
                "schedule_type",
                lambda name, value: checks.choice(name, value, ScheduleType),
                required=True,
            ),
            "startDate": checks.Member(
                "start_date",
                checks.moment,
                required=True,
            ),
            "accountId": checks.Member(
                "account_id",
                lambda name, value: checks.resource_id(name, value, others=ID_PREFIXES, max_length=255),
                required=True,
                nullable=True,
            ),
        },
    )


def check_new_top_up_action(name: str, value: object) -> dict[str, object]:
    return checks.members(
        name,
        value,
        NewTopUpAction,
        {
            "source": checks.Member(
                "source",
                check_new_rule_account,
                required=True,
            ),
            "destination": checks.Member(
                "destination",
                check_new_rule_account,
                required=True,
            ),
            "groupIndex": checks.Member(
                "group_index",
                checks.integer,
                required=True,
            ),
            "upToEnabled": checks.Member(
                "up_to_enabled",
                checks.boolean,
            ),
            "isDirectDeposit": checks.Member(
                "is_direct_deposit",
                checks.boolean,
            ),
            "limit": checks.Member(
                "limit",
                check_transfer_cap,
                nullable=True,
            ),
            "achDescription": checks.Member(
                "ach_description",
                checks.text,
                nullable=True,
            ),
            "type": checks.Member(
                "type",
                lambda name, value: checks.constant(name, value, "TOP_UP"),
                required=True,
                fixed="TOP_UP",
            ),
            "amountInCents": checks.Member(
                "amount_in_cents",
                lambda name, value: checks.integer(name, value, minimum=0),
                required=True,
                nullable=True,
            ),
            "nextPaymentMinimumAccount": checks.Member(
                "next_payment_minimum_account",
                check_new_rule_account,
                required=True,
                nullable=True,
            ),
            "currentBalanceAccount": checks.Member(
                "current_balance_account",
                check_new_rule_account,
                required=True,
                nullable=True,
            ),
            "lastStatementBalanceAccount": checks.Member(
                "last_statement_balance_account",
                check_new_rule_account,
                required=True,
                nullable=True,
            ),
        },
    )


def check_new_total_amount_due_action(name: str, value: object) -> dict[str, object]:
    return checks.members(
        name,
        value,
        NewTotalAmountDueAction,
        {
            "source": checks.Member(
                "source",
                check_new_rule_account,
                required=True,
            ),
            "destination": checks.Member(
                "destination",
                check_new_rule_account,
                required=True,
            ),
            "groupIndex": checks.Member(
                "group_index",
                checks.integer,
                required=True,
            ),
            "upToEnabled": checks.Member(
                "up_to_enabled",
                checks.boolean,
            ),
            "isDirectDeposit": checks.Member(
                "is_direct_deposit",
                checks.boolean,
            ),
            "limit": checks.Member(
                "limit",
                check_transfer_cap,
                nullable=True,
            ),
            "achDescription": checks.Member(
                "ach_description",
                checks.text,
                nullable=True,
            ),
            "type": checks.Member(
                "type",
                lambda name, value: checks.constant(name, value, "TOTAL_AMOUNT_DUE"),
                required=True,
                fixed="TOTAL_AMOUNT_DUE",
            ),
        },
    )


def check_transfer_cap(name: str, value: object) -> dict[str, object]:
    return checks.members(
        name,
        value,
        TransferCap,
        {
            "period": checks.Member(
                "period",
                lambda name, value: checks.choice(name, value, CapPeriod),
                required=True,
            ),
            "amountInCents": checks.Member(
                "amount_in_cents",
                lambda name, value: checks.integer(name, value, minimum=0),
                required=True,
            ),
        },
    )
