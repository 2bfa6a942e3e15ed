from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class BeneficiaryPage:
    """One page of beneficiaries."""

    items: list[Beneficiary]
    pagination: Pagination
    """Where a page stands in its list."""


from .beneficiary import Beneficiary  # noqa: E402
from .pagination import Pagination  # noqa: E402
