from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class AccountSummary:
    """An account as lists show it, with the one that is linked to it."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "external_account_type": "externalAccountType",
        "beneficiary_name": "beneficiaryName",
        "institution_name": "institutionName",
        "can_be_source": "canBeSource",
        "can_be_destination": "canBeDestination",
        "created_at": "createdAt",
        "updated_at": "updatedAt",
        "deleted_at": "deletedAt",
        "linked_account": "linkedAccount",
    }

    id: str
    """The ID of an account, a UUID."""
    name: str
    """Its name."""
    type: AccountType
    """What kind of account it is: where money from outside arrives (`INCOME_SOURCE`), what it is divided into
    (`POD`), or one that Sequence does not manage, such as a bank account, a card or a loan
    (`EXTERNAL_ACCOUNT`)."""
    description: str | None
    """A note that somebody made; null where there is none."""
    external_account_type: ExternalAccountType | None
    """The kind of an external account; null for other accounts."""
    beneficiary_name: str | None
    """The name of the beneficiary."""
    institution_name: str | None
    """The name of the institution; null for a pod."""
    can_be_source: bool
    """Whether rules can move money out of it."""
    created_at: Timestamp
    """When it was created, UTC."""
    updated_at: Timestamp
    """When it was last updated, UTC."""
    deleted_at: Timestamp | None
    """When it was deleted, UTC; null where it was not."""
    can_be_destination: bool | None = None
    """Whether rules can move money into it."""
    linked_account: LinkedAccountSummary | None = None
    """The debt, kept by hand, that belongs to this pod; null for others."""


from .account_type import AccountType  # noqa: E402
from .external_account_type import ExternalAccountType  # noqa: E402
from .linked_account_summary import LinkedAccountSummary  # noqa: E402
