from __future__ import annotations

from typing import Any

from attrs import frozen

from sequence_runtime.models import OpenObject


@frozen(kw_only=True, slots=False, eq=False, repr=False)
class Condition(OpenObject):
    """A comparison of a fact, such as `BALANCE`, with a value. (Inferred: “comparison with a value”.)"""

    fact: str | None = None
    """What the condition is about, such as `BALANCE`. (Inferred: that it may be null.)"""
    operator: str | None = None
    """How it is compared, such as `GREATER_THAN`. (Inferred.)"""
    value: Any = None
    """What it is compared with; for a balance, cents. (Inferred.)"""
