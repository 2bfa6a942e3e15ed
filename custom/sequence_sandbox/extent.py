"""How much is made up that happened before a sandbox was made, and when it happened."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from attrs import frozen

LONGEST = 36_500
"""Days."""
_FRACTION = 0.6180339887498949
"""Multiples of it are spread over 0 to 1 as if they were drawn."""


@frozen(kw_only=True)
class Histories:
    """How much is made up that happened before.

    Raises:
        ValueError: A number is below 0, `days` is 0 or beyond a hundred years, or `recent` is no share.
    """

    transfers: int = 0
    card_transactions: int = 0
    rule_executions: int = 0
    external_transactions: int = 0
    days: float | None = None
    """How long it takes, each kind of it; without it, as long as the sandbox finds fit."""
    recent: float = 0.1
    """The share of it that is in the last tenth of that time; 0.1 is evenly spread."""
    variation: int = 0
    """Varies amounts and names."""

    def __attrs_post_init__(self) -> None:
        for name in ("transfers", "card_transactions", "rule_executions", "external_transactions", "variation"):
            if getattr(self, name) < 0:
                raise ValueError(f"{name} cannot be below 0")
        if self.days is not None and not 0 < self.days <= LONGEST:
            raise ValueError(f"days must be above 0 and {LONGEST} at most, not {self.days}")
        if not 0 < self.recent < 1:
            raise ValueError(f"recent must be a share between 0 and 1, not {self.recent}")
        if self.recent != 0.1 and self.days is None:
            raise ValueError("recent needs days, of which it is the last tenth")

    def moments(self, count: int, end: datetime, otherwise: Callable[[int], timedelta]) -> Callable[[int], datetime]:
        """When each of so many things happened; the one of number 0 is the newest.

        Args:
            count: How many there are.
            end: What all are before.
            otherwise: How long before that each one was, where `days` does not say.
        """
        if self.days is None:
            return lambda n: end - otherwise(n)
        span, recent = timedelta(days=self.days), self.recent

        def moment(n: int) -> datetime:
            part = (n + (n + self.variation) * _FRACTION % 1) / count
            age = part / recent * 0.1 if part < recent else 0.1 + (part - recent) / (1 - recent) * 0.9
            return (end - span * age).replace(microsecond=0)

        return moment
