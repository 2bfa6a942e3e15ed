from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class TransferPartyType(OpenEnum):
    """What kind of account it is, or that it is none that Sequence knows (`EXTERNAL_ENTITY`)."""

    INCOME_SOURCE = "INCOME_SOURCE"
    POD = "POD"
    EXTERNAL_ACCOUNT = "EXTERNAL_ACCOUNT"
    EXTERNAL_ENTITY = "EXTERNAL_ENTITY"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
