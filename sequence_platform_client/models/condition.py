from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class Condition:
    """A comparison of a fact with a value or with another fact."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "value_fact": "valueFact",
    }

    fact: ConditionFact
    """What a condition is about: `TRANSFER_AMOUNT` (the amount in cents that the run began with, if any),
    `BALANCE` (what an account has available, in cents) or `DATE` (the day of the month, 1 to 31)."""
    operator: ConditionOperator
    """How a fact is compared."""
    value: float | None
    """What it is compared with; null where that is a fact."""
    value_fact: ConditionValueFact | None
    """The fact that it is compared with; null where that is a value."""
    params: ConditionParams | None
    """What the fact is of; null where that goes without saying."""


from .condition_fact import ConditionFact  # noqa: E402
from .condition_operator import ConditionOperator  # noqa: E402
from .condition_params import ConditionParams  # noqa: E402
from .condition_value_fact import ConditionValueFact  # noqa: E402
