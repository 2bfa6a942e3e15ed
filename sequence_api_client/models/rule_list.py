from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class RuleList:
    """The rules of the organization in short."""

    request_id: str
    """The identifier of a request, `req_…` where the server made it; otherwise the one that came with the request."""
    data: list[RuleSummary]


from .rule_summary import RuleSummary  # noqa: E402
