from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class CardResponse:
    """One card."""

    request_id: str
    """Identifier of the request, as in the `X-Request-ID` header."""
    data: Card
    """A debit card that spends from a pod."""


from .card import Card  # noqa: E402
