from __future__ import annotations

from typing import TYPE_CHECKING

from sequence_runtime.models import OpenEnum


class ExternalAccountType(OpenEnum):
    """The kind of an external account: a bank account (`DEPOSITORY`), one for investments (`INVESTMENT`), or a
    debt such as a credit card or a loan (`LIABILITY`)."""

    DEPOSITORY = "DEPOSITORY"
    INVESTMENT = "INVESTMENT"
    LIABILITY = "LIABILITY"

    if TYPE_CHECKING:  # or a `match` over what is listed would seem to be complete
        _ANOTHER = str(...)
