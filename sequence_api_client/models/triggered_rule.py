from __future__ import annotations

from attrs import frozen


@frozen(kw_only=True)
class TriggeredRule:
    """The run that triggering a rule began."""

    execution_id: str
    """The rule execution's ID, `rex_…`."""
