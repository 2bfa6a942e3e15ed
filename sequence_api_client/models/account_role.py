from __future__ import annotations

from sequence_runtime.models import OpenEnum


class AccountRole(OpenEnum):
    """The side of a transfer that an account is on."""

    SOURCE = "source"
    DESTINATION = "destination"
    EITHER = "either"
