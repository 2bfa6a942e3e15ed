from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Open


@frozen(kw_only=True)
class RuleExecutionResponse:
    """One rule execution."""

    request_id: str
    """The identifier of a request, `req_…` where the server made it; otherwise the one that came with the request."""
    data: Open[RuleExecution]
    """A rule execution in full, with what triggered it, its outcome and the IDs of its transfers."""


from .rule_execution import RuleExecution  # noqa: E402
