from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class AccountResponse:
    """One account, in a response."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "request_id": "requestId",
    }

    data: Account
    """An account in full, with its account numbers, its balance and the account that is linked to it."""
    request_id: str
    """The identifier of a request, which is no UUID."""


from .account import Account  # noqa: E402
