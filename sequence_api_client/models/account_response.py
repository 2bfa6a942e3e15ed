from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class AccountResponse:
    """One account."""

    request_id: str
    """Identifier of the request, as in the `X-Request-ID` header."""
    data: Account
    """An account with its masked account details and its balance."""


from .account import Account  # noqa: E402
