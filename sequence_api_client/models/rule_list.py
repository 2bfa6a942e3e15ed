from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class RuleList:
    """The rules of the organization in short."""

    request_id: str
    """Identifier of the request, as in the `X-Request-ID` header."""
    data: list[RuleSummary]


from .rule_summary import RuleSummary  # noqa: E402
