from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class AccountList:
    """The accounts of the organization."""

    request_id: str
    """Identifier of the request, as in the `X-Request-ID` header."""
    data: list[AccountSummary]


from .account_summary import AccountSummary  # noqa: E402
