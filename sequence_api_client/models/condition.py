from __future__ import annotations

from typing import Any

from attrs import frozen

from sequence_runtime.models import OpenObject


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class Condition(OpenObject):
    """A comparison of a fact, such as `BALANCE`, with a value."""

    fact: str | None = None
    """What is compared, such as `BALANCE`."""
    operator: str | None = None
    """How it is compared."""
    value: Any = None
    """What it is compared with; for a balance, cents."""
