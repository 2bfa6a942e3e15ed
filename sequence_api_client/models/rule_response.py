from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Open


@frozen(kw_only=True)
class RuleResponse:
    """One rule."""

    request_id: str
    """Identifier of the request, as in the `X-Request-ID` header."""
    data: Open[Rule]
    """A rule in full."""


from .rule import Rule  # noqa: E402
