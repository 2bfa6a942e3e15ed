from __future__ import annotations

from attrs import field, frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class Account:
    """An account with its masked account details and its balance."""

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
    routing_number: str | None = field(default=None, repr=False)
    """The routing number, masked."""
    bank_account_number: str | None = field(default=None, repr=False)
    """The account number, masked."""
    balance: AccountBalance | None = None
    """Its balance; null where none is known."""


from .account_balance import AccountBalance  # noqa: E402
from .account_type import AccountType  # noqa: E402
