from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class AccountRole(OpenEnum):
    """The side of a transfer that an account is on."""

    SOURCE = "source"
    DESTINATION = "destination"
    EITHER = "either"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
