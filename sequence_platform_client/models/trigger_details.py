from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import OpenObject


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class TriggerDetails(OpenObject, tag="type"):
    """What triggered a rule, in detail."""

    type: RuleExecutionTriggerType
    """What triggered a rule: somebody in the dashboard (`MANUAL`), this API (`SEQUENCE_API`), its schedule, funds
    that arrived, or Sequence's older API (`REMOTE_API`)."""


from . import (
    funds_transferred_details,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    manual_details,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    remote_api_details,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    scheduled_details,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
    sequence_api_details,  # noqa: E402, F401 # pyright: ignore[reportUnusedImport] - it is decoded by its tag
)
from .rule_execution_trigger_type import RuleExecutionTriggerType  # noqa: E402
