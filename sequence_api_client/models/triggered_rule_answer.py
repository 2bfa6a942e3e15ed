from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class TriggeredRuleAnswer:
    """What triggering a rule is answered with."""

    request_id: str
    """Identifier of the request, as in the `X-Request-ID` header."""
    data: TriggeredRule
    """The run that triggering a rule began."""


from .triggered_rule import TriggeredRule  # noqa: E402
