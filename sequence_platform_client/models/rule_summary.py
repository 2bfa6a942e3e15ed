from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class RuleSummary:
    """A rule as lists show it, without its trigger and its steps."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "is_supported": "isSupported",
        "created_at": "createdAt",
        "updated_at": "updatedAt",
        "deleted_at": "deletedAt",
    }

    id: str
    """The ID of a rule, a UUID."""
    name: str | None
    """Its name."""
    description: str | None
    """Its description."""
    status: RuleStatus
    """Whether a rule is enabled or disabled. A disabled one can be simulated only."""
    is_supported: bool
    """Whether the API can express it. Otherwise it cannot be got in full."""
    created_at: Timestamp
    """When it was created, UTC."""
    updated_at: Timestamp
    """When it was last updated, UTC."""
    deleted_at: Timestamp | None
    """When it was deleted, UTC; null where it was not."""


from .rule_status import RuleStatus  # noqa: E402
