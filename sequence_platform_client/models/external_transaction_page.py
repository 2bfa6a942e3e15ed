from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class ExternalTransactionPage:
    """One page of external transactions, ordered by `transactionDate`, the newest first."""

    items: list[ExternalTransaction]
    pagination: Pagination
    """Where a page stands in its list."""
    window: DateWindow | None = None
    """The time that was listed."""


from .date_window import DateWindow  # noqa: E402
from .external_transaction import ExternalTransaction  # noqa: E402
from .pagination import Pagination  # noqa: E402
