from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class RuleStatus(OpenEnum):
    """Whether a rule is enabled or disabled. A disabled one can be simulated only."""

    ENABLED = "ENABLED"
    DISABLED = "DISABLED"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
