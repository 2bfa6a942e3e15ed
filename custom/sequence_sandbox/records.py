"""What an organization has that changes or comes in great numbers, each with the JSON that the API shows of it."""

from __future__ import annotations

from datetime import datetime

from attrs import define, field

from .clock import iso
from .documented import Json


def reference(account: Json) -> Json:
    """An account where another object mentions it."""
    return {name: account[name] for name in ("id", "name", "type")}


@define(kw_only=True, eq=False)
class CardTransaction:
    """A purchase or a refund."""

    id: str
    amount_in_cents: int
    direction: str
    merchant_name: str
    card_id: str
    account_id: str
    created: datetime

    def to_json(self) -> Json:
        return {
            "id": self.id,
            "amount_in_cents": self.amount_in_cents,
            "direction": self.direction,
            "merchant_name": self.merchant_name,
            "card_id": self.card_id,
            "account_id": self.account_id,
            "created_at": iso(self.created),
        }


@define(kw_only=True, eq=False)
class Transfer:
    """Money on its way, or arrived."""

    id: str
    amount_in_cents: int
    direction: str
    origin: str
    status: str
    source: Json | None
    destination: Json | None
    created: datetime
    completed: datetime | None = None
    rule_id: str | None = None
    rule_execution_id: str | None = None
    error_code: str | None = None

    @property
    def account_ids(self) -> list[str]:
        return [side["id"] for side in (self.source, self.destination) if side is not None]

    def to_json(self) -> Json:
        return {
            "id": self.id,
            "amount_in_cents": self.amount_in_cents,
            "direction": self.direction,
            "origin": self.origin,
            "status": self.status,
            "source": self.source,
            "destination": self.destination,
            "rule_id": self.rule_id,
            "rule_execution_id": self.rule_execution_id,
            "error_code": self.error_code,
            "created_at": iso(self.created),
            "completed_at": self.completed and iso(self.completed),
        }


@define(kw_only=True, eq=False)
class RuleExecution:
    """A run of a rule."""

    id: str
    rule_id: str
    rule_name: str | None
    trigger_type: str
    status: str
    created: datetime
    trigger_details: Json
    step_index_matched: int | None = None
    conditions_not_met: bool = False
    transfers: list[Transfer] = field(factory=list[Transfer])
    error_message: str | None = None
    rule: Json = field(factory=dict[str, object])
    """The rule as it was when it was triggered, the amount that was asked for, and what is still to be done."""
    amount: int | None = None
    actions: list[Json] = field(factory=list[Json])

    def summary(self) -> Json:
        return {
            "id": self.id,
            "rule_id": self.rule_id,
            "rule_name": self.rule_name,
            "trigger_type": self.trigger_type,
            "status": self.status,
            "created_at": iso(self.created),
        }

    def to_json(self) -> Json:
        statuses = [transfer.status for transfer in self.transfers]
        in_flight = [status for status in statuses if status not in TERMINAL]
        return {
            **self.summary(),
            "trigger_details": self.trigger_details,
            "step_index_matched": self.step_index_matched,
            "conditions_not_met": self.conditions_not_met,
            "transfers_attempted": len(statuses),
            "transfers_completed": statuses.count("complete"),
            "transfers_failed": len(statuses) - statuses.count("complete") - len(in_flight),
            "transfers_pending": len(in_flight),
            "transfer_ids": [transfer.id for transfer in self.transfers],
            "error_message": self.error_message,
            "next_attempt_at": None,
        }


TERMINAL = {"complete", "incomplete", "error", "cancelled"}
"""The statuses in which a transfer stays."""
