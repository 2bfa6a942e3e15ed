from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class RuleStatus(OpenEnum):
    """Whether a rule is enabled or disabled."""

    ENABLED = "enabled"
    DISABLED = "disabled"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
