from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class RuleExecutionPage:
    """One page of rule executions, ordered by `createdAt`, the newest first."""

    items: list[RuleExecutionSummary]
    pagination: Pagination
    """Where a page stands in its list."""


from .pagination import Pagination  # noqa: E402
from .rule_execution_summary import RuleExecutionSummary  # noqa: E402
