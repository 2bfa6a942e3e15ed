from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class AccountList:
    """The accounts of the organization."""

    request_id: str
    """The identifier of a request, `req_…` where the server made it; otherwise the one that came with the request."""
    data: list[AccountSummary]


from .account_summary import AccountSummary  # noqa: E402
