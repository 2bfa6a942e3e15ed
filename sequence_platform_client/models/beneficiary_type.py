from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class BeneficiaryType(OpenEnum):
    """Whether a beneficiary is a person (`INDIVIDUAL`) or a business (`BUSINESS`)."""

    INDIVIDUAL = "INDIVIDUAL"
    BUSINESS = "BUSINESS"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
