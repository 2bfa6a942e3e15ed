from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class AccountType(OpenEnum):
    """What kind of account it is."""

    INCOME_SOURCE = "income_source"
    POD = "pod"
    EXTERNAL_ACCOUNT = "external_account"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
