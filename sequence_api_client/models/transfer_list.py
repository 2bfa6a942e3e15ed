from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class TransferList:
    """One page of transfers, ordered by `created_at`, the newest first."""

    request_id: str
    """The identifier of a request, `req_…` where the server made it; otherwise the one that came with the request."""
    data: list[Transfer]
    page_info: PageInfo | None = None
    """(Inferred.)"""


from .page_info import PageInfo  # noqa: E402
from .transfer import Transfer  # noqa: E402
