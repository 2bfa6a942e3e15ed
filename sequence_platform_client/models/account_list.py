from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class AccountList:
    """One page of accounts, in a response."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "request_id": "requestId",
    }

    data: AccountPage
    """One page of accounts."""
    request_id: str
    """The identifier of a request, which is no UUID."""


from .account_page import AccountPage  # noqa: E402
