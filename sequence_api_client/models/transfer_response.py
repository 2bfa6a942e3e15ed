from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class TransferResponse:
    """One transfer."""

    request_id: str
    """The identifier of a request, `req_…` where the server made it; otherwise the one that came with the request."""
    data: Transfer
    """Money moved from one account to another."""


from .transfer import Transfer  # noqa: E402
