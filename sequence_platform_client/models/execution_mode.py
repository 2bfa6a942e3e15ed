from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class ExecutionMode(OpenEnum):
    """Whether money was moved (`LIVE`) or not (`SIMULATION`)."""

    LIVE = "LIVE"
    SIMULATION = "SIMULATION"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
