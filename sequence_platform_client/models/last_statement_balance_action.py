from __future__ import annotations

from attrs import frozen

from .rule_action import RuleAction


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class LastStatementBalanceAction(RuleAction, values=("LAST_STATEMENT_BALANCE",)):
    """Moves the balance of the last statement of the destination, which is a liability."""
