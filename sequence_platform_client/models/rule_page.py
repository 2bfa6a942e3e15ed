from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class RulePage:
    """One page of rules in short."""

    items: list[RuleSummary]
    pagination: Pagination
    """Where a page stands in its list."""


from .pagination import Pagination  # noqa: E402
from .rule_summary import RuleSummary  # noqa: E402
