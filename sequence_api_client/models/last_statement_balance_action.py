from __future__ import annotations

from attrs import frozen

from .rule_action import RuleAction


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class LastStatementBalanceAction(RuleAction, values=("LAST_STATEMENT_BALANCE",)):
    """Moves the balance of the destination's last statement. (Inferred.)

    Inferred from the vendor's later API, with members named as v1 names its own."""
