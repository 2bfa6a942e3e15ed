"""An organization's money: its accounts, what moves between them, and when. Knows nothing of HTTP.

Nothing happens by itself: `settle` does what was due by the clock's time, in its order.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable
from datetime import datetime, timedelta

from . import history, rules
from .clock import Clock, iso
from .documented import Json
from .records import CardTransaction, RuleExecution, Transfer, reference
from .timeline import Timeline

SUBMITTED_AFTER = timedelta(seconds=1)
"""How long after it was created a transfer is submitted to the payment network, and its source debited."""
COMPLETED_AFTER = timedelta(seconds=3)
"""How long after that it is complete, and its destination credited."""


class Organization:
    """Accounts, cards, rules, and everything that happened."""

    def __init__(
        self, clock: Clock, *, seed: int, card_transactions: int, transfers: int, rule_executions: int
    ) -> None:
        self.clock = clock
        self.accounts = history.accounts()
        self.account_details = history.account_details()
        self.cards = history.cards()
        self.rules = history.rules()
        self.card_transactions: Timeline[CardTransaction] = Timeline()
        self.transfers: Timeline[Transfer] = Timeline()
        self.rule_executions: Timeline[RuleExecution] = Timeline()
        for transaction in history.card_transactions(card_transactions, seed):
            self.card_transactions.add(transaction, [transaction.card_id])
        for transfer in history.transfers(transfers, seed, rule_executions):
            self.transfers.add(transfer, transfer.account_ids)
        for execution in history.rule_executions(rule_executions, self.transfers.get):
            self.rule_executions.add(execution, [execution.rule_id])
        self._settled = clock.now()
        self._under_way = 0
        self._numbers = itertools.count(1)
        self._due: list[tuple[datetime, int, Callable[[datetime], None]]] = []

    def account(self, account_id: str) -> Json | None:
        """An account with its details and its balance."""
        account = self.accounts.get(account_id)
        return account and {**account, **self.account_details[account_id]}

    def total(self) -> int:
        """All money in cents: what accounts hold less what is owed on them, and what is on its way. Never changes."""
        held: list[int] = [
            _sign(account) * self._balance(name)["balance_in_cents"] for name, account in self.accounts.items()
        ]
        return sum(held) + self._under_way

    def settle(self) -> None:
        """Do all that was due by now."""
        now = self.clock.now()
        while self._due and self._due[0][0] <= now:
            due, _, action = heapq.heappop(self._due)
            self._settled = max(self._settled, due)
            action(due)
        self._settled = max(self._settled, now)

    def create_transfer(
        self, source_id: str, destination_id: str, amount: int, *, at: datetime, execution: RuleExecution | None = None
    ) -> Transfer:
        """Begin to move money. It is refused later, when it is submitted, if there is not enough.

        What was asked for before `settle` got further than that begins where `settle` is: lists are in order of time.
        """
        at = max(at, self._settled)
        source, destination = self.accounts[source_id], self.accounts[destination_id]
        direction = "internal"
        if "external_account" in {source["type"], destination["type"]}:
            direction = "money_in" if source["type"] == "external_account" else "money_out"
        transfer = Transfer(
            id=f"txr_01HSBX{next(self._numbers):07}",
            amount_in_cents=amount,
            direction=direction,
            origin="user" if execution is None else "rule",
            status="processing",
            source=reference(source),
            destination=reference(destination),
            rule_id=None if execution is None else execution.rule_id,
            rule_execution_id=None if execution is None else execution.id,
            created=at,
        )
        self.transfers.add(transfer, transfer.account_ids)
        self._at(at + SUBMITTED_AFTER, lambda due: self._submit(transfer, source_id, destination_id, execution, due))
        return transfer

    def trigger_rule(self, rule_id: str, amount: int | None, *, at: datetime) -> RuleExecution:
        """Begin to run a rule; as for a transfer, not before what `settle` has already done."""
        at = max(at, self._settled)
        rule = self.rules[rule_id]
        execution = RuleExecution(
            id=f"rex_01HSBX{next(self._numbers):07}",
            rule_id=rule_id,
            rule_name=rule["nickname"],
            trigger_type="manual",
            status="in_progress",
            created=at,
            trigger_details={"type": "manual", "amount_in_cents": amount},
        )
        self.rule_executions.add(execution, [rule_id])
        self._at(at + SUBMITTED_AFTER, lambda due: self._run(execution, rule, amount, due))
        return execution

    def _at(self, due: datetime, action: Callable[[datetime], None]) -> None:
        heapq.heappush(self._due, (due, next(self._numbers), action))

    def _balance(self, account_id: str) -> Json:
        balance: Json = self.account_details[account_id]["balance"]
        return balance

    def _add(self, account_id: str, cents: int, at: datetime) -> None:
        """Money into an account, or out of it where the amount is negative; what is paid is owed no longer."""
        balance = self._balance(account_id)
        change = _sign(self.accounts[account_id]) * cents
        balance["balance_in_cents"] += change
        if balance["available_balance_in_cents"] is not None:
            balance["available_balance_in_cents"] += change
        balance["balance_last_updated_at"] = iso(at)
        self._under_way -= cents

    def _available(self, account_id: str) -> int:
        balance = self._balance(account_id)
        available = balance["available_balance_in_cents"]
        return int(balance["balance_in_cents"] if available is None else available)

    def _submit(
        self, transfer: Transfer, source_id: str, destination_id: str, execution: RuleExecution | None, at: datetime
    ) -> None:
        if self._available(source_id) < transfer.amount_in_cents:
            transfer.status, transfer.error_code = "incomplete", "INSUFFICIENT_FUNDS"
            self._continue(execution, at)
            return
        transfer.status = "pending"
        self._add(source_id, -transfer.amount_in_cents, at)
        self._at(at + COMPLETED_AFTER, lambda due: self._complete(transfer, destination_id, execution, due))

    def _complete(self, transfer: Transfer, destination_id: str, execution: RuleExecution | None, at: datetime) -> None:
        transfer.status, transfer.completed = "complete", at
        self._add(destination_id, transfer.amount_in_cents, at)
        self._continue(execution, at)

    def _run(self, execution: RuleExecution, rule: Json, amount: int | None, at: datetime) -> None:
        step = rules.matching_step(rule["steps"], self._situation(rule, amount, at))
        execution.step_index_matched = step
        if step is None:
            execution.status, execution.conditions_not_met = "executed", True
            return
        execution.actions = list(rule["steps"][step]["actions"])
        execution.rule, execution.amount = rule, amount
        self._continue(execution, at)

    def _continue(self, execution: RuleExecution | None, at: datetime) -> None:
        """Do the next action of a run, which ends with the last one or with the first one that fails."""
        if execution is None:
            return
        while execution.actions and all(transfer.status == "complete" for transfer in execution.transfers):
            action = execution.actions.pop(0)
            try:
                amount = rules.amount_of(action, self._situation(execution.rule, execution.amount, at))
            except rules.NoAmount as error:
                execution.error_message = str(error)
                break
            if amount > 0:
                route = action["source"]["id"], action["destination"]["id"]
                execution.transfers.append(self.create_transfer(*route, amount, at=at, execution=execution))
                return
        failed = [transfer for transfer in execution.transfers if transfer.status != "complete"]
        if failed:
            execution.error_message = failed[0].error_code
        complete = len(execution.transfers) - len(failed)
        execution.status = "executed" if execution.error_message is None else "partial" if complete else "failed"

    def _situation(self, rule: Json, amount: int | None, at: datetime) -> rules.Situation:
        balances = {account_id: self._balance(account_id) for account_id in self.accounts}
        return rules.Situation(now=at, account_id=rule["trigger"]["account_id"], amount=amount, balances=balances)


def _sign(account: Json) -> int:
    """-1 for an account whose balance is what is owed on it."""
    return -1 if account["external_account_type"] == "LIABILITY" else 1
