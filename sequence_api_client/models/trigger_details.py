from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import OpenObject


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class TriggerDetails(OpenObject, tag="type"):
    """What made a rule run. Of this class itself where its `type` is one that is not known here."""

    type: RuleExecutionTriggerType | None = None
    """Which kind of trigger it was."""


from . import (
    funds_transferred_details,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    manual_details,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    scheduled_details,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
)
from .rule_execution_trigger_type import RuleExecutionTriggerType  # noqa: E402
