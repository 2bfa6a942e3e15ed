from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class AccountResponse:
    """One account."""

    request_id: str
    """The identifier of a request, `req_…` where the server made it; otherwise the one that came with the request."""
    data: Account
    """An account with its masked account details and its current balance."""


from .account import Account  # noqa: E402
