from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import OpenObject


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class TriggeredRule(OpenObject):
    """The rule execution that triggering a rule began."""

    execution_id: str | None = None
    """(Inferred.)"""
