"""Operations of the tag `rule_executions`."""

from .get_rule_execution import GET_RULE_EXECUTION, get_rule_execution
from .list_rule_executions import LIST_RULE_EXECUTIONS, list_rule_executions

__all__ = (
    "LIST_RULE_EXECUTIONS",
    "list_rule_executions",
    "GET_RULE_EXECUTION",
    "get_rule_execution",
)
