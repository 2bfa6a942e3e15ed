from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import OpenObject


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class RuleTrigger(OpenObject, tag="type"):
    """What makes a rule run. Of this class itself where its `type` is one that is not known here."""

    type: RuleTriggerType | None = None
    """Which kind of trigger it is."""


from . import (
    funds_transferred_trigger,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    manual_trigger,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    scheduled_trigger,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
)
from .rule_trigger_type import RuleTriggerType  # noqa: E402
