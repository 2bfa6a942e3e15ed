from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import OpenObject


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class RuleTrigger(OpenObject, tag="type"):
    """What makes a rule run."""

    type: RuleTriggerType | None = None
    """Which kind of trigger it is. (Inferred: that it may be null.)"""
    account_id: str | None = None
    """The ID of the account that the trigger is about, `acc_…`. (Inferred: that it may be null.)"""


from . import (
    funds_transferred_trigger,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    manual_trigger,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    scheduled_trigger,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
)
from .rule_trigger_type import RuleTriggerType  # noqa: E402
