from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class AccountReference:
    """An account where another object mentions it."""

    id: str
    """The ID of an account, `acc_…`."""
    name: str
    """Its name."""
    type: AccountType
    """What kind of account it is."""


from .account_type import AccountType  # noqa: E402
