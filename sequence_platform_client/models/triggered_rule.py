from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class TriggeredRule:
    """The rule execution that triggering a rule began."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "execution_id": "executionId",
    }

    execution_id: str
    """The ID of a rule execution, a UUID."""
