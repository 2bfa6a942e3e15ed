from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class TransferPage:
    """One page of transfers, ordered by `createdAt`, the newest first."""

    items: list[Transfer]
    pagination: Pagination
    """Where a page stands in its list."""


from .pagination import Pagination  # noqa: E402
from .transfer import Transfer  # noqa: E402
