"""Operations of the tag `rules`."""

from .create_rule import CREATE_RULE, create_rule
from .get_rule import GET_RULE, get_rule
from .get_rule_execution import GET_RULE_EXECUTION, get_rule_execution
from .list_rule_executions import LIST_RULE_EXECUTIONS, list_rule_executions
from .list_rules import LIST_RULES, list_rules
from .trigger_rule import TRIGGER_RULE, trigger_rule
from .update_rule import UPDATE_RULE, update_rule

__all__ = (
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
)
