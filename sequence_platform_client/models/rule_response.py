from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from sequence_runtime.models import Open


@frozen(kw_only=True)
class RuleResponse:
    """One rule, in a response."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "request_id": "requestId",
    }

    data: Open[Rule]
    """A rule in full."""
    request_id: str
    """The identifier of a request, which is no UUID."""


from .rule import Rule  # noqa: E402
