from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class TransferList:
    """One page of an account's transfers, newest first."""

    request_id: str
    """Identifier of the request, as in the `X-Request-ID` header."""
    data: list[Transfer]
    page_info: PageInfo
    """Where a page stands in its list."""


from .page_info import PageInfo  # noqa: E402
from .transfer import Transfer  # noqa: E402
