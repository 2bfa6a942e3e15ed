from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class RuleExecutionResponse:
    """One rule execution, in a response."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "request_id": "requestId",
    }

    data: RuleExecution
    """A rule execution in full, with what triggered it, its outcome and the IDs of its transfers."""
    request_id: str
    """The identifier of a request, which is no UUID."""


from .rule_execution import RuleExecution  # noqa: E402
