from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Open, OpenObject


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class ConditionTree(OpenObject):
    """One condition, or several of which any one or all have to hold. One of the three members is set, or none
    where the tree is of a kind that is not described here. (Inferred: “several conditions”.)"""

    condition: Open[Condition] | None = None
    """A single condition. (Inferred: that it may be null.)"""
    any: list[Open[ConditionTree]] | None = None
    """Trees of which at least one has to hold. (Inferred.)"""
    all: list[Open[ConditionTree]] | None = None
    """Trees that all have to hold. (Inferred.)"""


from .condition import Condition  # noqa: E402
