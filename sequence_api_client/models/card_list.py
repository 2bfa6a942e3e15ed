from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class CardList:
    """The cards of a pod."""

    request_id: str
    """The identifier of a request, `req_…` where the server made it; otherwise the one that came with the request."""
    data: list[Card]


from .card import Card  # noqa: E402
