from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class CardTransactionList:
    """One page of a card's transactions, ordered by `created_at`, the newest first."""

    request_id: str
    """The identifier of a request, `req_…` where the server made it; otherwise the one that came with the request."""
    data: list[CardTransaction]
    page_info: PageInfo
    """Where a page stands in its list."""


from .card_transaction import CardTransaction  # noqa: E402
from .page_info import PageInfo  # noqa: E402
