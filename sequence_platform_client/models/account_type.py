from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class AccountType(OpenEnum):
    """What kind of account it is: where money from outside arrives (`INCOME_SOURCE`), what it is divided into
    (`POD`), or one that Sequence does not manage, such as a bank account, a card or a loan
    (`EXTERNAL_ACCOUNT`)."""

    INCOME_SOURCE = "INCOME_SOURCE"
    POD = "POD"
    EXTERNAL_ACCOUNT = "EXTERNAL_ACCOUNT"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
