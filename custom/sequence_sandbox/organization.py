"""An organization's money: its accounts, what moves between them, and when. Knows nothing of HTTP.

Nothing happens by itself: `settle` does what was due by the clock's time, in its order.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta

from . import history, made_up, rules
from .clock import Clock, iso
from .documented import Json
from .ledger import Ledger
from .records import CardTransaction, ExternalTransaction, LogEntry, RuleExecution, Transfer, reference
from .timeline import Timeline

SUBMITTED_AFTER = timedelta(seconds=1)
"""How long after it was created a transfer is submitted to the payment network, and its source debited."""
COMPLETED_AFTER = timedelta(seconds=3)
"""How long after that it is complete, and its destination credited."""
SETTLED_AFTER = timedelta(days=1)
"""How long an external transaction is pending."""


class Organization:
    """Accounts, cards, rules, and everything that happened."""

    def __init__(
        self,
        clock: Clock,
        *,
        seed: int,
        card_transactions: int,
        transfers: int,
        rule_executions: int,
        external_transactions: int,
    ) -> None:
        self.clock = clock
        self.accounts = history.accounts()
        self.account_details = history.account_details()
        self.account_extras = made_up.account_extras()
        self.beneficiaries = made_up.beneficiaries()
        self.cards = history.cards()
        self.rules = history.rules()
        self.ledger = Ledger(self.accounts, self.account_details)
        self.card_transactions: Timeline[CardTransaction] = Timeline()
        self.external_transactions: Timeline[ExternalTransaction] = Timeline()
        self.transfers: Timeline[Transfer] = Timeline()
        self.rule_executions: Timeline[RuleExecution] = Timeline()
        self.log: Timeline[LogEntry] = Timeline()
        self.observers: list[Callable[[str, str, datetime], object]] = []
        """Told of every change: of what kind of thing, its ID, and when."""
        for transaction in history.card_transactions(card_transactions, seed):
            self.card_transactions.add(transaction, [transaction.card_id, transaction.account_id])
        for transfer in history.transfers(transfers, seed, rule_executions):
            self.transfers.add(transfer, transfer.account_ids)
        for execution in history.rule_executions(rule_executions, self.transfers.get):
            self.rule_executions.add(execution, [execution.rule_id])
        for external in made_up.external_transactions(external_transactions, seed, clock.now()):
            self.external_transactions.add(external, [external.account_id])
        self._settled = clock.now()
        self._numbers = itertools.count(1)
        self._due: list[tuple[datetime, int, Callable[[datetime], None]]] = []

    def account(self, account_id: str) -> Json | None:
        """An account with its details and its balance."""
        account = self.accounts.get(account_id)
        return account and {**account, **self.account_details[account_id]}

    def total(self) -> int:
        """All money in cents: what accounts hold less what is owed on them, and what is on its way. Never changes."""
        return self.ledger.total()

    def settle(self) -> None:
        """Do all that was due by now."""
        now = self.clock.now()
        while self._due and self._due[0][0] <= now:
            due, _, action = heapq.heappop(self._due)
            self._settled = max(self._settled, due)
            action(due)
        self._settled = max(self._settled, now)

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

    def create_account(self, kind: str, name: str, *, beneficiary: str, savings_target: int | None) -> str:
        """Open a pod or an income source, which holds nothing yet, and give its ID."""
        number, moment = next(self._numbers), iso(self.now())
        account_id = f"acc_01HSBX{number:07}"
        self.accounts[account_id] = {
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
        self.account_details[account_id] = {
            "routing_number": "••••0700",
            "bank_account_number": f"••••{number % 10_000:04}",
            "balance": made_up.balance(0, updated_at=moment, available=0),
        }
        self.account_extras[account_id] = {"savings_target_in_cents": savings_target}
        return account_id

    def create_rule(self, nickname: str | None, trigger: Json, steps: list[Json]) -> Json:
        """Add a rule, which is disabled until a person enables it."""
        rule_id, moment = f"rule_01HSBX{next(self._numbers):07}", iso(self.now())
        self.rules[rule_id] = {
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
        self.rules[rule_id] = {**self.rules[rule_id], **changes, "updated_at": iso(self.now())}
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
        self._at(one.created + SETTLED_AFTER, lambda due: self._settle_external(one, due))
        return one

    def create_transfer(
        self,
        source_id: str,
        destination_id: str,
        amount: int,
        *,
        at: datetime,
        description: str | None = None,
        is_simulated: bool = False,
    ) -> Transfer:
        """Begin to move money. It is refused later, when it is submitted, if there is not enough."""
        transfer = self._transfer(source_id, destination_id, amount, at=at, is_simulated=is_simulated)
        transfer.description = description
        ledger = self.ledger.copy() if is_simulated else self.ledger
        self._begin(transfer, ledger, None)
        return transfer

    def trigger_rule(
        self,
        rule_id: str,
        amount: int | None,
        *,
        at: datetime,
        replaces_fixed: bool = True,
        is_simulated: bool = False,
    ) -> RuleExecution:
        """Begin to run a rule; as for a transfer, not before what `settle` has already done.

        Args:
            rule_id: The rule.
            amount: Cents to run it with.
            at: When it was asked for.
            replaces_fixed: Whether the amount is moved instead of a fixed one; if not, it stands for the source's
                balance, and fixed amounts are moved as they are.
            is_simulated: Whether nothing is to move.
        """
        at = max(at, self._settled)
        rule = self.rules[rule_id]
        ledger = self.ledger
        if is_simulated:
            ledger = self.ledger.copy()
            if amount is not None:
                ledger.pretend(rules.source_of(rule), amount)
        execution = RuleExecution(
            id=f"rex_01HSBX{next(self._numbers):07}",
            rule_id=rule_id,
            rule_name=rule["nickname"],
            trigger_type="sequence_api",
            status="in_progress",
            created=at,
            trigger_details={"type": "sequence_api", "amount_in_cents": amount},
            is_simulated=is_simulated,
            rule=rule,
            amount=amount,
            replaces_fixed=replaces_fixed,
            ledger=ledger,
        )
        self.rule_executions.add(execution, [rule_id])
        self._at(at + SUBMITTED_AFTER, lambda due: self._run(execution, due))
        return execution

    def now(self) -> datetime:
        """Now, or the time up to which `settle` got if that is later: lists are in order of time."""
        return max(self.clock.now(), self._settled)

    def _at(self, due: datetime, action: Callable[[datetime], None]) -> None:
        heapq.heappush(self._due, (due, next(self._numbers), action))

    def _changed(self, kind: str, identifier: str, at: datetime) -> None:
        for observer in self.observers:
            observer(kind, identifier, at)

    def _set_status(self, transfer: Transfer, status: str, at: datetime, error_code: str | None = None) -> None:
        transfer.status, transfer.error_code = status, error_code
        if not transfer.is_simulated:
            self._changed("transfer", transfer.id, at)

    def _settle_external(self, one: ExternalTransaction, at: datetime) -> None:
        one.status = "complete"
        self._changed("external_transaction", one.id, at)

    def _transfer(
        self,
        source_id: str,
        destination_id: str,
        amount: int,
        *,
        at: datetime,
        execution: RuleExecution | None = None,
        is_simulated: bool,
    ) -> Transfer:
        """A transfer that begins now.

        What was asked for before `settle` got further than that begins where `settle` is: lists are in order of time.
        """
        source, destination = self.accounts[source_id], self.accounts[destination_id]
        direction = "internal"
        if "external_account" in {source["type"], destination["type"]}:
            direction = "money_in" if source["type"] == "external_account" else "money_out"
        origin = "user_pull" if direction == "money_in" else "user"
        return Transfer(
            id=f"txr_01HSBX{next(self._numbers):07}",
            amount_in_cents=amount,
            direction=direction,
            origin=origin if execution is None else "rule",
            status="processing",
            source=reference(source),
            destination=reference(destination),
            rule_id=None if execution is None else execution.rule_id,
            rule_execution_id=None if execution is None else execution.id,
            created=max(at, self._settled),
            is_simulated=is_simulated,
        )

    def _begin(self, transfer: Transfer, ledger: Ledger, execution: RuleExecution | None) -> None:
        self.transfers.add(transfer, transfer.account_ids)
        self._set_status(transfer, "processing", transfer.created)
        due = transfer.created + SUBMITTED_AFTER
        self._at(due, lambda due: self._submit(transfer, ledger, execution, due))

    def _submit(self, transfer: Transfer, ledger: Ledger, execution: RuleExecution | None, at: datetime) -> None:
        source_id, destination_id = transfer.account_ids
        available = ledger.available(source_id)
        if available is None or available < transfer.amount_in_cents:
            status, code = ("error", "NULL_BALANCE") if available is None else ("incomplete", "INSUFFICIENT_FUNDS")
            self._set_status(transfer, status, at, code)
            self._continue(execution, at)
            return
        ledger.add(source_id, -transfer.amount_in_cents, at)
        self._set_status(transfer, "pending", at)
        self._at(at + COMPLETED_AFTER, lambda due: self._complete(transfer, ledger, destination_id, execution, due))

    def _complete(
        self, transfer: Transfer, ledger: Ledger, destination_id: str, execution: RuleExecution | None, at: datetime
    ) -> None:
        transfer.completed = at
        ledger.add(destination_id, transfer.amount_in_cents, at)
        self._set_status(transfer, "complete", at)
        self._continue(execution, at)

    def _run(self, execution: RuleExecution, at: datetime) -> None:
        step = rules.matching_step(execution.rule["steps"], self._situation(execution, at))
        execution.step_index_matched = step
        if step is None:
            execution.status, execution.conditions_not_met = "executed", True
            return
        execution.actions = list(execution.rule["steps"][step]["actions"])
        self._continue(execution, at)

    def _continue(self, execution: RuleExecution | None, at: datetime) -> None:
        """Do the next action of a run, which ends with the last one or with the first one that fails."""
        if execution is None:
            return
        while execution.actions and all(transfer.status == "complete" for transfer in execution.transfers):
            action = execution.actions.pop(0)
            try:
                amount = self._amount(execution, action, at)
            except rules.NoAmount as error:
                execution.error_message = str(error)
                break
            if amount > 0:
                self._move(execution, action, amount, at)
                return
            execution.skipped += 1
        complete, failed, _ = execution.counts()
        if failed:
            execution.error_message = next(one.error_code for one in execution.transfers if one.status != "complete")
        execution.status = "executed" if execution.error_message is None else "partial" if complete else "failed"

    def _amount(self, execution: RuleExecution, action: Json, at: datetime) -> int:
        """How many cents an action moves, within its limit and, where it takes what there is, the balance."""
        amount = rules.amount_of(action, self._situation(execution, at))
        limit = action.get("limit")
        if limit is not None:
            start = rules.start_of(limit["period"], at)
            amount = min(amount, limit["amount_in_cents"] - self._moved(execution, action, start))
        if action.get("up_to_enabled"):
            amount = min(amount, _ledger(execution).available(action["source"]["id"]) or 0)
        return amount

    def _moved(self, execution: RuleExecution, action: Json, start: datetime | None) -> int:
        """What an action's group has moved in a period, None for none before this transfer."""
        if start is None:
            return 0
        group = execution.step_index_matched, action.get("group_index")
        found = self.transfers.select([action["source"]["id"]], start=start)
        return sum(
            one.amount_in_cents
            for one in found
            if (one.rule_id, one.group) == (execution.rule_id, group)
            and one.status in {"processing", "pending", "complete"}
            and (not one.is_simulated or one.rule_execution_id == execution.id)
        )

    def _move(self, execution: RuleExecution, action: Json, amount: int, at: datetime) -> None:
        route = action["source"]["id"], action["destination"]["id"]
        transfer = self._transfer(*route, amount, at=at, execution=execution, is_simulated=execution.is_simulated)
        step, group = execution.step_index_matched, action.get("group_index")
        transfer.group = None if step is None or group is None else (step, group)
        execution.transfers.append(transfer)
        self._begin(transfer, _ledger(execution), execution)

    def _situation(self, execution: RuleExecution, at: datetime) -> rules.Situation:
        balances, source_id = _ledger(execution).balances(), rules.source_of(execution.rule)
        pretended = execution.amount is not None and not execution.replaces_fixed and not execution.is_simulated
        if pretended and source_id in balances:
            gone = [one for one in execution.transfers if one.account_ids[0] == source_id]
            left = (execution.amount or 0) - sum(one.amount_in_cents for one in gone)
            balances[source_id] = {**balances[source_id], "balance_in_cents": left, "available_balance_in_cents": left}
        return rules.Situation(
            now=at,
            account_id=source_id,
            amount=execution.amount,
            balances=balances,
            replaces_fixed=execution.replaces_fixed,
        )


def _ledger(execution: RuleExecution) -> Ledger:
    assert execution.ledger is not None  # noqa: S101 - only executions of the past have none
    return execution.ledger
