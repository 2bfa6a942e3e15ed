"""What an organization has that changes or comes in great numbers. How an API shows it is the API's concern."""

from __future__ import annotations

from datetime import datetime

from attrs import define, field, frozen

from .documented import Json
from .ledger import Ledger

TERMINAL = {"complete", "incomplete", "error", "cancelled"}
"""The statuses in which a transfer stays."""


def reference(account: Json) -> Json:
    """An account where another object mentions it."""
    return {name: account[name] for name in ("id", "name", "type")}


def direction_of(source: Json | None, destination: Json | None) -> str:
    """Where money goes that moves from one account to another, either of which can be nobody's here."""
    if source is None or source["type"] == "external_account":
        return "money_in"
    return "money_out" if destination is None or destination["type"] == "external_account" else "internal"


@define(kw_only=True, eq=False)
class CardTransaction:
    """A purchase, a refund, or a payout."""

    id: str
    amount_in_cents: int
    direction: str
    merchant_name: str
    card_id: str
    account_id: str
    created: datetime
    is_payout: bool = False


@define(kw_only=True, eq=False)
class ExternalTransaction:
    """What happened on an account at another bank."""

    id: str
    account_id: str
    amount_in_cents: int
    direction: str
    """`money_in` or `money_out`, as the account sees it."""
    status: str
    """`pending` or `complete`."""
    description: str
    created: datetime


@define(kw_only=True, eq=False)
class Transfer:
    """Money on its way, or arrived; or what a simulation pretends to be that."""

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
    description: str | None = None
    group: tuple[int, int] | None = None
    """Of a rule's transfer: its step and its group of actions, which share a limit."""
    is_simulated: bool = False

    @property
    def account_ids(self) -> list[str]:
        return [side["id"] for side in (self.source, self.destination) if side is not None]


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
    skipped: int = 0
    """How many of its actions had nothing to move."""
    error_message: str | None = None
    is_simulated: bool = False
    rule: Json = field(factory=dict[str, object])
    """The rule as it was when it was triggered, the amount that was asked for, and what is still to be done."""
    amount: int | None = None
    replaces_fixed: bool = True
    """Whether the amount is moved instead of a fixed one; if not, it stands for the source's balance."""
    actions: list[Json] = field(factory=list[Json])
    ledger: Ledger | None = None
    """The balances that it moves."""

    def counts(self) -> tuple[int, int, int]:
        """How many of its transfers are complete, have failed, and are on their way."""
        statuses = [transfer.status for transfer in self.transfers]
        complete, in_flight = statuses.count("complete"), sum(status not in TERMINAL for status in statuses)
        return complete, len(statuses) - complete - in_flight, in_flight


@frozen(kw_only=True)
class LogEntry:
    """A call that was made with an API key."""

    id: str
    created: datetime
    key_id: str
    key_label: str
    operation: str
    path: str
    reason: str | None
    """What the caller said that the call is made for."""
    request_id: str
    error_code: str | None
