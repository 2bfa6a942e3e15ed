from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class RuleExecutionList:
    """One page of rule executions, ordered by `created_at`, the newest first."""

    request_id: str
    """The identifier of a request, `req_…` where the server made it; otherwise the one that came with the request."""
    data: list[RuleExecutionSummary]
    page_info: PageInfo
    """Where a page stands in its list."""


from .page_info import PageInfo  # noqa: E402
from .rule_execution_summary import RuleExecutionSummary  # noqa: E402
