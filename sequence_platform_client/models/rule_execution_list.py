from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class RuleExecutionList:
    """One page of rule executions, in a response."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "request_id": "requestId",
    }

    data: RuleExecutionPage
    """One page of rule executions, ordered by `createdAt`, the newest first."""
    request_id: str
    """The identifier of a request, which is no UUID."""


from .rule_execution_page import RuleExecutionPage  # noqa: E402
