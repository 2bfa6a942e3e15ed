from __future__ import annotations

from sequence_runtime.models import OpenEnum


class AccountType(OpenEnum):
    """What kind of account it is."""

    INCOME_SOURCE = "income_source"
    POD = "pod"
    EXTERNAL_ACCOUNT = "external_account"
