from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class RuleExecutionList:
    """One page of a rule's executions, newest first."""

    request_id: str
    """Identifier of the request, as in the `X-Request-ID` header."""
    data: list[RuleExecutionSummary]
    page_info: PageInfo
    """Where a page stands in its list."""


from .page_info import PageInfo  # noqa: E402
from .rule_execution_summary import RuleExecutionSummary  # noqa: E402
