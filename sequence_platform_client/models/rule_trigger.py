from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from sequence_runtime.models import OpenObject


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class RuleTrigger(OpenObject, tag="type"):
    """What makes a rule run."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "account_id": "accountId",
    }

    type: RuleTriggerType
    """What makes a rule run."""
    account_id: str | None = None
    """The ID of the account that the trigger is about: the one that funds arrive in, or the one that money is
    moved out of and that conditions about a balance mean. It may be null where it is scheduled."""


from . import (
    funds_transferred_trigger,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    manual_trigger,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    scheduled_trigger,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
)
from .rule_trigger_type import RuleTriggerType  # noqa: E402
