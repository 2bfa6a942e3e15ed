from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Open


@frozen(kw_only=True)
class RuleExecutionResponse:
    """One rule execution."""

    request_id: str
    """Identifier of the request, as in the `X-Request-ID` header."""
    data: Open[RuleExecution]
    """A run of a rule, how it ended and the transfers that it made."""


from .rule_execution import RuleExecution  # noqa: E402
