from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class NewRuleAccount:
    """An account that an action is to move money from or to."""

    id: str
    """The ID of an account, a UUID."""
    type: AccountType
    """What kind of account it is: where money from outside arrives (`INCOME_SOURCE`), what it is divided into
    (`POD`), or one that Sequence does not manage, such as a bank account, a card or a loan
    (`EXTERNAL_ACCOUNT`)."""


from .account_type import AccountType  # noqa: E402
