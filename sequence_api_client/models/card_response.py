from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class CardResponse:
    """One card."""

    request_id: str
    """The identifier of a request, `req_…` where the server made it; otherwise the one that came with the request."""
    data: Card
    """A debit card, linked to a pod."""


from .card import Card  # noqa: E402
