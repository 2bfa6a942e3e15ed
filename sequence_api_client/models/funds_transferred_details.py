from __future__ import annotations

from attrs import frozen

from .trigger_details import TriggerDetails


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class FundsTransferredDetails(TriggerDetails, values=("on_funds_transferred",)):
    """Money had arrived."""

    type: RuleExecutionTriggerType | None = None
    """Which kind of trigger it was."""
    amount_in_cents: int | None = None
    """How much had arrived, in cents."""


from .rule_execution_trigger_type import RuleExecutionTriggerType  # noqa: E402
