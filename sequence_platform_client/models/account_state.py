from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class AccountState(OpenEnum):
    """Whether deleted accounts are left out (`ACTIVE`) or not (`ALL`)."""

    ACTIVE = "ACTIVE"
    ALL = "ALL"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
