from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class AccountSummary:
    """An account as lists show it, without balance and account details."""

    id: str
    """The account's ID, `acc_…`."""
    name: str
    """Its name."""
    type: AccountType
    """What kind of account it is."""
    can_be_source: bool
    """Whether money can be moved out of it."""
    can_be_destination: bool
    """Whether money can be moved into it."""
    created_at: Timestamp
    """When it was created, UTC."""
    updated_at: Timestamp
    """When it was last changed, UTC."""
    description: str | None = None
    """What its owner wrote about it."""
    external_account_type: str | None = None
    """The kind of an external account, such as `LIABILITY`; null for other accounts."""
    beneficiary_name: str | None = None
    """Whose account it is."""
    institution_name: str | None = None
    """The bank that holds it; null for a pod."""


from .account_type import AccountType  # noqa: E402
