from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class AccountReference:
    """An account where another object mentions it."""

    id: str
    """The account's ID, `acc_…`."""
    name: str
    """Its name at that time."""
    type: AccountType
    """What kind of account it is."""


from .account_type import AccountType  # noqa: E402
