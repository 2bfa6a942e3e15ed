from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class ExecutionModeFilter(OpenEnum):
    """Whether what was simulated is listed, too (`ALL`), not (`LIVE`), or alone (`SIMULATION`)."""

    ALL = "ALL"
    LIVE = "LIVE"
    SIMULATION = "SIMULATION"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
