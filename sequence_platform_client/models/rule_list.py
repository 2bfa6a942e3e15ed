from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class RuleList:
    """One page of rules, in a response."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "request_id": "requestId",
    }

    data: RulePage
    """One page of rules in short."""
    request_id: str
    """The identifier of a request, which is no UUID."""


from .rule_page import RulePage  # noqa: E402
