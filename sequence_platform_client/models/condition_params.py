from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class ConditionParams:
    """What a fact is of."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "account_id": "accountId",
    }

    account_id: str | None = None
    """The ID of the account whose balance is meant; the trigger's where it is not given."""
