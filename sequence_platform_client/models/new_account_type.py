from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class NewAccountType(OpenEnum):
    """The kinds of account that can be created."""

    POD = "POD"
    INCOME_SOURCE = "INCOME_SOURCE"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
