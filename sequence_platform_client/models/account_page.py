from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class AccountPage:
    """One page of accounts."""

    items: list[AccountSummary]
    pagination: Pagination
    """Where a page stands in its list."""


from .account_summary import AccountSummary  # noqa: E402
from .pagination import Pagination  # noqa: E402
