from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class TriggeredRuleResponse:
    """The response to triggering a rule."""

    request_id: str
    """Identifier of the request, as in the `X-Request-ID` header."""
    data: TriggeredRule
    """The run that triggering a rule began."""


from .triggered_rule import TriggeredRule  # noqa: E402
