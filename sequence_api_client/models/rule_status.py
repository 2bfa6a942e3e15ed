from __future__ import annotations

from sequence_runtime.models import OpenEnum


class RuleStatus(OpenEnum):
    """Whether a rule runs."""

    ENABLED = "enabled"
    DISABLED = "disabled"
