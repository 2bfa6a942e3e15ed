"""An organization's books: its accounts, cards and rules, all that happened, and what is due. Knows nothing of HTTP.

Nothing happens by itself: `settle` does what was due by the clock's time, in its order.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from types import MappingProxyType

from . import made_up
from .clock import Clock, iso
from .documented import Json
from .ledger import Ledger
from .records import CardTransaction, ExternalTransaction, LogEntry, RuleExecution, Transfer
from .timeline import Timeline
from .world import World

SETTLED_AFTER = timedelta(days=1)
"""How long an external transaction is pending."""


class Books:
    """Accounts, cards, rules, and everything that happened."""

    def __init__(self, clock: Clock, world: World) -> None:
        self.clock = clock
        self._accounts, self._details = world.accounts, world.account_details
        self._extras, self._rules = world.account_extras, world.rules
        # What belongs together is added together, by methods: an account without its balance breaks later responses.
        self.accounts: Mapping[str, Json] = MappingProxyType(self._accounts)
        self.account_details: Mapping[str, Json] = MappingProxyType(self._details)
        self.account_extras: Mapping[str, Json] = MappingProxyType(self._extras)
        self.beneficiaries: Mapping[str, Json] = MappingProxyType({**world.beneficiaries})
        self.cards: Mapping[str, Json] = MappingProxyType({**world.cards})
        self.rules: Mapping[str, Json] = MappingProxyType(self._rules)
        self.platform_only = world.platform_only
        in_flight = [one.amount_in_cents for one in world.transfers if one.status == "pending" and not one.is_simulated]
        self.ledger = Ledger(self._accounts, self._details, sum(in_flight))
        self.card_transactions: Timeline[CardTransaction] = Timeline()
        self.external_transactions: Timeline[ExternalTransaction] = Timeline()
        self.transfers: Timeline[Transfer] = Timeline()
        self.rule_executions: Timeline[RuleExecution] = Timeline()
        self.log: Timeline[LogEntry] = Timeline()
        self.observers: list[Callable[[str, str, datetime], object]] = []
        """Told of every change: of what kind of thing, its ID, and when."""
        for transaction in world.card_transactions:
            self.card_transactions.add(transaction, [transaction.card_id, transaction.account_id])
        for transfer in world.transfers:
            self.transfers.add(transfer, transfer.account_ids)
        for execution in world.rule_executions:
            self.rule_executions.add(execution, [execution.rule_id])
        for external in world.external_transactions:
            self.external_transactions.add(external, [external.account_id])
        self._settled = clock.now()
        self._numbers = itertools.count(world.next_number())
        self._due: list[tuple[datetime, int, Callable[[datetime], None]]] = []

    def account(self, account_id: str) -> Json | None:
        """An account with its details and its balance."""
        account = self.accounts.get(account_id)
        return account and {**account, **self.account_details[account_id]}

    def settle(self) -> None:
        """Do all that was due by now."""
        now = self.clock.now()
        while self._due and self._due[0][0] <= now:
            due, _, action = heapq.heappop(self._due)
            self._settled = max(self._settled, due)
            action(due)
        self._settled = max(self._settled, now)

    def create_account(self, kind: str, name: str, *, beneficiary: str, savings_target: int | None) -> str:
        """Open a pod or an income source, which holds nothing yet, and give its ID."""
        number, moment = next(self._numbers), iso(self.now())
        account_id = f"acc_01HSBX{number:07}"
        self._accounts[account_id] = {
            "id": account_id,
            "name": name,
            "type": kind,
            "description": None,
            "external_account_type": None,
            "beneficiary_name": beneficiary,
            "institution_name": "Sequence" if kind == "income_source" else None,
            "can_be_source": True,
            "can_be_destination": True,
            "created_at": moment,
            "updated_at": moment,
        }
        self._details[account_id] = {
            "routing_number": "••••0700",
            "bank_account_number": f"••••{number % 10_000:04}",
            "balance": made_up.balance(0, updated_at=moment, available=0),
        }
        self._extras[account_id] = {"savings_target_in_cents": savings_target}
        return account_id

    def create_rule(self, nickname: str | None, trigger: Json, steps: list[Json]) -> Json:
        """Add a rule, which is disabled until a person enables it."""
        rule_id, moment = f"rule_01HSBX{next(self._numbers):07}", iso(self.now())
        self._rules[rule_id] = {
            "id": rule_id,
            "nickname": nickname,
            "description": None,
            "status": "disabled",
            "trigger": trigger,
            "steps": steps,
            "created_at": moment,
            "updated_at": moment,
        }
        return self.rules[rule_id]

    def update_rule(self, rule_id: str, changes: Json) -> Json:
        """Change members of a rule; what runs already goes on as it began."""
        self._rules[rule_id] = {**self.rules[rule_id], **changes, "updated_at": iso(self.now())}
        return self.rules[rule_id]

    def add_card_transaction(
        self, card_id: str, cents: int, merchant_name: str, *, direction: str = "debit", is_payout: bool = False
    ) -> CardTransaction:
        """A purchase now, or a refund or a payout, which is a `credit`. Balances stay as they are.

        Raises:
            KeyError: There is no such card.
        """
        one = CardTransaction(
            id=f"ctxr_01HSBX{next(self._numbers):07}",
            amount_in_cents=cents,
            direction=direction,
            merchant_name=merchant_name,
            card_id=card_id,
            account_id=self.cards[card_id]["account_id"],
            created=self.now(),
            is_payout=is_payout,
        )
        self.card_transactions.add(one, [one.card_id, one.account_id])
        self._changed("card_transaction", one.id, one.created)
        return one

    def add_external_transaction(
        self, account_id: str, cents: int, description: str, *, direction: str = "money_out"
    ) -> ExternalTransaction:
        """A transaction at another bank, first seen now and settled a day later. Balances stay as they are.

        Raises:
            KeyError: There is no such account.
        """
        one = ExternalTransaction(
            id=f"etxr_01HSBX{next(self._numbers):07}",
            account_id=self.accounts[account_id]["id"],
            amount_in_cents=cents,
            direction=direction,
            status="pending",
            description=description,
            created=self.now(),
        )
        self.external_transactions.add(one, [account_id])
        self._changed("external_transaction", one.id, one.created)
        self._settle_later(one)
        return one

    def log_call(
        self, key_id: str, key_label: str, *, operation: str, path: str, reason: str | None, request_id: str,
        error_code: str | None,
    ) -> None:  # fmt: skip
        """Keep that a call was made with an API key."""
        entry = LogEntry(
            id=f"log_01HSBX{next(self._numbers):07}",
            created=self.now(),
            key_id=key_id,
            key_label=key_label,
            operation=operation,
            path=path,
            reason=reason,
            request_id=request_id,
            error_code=error_code,
        )
        self.log.add(entry, ["*", key_id])

    def now(self) -> datetime:
        """Now, or the time up to which `settle` got if that is later: lists are in order of time."""
        return max(self.clock.now(), self._settled)

    def _at(self, due: datetime, action: Callable[[datetime], None]) -> None:
        heapq.heappush(self._due, (due, next(self._numbers), action))

    def _changed(self, kind: str, identifier: str, at: datetime) -> None:
        for observer in self.observers:
            observer(kind, identifier, at)

    def _settle_later(self, one: ExternalTransaction) -> None:
        self._at(one.created + SETTLED_AFTER, lambda due: self._settle_external(one, due))

    def _settle_external(self, one: ExternalTransaction, at: datetime) -> None:
        one.status = "complete"
        self._changed("external_transaction", one.id, at)
