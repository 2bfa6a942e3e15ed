from __future__ import annotations

from attrs import frozen

from .trigger_details import TriggerDetails


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class ManualDetails(TriggerDetails, values=("manual",)):
    """Somebody triggered it.

    Inferred from the amount that triggerRule takes.
    """

    type: RuleExecutionTriggerType | None = None
    """Which kind of trigger it was."""
    amount_in_cents: int | None = None
    """The amount that was asked for, in cents."""


from .rule_execution_trigger_type import RuleExecutionTriggerType  # noqa: E402
