from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class CardTransactionList:
    """One page of a card's transactions, newest first."""

    request_id: str
    """Identifier of the request, as in the `X-Request-ID` header."""
    data: list[CardTransaction]
    page_info: PageInfo
    """Where a page stands in its list."""


from .card_transaction import CardTransaction  # noqa: E402
from .page_info import PageInfo  # noqa: E402
