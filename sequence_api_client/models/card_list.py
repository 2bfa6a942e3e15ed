from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class CardList:
    """The cards of a pod."""

    request_id: str
    """Identifier of the request, as in the `X-Request-ID` header."""
    data: list[Card]


from .card import Card  # noqa: E402
