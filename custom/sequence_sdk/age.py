"""Decides for how long an idempotency key may be sent, by all that is known of when it was used first."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from .clock import Moment

MARGIN = timedelta(hours=1)
"""How much sooner than the server forgets a key it is not sent any longer: clocks differ."""


def usable_for(kept: timedelta) -> timedelta:
    """How long after its first use a key is sent that the server remembers for so long."""
    return kept - min(MARGIN, kept / 2)


class Age(Struct, frozen=True):
    """What is known of when an idempotency key was used first."""

    first_sent: Moment | None = None
    """When it was sent first by a client of ours, as far as that is known."""
    first_used: datetime | None = None
    """When (UTC) it was used first, where its owner has said so."""

    def older(self, other: Age, now: Moment) -> Age:
        """What both know together."""
        sent = [moment for moment in (self.first_sent, other.first_sent) if moment is not None]
        return Age(
            first_sent=max(sent, key=lambda moment: moment.until(now), default=None),
            first_used=min(filter(None, (self.first_used, other.first_used)), default=None),
        )

    def usable_until(self, now: Moment, kept: timedelta) -> datetime | None:
        """Until when (UTC, by this machine's clock) the key may be sent; None where nothing is known of its first use.

        Args:
            now: This moment.
            kept: For how long the server remembers a key.
        """
        ends: list[datetime] = []
        if self.first_used is not None:
            ends.append(self.first_used + usable_for(kept))
        if self.first_sent is not None:
            earlier = max(timedelta(), self.first_sent.wall - (self.first_used or self.first_sent.wall))
            ends.append(now.wall + usable_for(kept) - self.first_sent.until(now) - earlier)
        return min(ends, default=None)
