from __future__ import annotations

from attrs import frozen

from sequence_runtime.models import Open


@frozen(kw_only=True)
class RuleResponse:
    """One rule."""

    request_id: str
    """The identifier of a request, `req_…` where the server made it; otherwise the one that came with the request."""
    data: Open[Rule]
    """A rule in full."""


from .rule import Rule  # noqa: E402
