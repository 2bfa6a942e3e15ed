from __future__ import annotations

from sequence_runtime.models import OpenEnum


class TransferDirection(OpenEnum):
    """Whether money enters, leaves or stays within the organization."""

    MONEY_IN = "money_in"
    MONEY_OUT = "money_out"
    INTERNAL = "internal"
