from __future__ import annotations

from ..types import OpenEnum


class RuleStatus(OpenEnum):
    """Whether a rule runs."""

    ENABLED = "enabled"
    DISABLED = "disabled"
