from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class CardTransactionPage:
    """One page of card transactions, ordered by `createdAt`, the newest first."""

    items: list[CardTransaction]
    pagination: Pagination
    """Where a page stands in its list."""


from .card_transaction import CardTransaction  # noqa: E402
from .pagination import Pagination  # noqa: E402
