"""Operations of the tag `rules`."""

from .get_rule import GET_RULE, get_rule
from .list_rules import LIST_RULES, list_rules
from .trigger_rule import TRIGGER_RULE, trigger_rule

__all__ = (
    "LIST_RULES",
    "list_rules",
    "GET_RULE",
    "get_rule",
    "TRIGGER_RULE",
    "trigger_rule",
)
