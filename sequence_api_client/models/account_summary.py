from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class AccountSummary:
    """An account as lists show it, without balance and account details."""

    id: str
    """The ID of an account, `acc_…`."""
    name: str
    """Its name."""
    type: AccountType
    """What kind of account it is."""
    can_be_source: bool
    """Whether it can be a source of money."""
    can_be_destination: bool
    """Whether it can be a destination of money."""
    created_at: Timestamp
    """When it was created, UTC."""
    updated_at: Timestamp
    """When it was last updated, UTC."""
    description: str | None = None
    """Its description; null where it has none."""
    external_account_type: str | None = None
    """The kind of an external account, such as `LIABILITY`; null for other accounts."""
    beneficiary_name: str | None = None
    """The name of the beneficiary. (Inferred: that it may be null.)"""
    institution_name: str | None = None
    """The name of the institution; null for a pod."""


from .account_type import AccountType  # noqa: E402
