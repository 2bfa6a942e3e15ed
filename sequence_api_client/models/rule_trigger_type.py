from __future__ import annotations

from sequence_runtime.models import OpenEnum


class RuleTriggerType(OpenEnum):
    """What makes a rule run.

    Inferred from the pages show ON_FUNDS_TRANSFERRED, and MANUAL in a sentence; SCHEDULED is the third kind of
    execution.
    """

    ON_FUNDS_TRANSFERRED = "ON_FUNDS_TRANSFERRED"
    SCHEDULED = "SCHEDULED"
    MANUAL = "MANUAL"
