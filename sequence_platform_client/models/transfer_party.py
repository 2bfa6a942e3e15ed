from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class TransferParty:
    """An account that takes part in a transfer, or an outsider such as a cash machine."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "is_deleted": "isDeleted",
    }

    id: str | None
    """The account's ID; null for an outsider."""
    name: str
    """Its name, or the last one of a deleted account; `Unknown` where nothing is known of it any more."""
    type: TransferPartyType
    """What kind of account it is, or that it is none that Sequence knows (`EXTERNAL_ENTITY`)."""
    is_deleted: bool | None
    """Whether the account was deleted since; null for an outsider."""


from .transfer_party_type import TransferPartyType  # noqa: E402
