from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class TransferResponse:
    """One transfer."""

    request_id: str
    """Identifier of the request, as in the `X-Request-ID` header."""
    data: Transfer
    """Money moved from one account to another."""


from .transfer import Transfer  # noqa: E402
