from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class CreateAccountBody:
    """What account to create."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "beneficiary_id": "beneficiaryId",
        "savings_target_in_cents": "savingsTargetInCents",
    }

    type: NewAccountType
    """The kinds of account that can be created."""
    name: str
    """Its name, of letters, digits, spaces and hyphens. No other account of the same type may have it. How long it
    may be is not documented. (Inferred: its limits.)"""
    icon: str | None = None
    """An emoji; where there is none, the server chooses one."""
    beneficiary_id: str | None = None
    """The ID of its owner, for good; the organization's default beneficiary where it is not given."""
    savings_target_in_cents: int | None = None
    """How much is to be saved, in cents. For pods alone. (Inferred: its limits.)"""


from .new_account_type import NewAccountType  # noqa: E402
