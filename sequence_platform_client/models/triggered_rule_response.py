from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class TriggeredRuleResponse:
    """The response to triggering a rule."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "request_id": "requestId",
    }

    data: TriggeredRule
    """The rule execution that triggering a rule began."""
    request_id: str
    """The identifier of a request, which is no UUID."""


from .triggered_rule import TriggeredRule  # noqa: E402
