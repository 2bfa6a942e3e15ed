from __future__ import annotations

from typing import ClassVar

from attrs import frozen

from sequence_runtime.models import Timestamp


@frozen(kw_only=True)
class DateWindow:
    """The time that was listed, which begins 90 days ago at the earliest."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "from_": "from",
    }

    from_: Timestamp
    """When it begins, this moment included."""
    to: Timestamp
    """When it ends, this moment included."""
    truncated: bool
    """Whether an earlier beginning was asked for, so that older results are not among these."""
