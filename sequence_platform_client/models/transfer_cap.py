from __future__ import annotations

from typing import ClassVar

from attrs import frozen


@frozen(kw_only=True)
class TransferCap:
    """How much an action may move. A transfer is cut down to what may be moved each time; once a week, a month or
    a year has no more left, the action is passed over."""

    WIRE_NAMES: ClassVar[dict[str, str]] = {
        "amount_in_cents": "amountInCents",
    }

    period: CapPeriod
    """What a cap is about: each transfer, or all of a week from Monday, of a calendar month or of a calendar year."""
    amount_in_cents: int
    """The greatest amount in cents."""


from .cap_period import CapPeriod  # noqa: E402
