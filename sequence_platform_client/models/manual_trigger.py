from __future__ import annotations

from attrs import frozen

from .rule_trigger import RuleTrigger


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class ManualTrigger(RuleTrigger, values=("MANUAL",)):
    """The rule runs when it is triggered, by hand or through the API."""
