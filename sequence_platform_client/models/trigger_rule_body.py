from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class TriggerRuleBody:
    """How a rule is triggered."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "execute_amount": "executeAmount",
    }

    execute_amount: int | None = None
    """The amount in cents that the run begins with, and that the source is taken to hold; in a simulation, also
    what is taken to have come in. Fixed amounts stay as they are. Where it is not given, balances are as they
    are. (Inferred: its limits.)"""
    simulation: bool | None = None
    """Whether no money is moved; money is, where this is not given."""
