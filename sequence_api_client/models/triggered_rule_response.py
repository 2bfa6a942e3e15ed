from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Open


@frozen(kw_only=True)
class TriggeredRuleResponse:
    """The response to triggering a rule."""

    request_id: str
    """The identifier of a request, `req_…` where the server made it; otherwise the one that came with the request."""
    data: Open[TriggeredRule]
    """The rule execution that triggering a rule began."""


from .triggered_rule import TriggeredRule  # noqa: E402
