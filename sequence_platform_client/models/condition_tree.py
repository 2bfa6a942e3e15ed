from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Open, OpenObject


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class ConditionTree(OpenObject):
    """One condition, or several of which any one or all have to hold."""

    condition: Condition | None = None
    """A single condition."""
    any: list[Open[ConditionTree]] | None = None
    """Trees of which at least one has to hold."""
    all: list[Open[ConditionTree]] | None = None
    """Trees that all have to hold."""


from .condition import Condition  # noqa: E402
